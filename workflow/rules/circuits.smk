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
    wildcard_constraints:
        shard=shard_of(f for f in settings.families.values() if not settings.is_wide(f)),
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=megabytes_of("circuits"),
        runtime=minutes_of("circuits"),
        gpu=settings.engine["gpus_per_job"],
    params:
        max_hidden=max_hidden,
        max_listed=settings.engine["max_listed"],
    message:
        "{wildcards.shard}: enumerate the circuits"
    script:
        "../scripts/circuits.py"


# Of networks with too many circuits to list them all: a job of minutes, on the CPU.
use rule circuits as wide_circuits with:
    wildcard_constraints:
        shard=shard_of(f for f in settings.families.values() if settings.is_wide(f)),
    threads: JOB_THREADS
    resources:
        mem_mb=megabytes_of("circuits"),
        runtime=minutes_of("circuits"),
