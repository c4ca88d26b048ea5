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
    wildcard_constraints:
        shard=shard_of(f for f in settings.families.values() if not settings.is_wide(f)),
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=megabytes_of("interpretations"),
        runtime=minutes_of("interpretations"),
    params:
        max_hidden=max_hidden,
        max_listed=settings.engine["max_listed"],
        drawn_per_cell=drawn_per_cell,
        tie_tolerance=settings.engine["tie_tolerance"],
    message:
        "{wildcards.shard}: count the interpretations"
    script:
        "../scripts/interpretations.py"


# Of networks with too many circuits to list them all: a job of minutes, on the CPU.
use rule interpretations as wide_interpretations with:
    wildcard_constraints:
        shard=shard_of(f for f in settings.families.values() if settings.is_wide(f)),
    threads: JOB_THREADS
