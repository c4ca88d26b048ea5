# Circuits judged and read on noisy inputs, as released (D07).


rule noisy:
    input:
        networks=at("results", "networks", "{shard}.parquet"),
        code=code("noisy", "noisy"),
    output:
        at("results", "noisy", "{shard}.parquet"),
    log:
        at("logs", "noisy", "{shard}.log"),
    benchmark:
        at("benchmarks", "noisy", "{shard}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(2000),
        runtime=grows(20),
    params:
        family=lambda wildcards: family(wildcards.shard),
        noise=lambda wildcards: settings.reading_noise(family(wildcards.shard)),
        tie_tolerance=settings.engine["tie_tolerance"],
    message:
        "{wildcards.shard}: judge and read the circuits on noisy inputs"
    script:
        "../scripts/noisy.py"
