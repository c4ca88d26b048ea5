# Where-then-what, second half: interpretations of the circuits (paper, section 2; Q2).


rule interpretations:
    input:
        networks=at("results", "networks", "{shard}.parquet"),
        circuits=at("results", "circuits", "{shard}.parquet"),
        code=code("interpretations", "interpretations", "cells"),
    output:
        interpretations=at("results", "interpretations", "{shard}.parquet"),
        cells=at("results", "cells", "{shard}.parquet"),
    log:
        at("logs", "interpretations", "{shard}.log"),
    benchmark:
        at("benchmarks", "interpretations", "{shard}.tsv")
    group:
        group_of_counts
    conda:
        "../../envs/pipeline.yaml"
    threads: threads_to_enumerate
    resources:
        mem_mb=megabytes_of("interpretations"),
        runtime=minutes_of("interpretations"),
    params:
        reach=reach,
        drawn_per_cell=drawn_per_cell,
        tie_tolerance=settings.engine["tie_tolerance"],
    message:
        "{wildcards.shard}: count the interpretations"
    script:
        "../scripts/interpretations.py"
