# All networks of a family, trained as published (paper, section 3).


rule training:
    input:
        datasets=at("data", "datasets", "{shard}.parquet"),
        code=code("training", "networks"),
    output:
        at("results", "networks", "{shard}.parquet"),
    log:
        at("logs", "training", "{shard}.log"),
    benchmark:
        at("benchmarks", "training", "{shard}.tsv")
    wildcard_constraints:
        shard=shard_of(f for f in settings.families.values() if f.is_trained),
    conda:
        "../../envs/pipeline.yaml"
    threads: threads_to_train
    resources:
        mem_mb=megabytes_of("training"),
        runtime=minutes_of("training"),
    params:
        family=family,
    message:
        "{wildcards.shard}: train the networks"
    script:
        "../scripts/training.py"
