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
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        family=family,
    message:
        "{wildcards.family}: enumerate the circuits"
    script:
        "../scripts/circuits.py"
