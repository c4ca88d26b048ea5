# Circuits judged and read on noisy inputs, as released (D07).


rule noisy:
    input:
        networks=at("results", "networks", "{family}.parquet"),
        code=code("noisy", "noisy"),
    output:
        at("results", "noisy", "{family}.parquet"),
    log:
        at("logs", "noisy", "{family}.log"),
    benchmark:
        at("benchmarks", "noisy", "{family}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        family=family,
        tie_tolerance=settings.engine["tie_tolerance"],
    message:
        "{wildcards.family}: judge and read the circuits on noisy inputs"
    script:
        "../scripts/noisy.py"
