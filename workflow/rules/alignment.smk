# What-then-where: causal-alignment search (paper, section 2; Q3 and Q4).

of_alignment = Stage("alignment", alike=tries_basic_formulas)


rule alignment:
    input:
        networks=of_alignment.reads("results", "networks"),
        formulas=formulas_of,
        code=code("alignment", "alignment", "algorithms", "mappings"),
    output:
        alignment=of_alignment.outputs("results", "alignment"),
        algorithms=of_alignment.outputs("results", "algorithms"),
        mappings=of_alignment.outputs("results", "mappings"),
    log:
        at("logs", "alignment.log"),
    benchmark:
        at("benchmarks", "alignment.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=of_alignment.megabytes,
        runtime=of_alignment.minutes,
        gpu=settings.engine["gpus_per_job"],
    params:
        parts=of_alignment.settings(protocols=protocols),
    message:
        "Search the causal alignments"
    script:
        "../scripts/alignment.py"


use rule alignment as alignment_alone with:
    output:
        alignment=[at("results", "alignment", "{shard}.parquet")],
        algorithms=[at("results", "algorithms", "{shard}.parquet")],
        mappings=[at("results", "mappings", "{shard}.parquet")],
    log:
        at("logs", "alignment", "{shard}.log"),
    benchmark:
        at("benchmarks", "alignment", "{shard}.tsv")
    wildcard_constraints:
        shard=of_alignment.alone,
    message:
        "{wildcards.shard}: search the causal alignments"
