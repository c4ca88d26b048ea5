# The samples that every network of a family is trained and validated on (paper, section 3).


rule datasets:
    input:
        code=code("datasets", "datasets"),
    output:
        at("data", "datasets", "{shard}.parquet"),
    log:
        at("logs", "datasets", "{shard}.log"),
    benchmark:
        at("benchmarks", "datasets", "{shard}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=megabytes_of("datasets"),
        runtime=minutes_of("datasets"),
    params:
        family=family,
    message:
        "{wildcards.shard}: draw the samples"
    script:
        "../scripts/datasets.py"
