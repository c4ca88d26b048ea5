# All networks of a family, trained as published (paper, section 3).


rule training:
    input:
        datasets=at("data", "datasets", "{family}.parquet"),
        code=code("training", "networks"),
    output:
        at("results", "networks", "{family}.parquet"),
    log:
        at("logs", "training", "{family}.log"),
    benchmark:
        at("benchmarks", "training", "{family}.tsv")
    wildcard_constraints:
        family=one_of(f for f in settings.families.values() if f.is_trained),
    conda:
        "../../envs/pipeline.yaml"
    threads: lambda wildcards: 2 if family(wildcards).training.noise else 1
    resources:
        mem_mb=1000,
        runtime=30,
    params:
        family=family,
    message:
        "{wildcards.family}: train the networks"
    script:
        "../scripts/training.py"
