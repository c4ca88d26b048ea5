# Where-then-what, first half: perfect circuits (paper, section 2; Q1).


rule circuits:
    input:
        networks=at("results", "networks", "{shard}.parquet"),
        code=code("circuits", "circuits"),
    output:
        at("results", "circuits", "{shard}.parquet"),
    log:
        at("logs", "circuits", "{shard}.log"),
    benchmark:
        at("benchmarks", "circuits", "{shard}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: threads_to_enumerate
    resources:
        mem_mb=megabytes_of("circuits"),
        runtime=minutes_of("circuits"),
        gpu=gpus_to_enumerate,
    params:
        reach=reach,
    message:
        "{wildcards.shard}: enumerate the circuits"
    script:
        "../scripts/circuits.py"
