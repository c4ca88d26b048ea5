# Networks of one's own: read instead of trained, with formulas for what they compute.


rule own_networks:
    input:
        files=lambda wildcards: family(wildcards).files.paths,
        code=code("own_networks", "networks"),
    output:
        at("results", "networks", "{family}.parquet"),
    log:
        at("logs", "own_networks", "{family}.log"),
    benchmark:
        at("benchmarks", "own_networks", "{family}.tsv")
    wildcard_constraints:
        family=one_of(f for f in settings.families.values() if f.files),
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        family=family,
    message:
        "{wildcards.family}: read the networks"
    script:
        "../scripts/own_networks.py"


rule own_formulas:
    input:
        code=code("formulas", "formulas"),
    output:
        at("results", "formulas", "{family}.parquet"),
    log:
        at("logs", "own_formulas", "{family}.log"),
    benchmark:
        at("benchmarks", "own_formulas", "{family}.tsv")
    wildcard_constraints:
        family=one_of(f for f in settings.families.values() if f.files),
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=30,
    params:
        depth=lambda wildcards: depth_of(family(wildcards)),
        targets=lambda wildcards: family(wildcards).gates,
        protocols=protocols_of_family,
    message:
        "{wildcards.family}: list the formulas of what its networks compute"
    script:
        "../scripts/formulas.py"
