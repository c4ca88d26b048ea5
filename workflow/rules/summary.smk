# Totals per network, target and protocol, and the answers to Q1-Q4.


rule summary:
    input:
        networks=at("results", "networks", "{family}.parquet"),
        cells=at("results", "cells", "{family}.parquet"),
        algorithms=at("results", "algorithms", "{family}.parquet"),
        noisy=noisy_of,
        code=code("summary", "summary"),
    output:
        at("results", "summary", "{family}.parquet"),
    log:
        at("logs", "summary", "{family}.log"),
    benchmark:
        at("benchmarks", "summary", "{family}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        protocols=protocols_of_family,
        max_hidden=counted_hidden,
    message:
        "{wildcards.family}: sum up"
    script:
        "../scripts/summary.py"
