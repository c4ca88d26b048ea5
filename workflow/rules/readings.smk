# Every reading: the criteria of the protocols crossed, on the families of `size`, and on XOR.


rule every_reading:
    input:
        networks=at("results", "networks", "{family}.parquet"),
        cells=at("results", "cells", "{family}.parquet"),
        alignment=at("results", "alignment", "{family}.parquet"),
        formulas=lambda wildcards: at(
            "results",
            "formulas",
            f"{settings.families[wildcards.family].formulas}.parquet",
        ),
        code=code("every_reading", "readings"),
    output:
        at("results", "readings", "{family}.parquet"),
    log:
        at("logs", "readings", "{family}.log"),
    benchmark:
        at("benchmarks", "readings", "{family}.tsv")
    wildcard_constraints:
        family=one_of(crossed),
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(3000),
        runtime=grows(60),
    params:
        reach=lambda wildcards: reach_of(wildcards.family),
        analyse=settings.analysed,
    message:
        "{wildcards.family}: answer the questions under every reading"
    script:
        "../scripts/every_reading.py"


rule compare_readings:
    input:
        readings=[
            at("results", "readings", f"{family.name}.parquet") for family in crossed
        ],
        claims="paper/claims.yaml",
        code=code("compare_readings", "reading_shares", "reading_verdicts"),
    output:
        shares=at("results", "reading_shares.parquet"),
        verdicts=at("results", "reading_verdicts.parquet"),
    log:
        at("logs", "compare_readings.log"),
    benchmark:
        at("benchmarks", "compare_readings.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        prefix=settings.prefix,
    message:
        "Shares and verdicts under every reading"
    script:
        "../scripts/compare_readings.py"
