# Totals per network, target and protocol, and the answers to Q1-Q4.


rule summary:
    input:
        networks=at("results", "networks", "{shard}.parquet"),
        cells=at("results", "cells", "{shard}.parquet"),
        algorithms=at("results", "algorithms", "{shard}.parquet"),
        noisy=noisy_of,
        code=code("summary", "summary"),
    output:
        at("results", "summary", "{shard}.parquet"),
    log:
        at("logs", "summary", "{shard}.log"),
    benchmark:
        at("benchmarks", "summary", "{shard}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=megabytes_of("summary"),
        runtime=minutes_of("summary"),
    params:
        protocols=protocols_of_family,
        reach=reach,
    message:
        "{wildcards.shard}: sum up"
    script:
        "../scripts/summary.py"


rule k6:
    input:
        [
            at("results", "summary", f"{family.name}.parquet")
            for family in settings.experiments["exact"].single
        ],
    localrule: True
    message:
        "Experiment exact, width 6: counted without a cap, hours of work (not part of `all`)"
