# The samples that every network of a family is trained and validated on (paper, section 3).


rule datasets:
    input:
        code=code("datasets", "datasets"),
    output:
        at("data", "datasets", "{family}.parquet"),
    log:
        at("logs", "datasets", "{family}.log"),
    benchmark:
        at("benchmarks", "datasets", "{family}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        family=family,
    message:
        "{wildcards.family}: draw the samples"
    script:
        "../scripts/datasets.py"
