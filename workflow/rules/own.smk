# Networks of one's own: read instead of trained.


rule own_networks:
    input:
        files=files_of_networks,
        code=code("own_networks", "networks"),
    output:
        at("results", "networks", "{shard}.parquet"),
    log:
        at("logs", "own_networks", "{shard}.log"),
    benchmark:
        at("benchmarks", "own_networks", "{shard}.tsv")
    wildcard_constraints:
        shard=shard_of(f for f in settings.families.values() if f.files),
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(1500),
        runtime=grows(10),
    params:
        family=lambda wildcards: family(wildcards.shard),
    message:
        "{wildcards.shard}: read the networks"
    script:
        "../scripts/own_networks.py"
