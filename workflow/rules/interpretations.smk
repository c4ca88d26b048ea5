# Where-then-what, second half: interpretations of the circuits (paper, section 2; Q2).

of_interpretations = Stage("interpretations")


rule interpretations:
    input:
        networks=of_interpretations.reads("results", "networks"),
        circuits=of_interpretations.reads("results", "circuits"),
        code=code("interpretations", "interpretations", "cells"),
    output:
        interpretations=of_interpretations.outputs("results", "interpretations"),
        cells=of_interpretations.outputs("results", "cells"),
    log:
        at("logs", "interpretations.log"),
    benchmark:
        at("benchmarks", "interpretations.tsv")
    group:
        group_of_counts
    conda:
        "../../envs/pipeline.yaml"
    threads: threads_to_enumerate
    resources:
        mem_mb=of_interpretations.megabytes,
        runtime=of_interpretations.minutes,
    params:
        parts=of_interpretations.settings(
            reach=reach, drawn_per_cell=drawn_per_cell, tie_tolerance=tie_tolerance
        ),
    message:
        "Count the interpretations"
    script:
        "../scripts/interpretations.py"


use rule interpretations as interpretations_alone with:
    output:
        interpretations=[at("results", "interpretations", "{shard}.parquet")],
        cells=[at("results", "cells", "{shard}.parquet")],
    log:
        at("logs", "interpretations", "{shard}.log"),
    benchmark:
        at("benchmarks", "interpretations", "{shard}.tsv")
    wildcard_constraints:
        shard=of_interpretations.alone,
    priority: 1
    message:
        "{wildcards.shard}: count the interpretations"
