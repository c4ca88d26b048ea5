# Totals per network, target and protocol, and the answers to Q1-Q4.

of_summary = Stage("summary", alike=summed_up_together)


rule summary:
    input:
        networks=of_summary.reads("results", "networks"),
        cells=of_summary.reads("results", "cells"),
        algorithms=of_summary.reads("results", "algorithms"),
        noisy=of_summary.reads("results", "noisy", where=is_noisy),
        code=code("summary", "summary"),
    output:
        summary=of_summary.outputs("results", "summary"),
    log:
        at("logs", "summary.log"),
    benchmark:
        at("benchmarks", "summary.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=of_summary.megabytes,
        runtime=of_summary.minutes,
    params:
        parts=of_summary.settings(protocols=protocols, reach=reach, analyse=analysed),
    message:
        "Sum up"
    script:
        "../scripts/summary.py"


use rule summary as summary_alone with:
    output:
        summary=[at("results", "summary", "{shard}.parquet")],
    log:
        at("logs", "summary", "{shard}.log"),
    benchmark:
        at("benchmarks", "summary", "{shard}.tsv")
    wildcard_constraints:
        shard=of_summary.alone,
    message:
        "{wildcards.shard}: sum up"


rule k6:
    input:
        [
            at("results", "summary", f"{family.name}.parquet")
            for family in settings.experiments["exact"].single
        ],
    localrule: True
    message:
        "Experiment exact, width 6: counted without a cap, hours of work (not part of `all`)"
