# What-then-where: causal-alignment search (paper, section 2; Q3 and Q4).


rule alignment:
    input:
        networks=at("results", "networks", "{family}.parquet"),
        formulas=formulas_of,
        code=code("alignment", "alignment", "algorithms", "mappings"),
    output:
        alignment=at("results", "alignment", "{family}.parquet"),
        algorithms=at("results", "algorithms", "{family}.parquet"),
        mappings=at("results", "mappings", "{family}.parquet"),
    log:
        at("logs", "alignment", "{family}.log"),
    benchmark:
        at("benchmarks", "alignment", "{family}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
        gpu=settings.engine["gpus_per_job"],
    params:
        protocols=protocols_of_family,
    message:
        "{wildcards.family}: search the causal alignments"
    script:
        "../scripts/alignment.py"
