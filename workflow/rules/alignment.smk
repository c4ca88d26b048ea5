# What-then-where: causal-alignment search (paper, section 2; Q3 and Q4).


rule alignment:
    input:
        networks=at("results", "networks", "{shard}.parquet"),
        formulas=formulas_of,
        code=code("alignment", "alignment", "algorithms", "mappings"),
    output:
        alignment=at("results", "alignment", "{shard}.parquet"),
        algorithms=at("results", "algorithms", "{shard}.parquet"),
        mappings=at("results", "mappings", "{shard}.parquet"),
    log:
        at("logs", "alignment", "{shard}.log"),
    benchmark:
        at("benchmarks", "alignment", "{shard}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=megabytes_of("alignment"),
        runtime=minutes_of("alignment"),
        gpu=settings.engine["gpus_per_job"],
    params:
        protocols=protocols_of_family,
    message:
        "{wildcards.shard}: search the causal alignments"
    script:
        "../scripts/alignment.py"
