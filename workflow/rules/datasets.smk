# The samples that every network of a family is trained and validated on (paper, section 3).

of_datasets = Stage("datasets", trained)


rule datasets:
    input:
        code=code("datasets", "datasets"),
    output:
        datasets=of_datasets.outputs("data", "datasets"),
    log:
        at("logs", "datasets.log"),
    benchmark:
        at("benchmarks", "datasets.tsv")
    # First come the families that take longest, of which jobs wait for one another.
    priority: 1
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=of_datasets.megabytes,
        runtime=of_datasets.minutes,
    params:
        parts=of_datasets.settings(family=family),
    message:
        "Draw the samples"
    script:
        "../scripts/datasets.py"


use rule datasets as datasets_alone with:
    output:
        datasets=[at("data", "datasets", "{shard}.parquet")],
    log:
        at("logs", "datasets", "{shard}.log"),
    benchmark:
        at("benchmarks", "datasets", "{shard}.tsv")
    wildcard_constraints:
        shard=of_datasets.alone,
    message:
        "{wildcards.shard}: draw the samples"
