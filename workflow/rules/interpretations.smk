# Where-then-what, second half: interpretations of the circuits (paper, section 2; Q2).


rule interpretations:
    input:
        networks=at("results", "networks", "{family}.parquet"),
        circuits=at("results", "circuits", "{family}.parquet"),
        code=code("interpretations", "interpretations", "cells"),
    output:
        interpretations=at("results", "interpretations", "{family}.parquet"),
        cells=at("results", "cells", "{family}.parquet"),
    log:
        at("logs", "interpretations", "{family}.log"),
    benchmark:
        at("benchmarks", "interpretations", "{family}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: threads_of
    resources:
        mem_mb=memory_to_count,
        runtime=minutes_to_count,
    params:
        max_hidden=max_hidden,
        max_listed=settings.engine["max_listed"],
        drawn_per_cell=drawn_per_cell,
        tie_tolerance=settings.engine["tie_tolerance"],
    message:
        "{wildcards.family}: count the interpretations"
    script:
        "../scripts/interpretations.py"
