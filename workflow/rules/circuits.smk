# Where-then-what, first half: perfect circuits (paper, section 2; Q1).

of_circuits = Stage("circuits")


rule circuits:
    input:
        networks=of_circuits.reads("results", "networks"),
        code=code("circuits", "circuits"),
    output:
        circuits=of_circuits.outputs("results", "circuits"),
    log:
        at("logs", "circuits.log"),
    benchmark:
        at("benchmarks", "circuits.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: threads_to_enumerate
    resources:
        mem_mb=of_circuits.megabytes,
        runtime=of_circuits.minutes,
        gpu=gpus_to_enumerate,
    params:
        parts=of_circuits.settings(reach=reach),
    message:
        "Enumerate the circuits"
    script:
        "../scripts/circuits.py"


use rule circuits as circuits_alone with:
    output:
        circuits=[at("results", "circuits", "{shard}.parquet")],
    log:
        at("logs", "circuits", "{shard}.log"),
    benchmark:
        at("benchmarks", "circuits", "{shard}.tsv")
    wildcard_constraints:
        shard=of_circuits.alone,
    priority: 1
    message:
        "{wildcards.shard}: enumerate the circuits"
