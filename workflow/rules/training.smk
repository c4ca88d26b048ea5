# All networks of a family, trained as published (paper, section 3).

of_training = Stage("training", trained)


rule training:
    input:
        datasets=of_training.reads("data", "datasets"),
        code=code("training", "networks"),
    output:
        networks=of_training.outputs("results", "networks"),
    log:
        at("logs", "training.log"),
    benchmark:
        at("benchmarks", "training.tsv")
    # First come the families that take longest, of which jobs wait for one another.
    priority: 1
    conda:
        "../../envs/pipeline.yaml"
    threads: threads_to_train
    resources:
        mem_mb=of_training.megabytes,
        runtime=of_training.minutes,
    params:
        parts=of_training.settings(family=family),
    message:
        "Train the networks"
    script:
        "../scripts/training.py"


use rule training as training_alone with:
    output:
        networks=[at("results", "networks", "{shard}.parquet")],
    log:
        at("logs", "training", "{shard}.log"),
    benchmark:
        at("benchmarks", "training", "{shard}.tsv")
    wildcard_constraints:
        shard=of_training.alone,
    message:
        "{wildcards.shard}: train the networks"
