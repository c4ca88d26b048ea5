# Where-then-what, first half: perfect circuits (paper, section 2; Q1).


rule circuits:
    input:
        networks=at("results", "networks", "{family}.parquet"),
        code=code("circuits", "circuits"),
    output:
        at("results", "circuits", "{family}.parquet"),
    log:
        at("logs", "circuits", "{family}.log"),
    benchmark:
        at("benchmarks", "circuits", "{family}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: threads_of
    resources:
        mem_mb=memory_of,
        runtime=60,
        gpu=settings.engine["gpus_per_job"],
    params:
        max_hidden=max_hidden,
        max_listed=settings.engine["max_listed"],
    message:
        "{wildcards.family}: enumerate the circuits"
    script:
        "../scripts/circuits.py"
