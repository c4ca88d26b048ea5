# An independent check: the summary of some networks of every family with layers of at most 4,
# recounted by the plain module from the stored weights. On demand only.

recounted = [f for f in settings.used if max(f.hidden) <= 4]


rule recount:
    input:
        results=[
            at("results", artifact, f"{family.name}.parquet")
            for family in recounted
            for artifact in (
                "networks",
                "summary",
                "cells",
                "circuits",
                "interpretations",
            )
        ],
        code=code("recount", "recount"),
    output:
        parquet=at("results", "recount.parquet"),
        markdown=at("results", "recount.md"),
    log:
        at("logs", "recount.log"),
    benchmark:
        at("benchmarks", "recount.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 2
    resources:
        mem_mb=grows(4000),
        runtime=grows(30),
    params:
        families=[family.name for family in recounted],
        tables={gate.name: gate.table for family in recounted for gate in family.gates},
        effort=dict(
            cases=2,
            wide_cases=1,
            circuits=2_000,
            listed=100_000,
            listed_in_all=200_000,
            seed=0,
        ),
    message:
        "Recount some networks of every family with the plain module"
    script:
        "../scripts/recount.py"
