# Networks of one's own: read instead of trained.


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
