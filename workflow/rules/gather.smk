# Families that are cut into shards: what their shards hold, as one file a family and artifact.


rule gather:
    input:
        shards=lambda wildcards: [
            at(wildcards.folder, wildcards.artifact, f"{part}.parquet")
            for part in settings.shards[wildcards.family]
        ],
        code=code("gather"),
    output:
        at("{folder}", "{artifact}", "{family}.parquet"),
    log:
        at("logs", "gather", "{folder}", "{artifact}", "{family}.log"),
    benchmark:
        at("benchmarks", "gather", "{folder}", "{artifact}", "{family}.tsv")
    wildcard_constraints:
        folder="data|results",
        artifact="|".join(BY_SHARD),
        family=one_of(f for f in settings.families.values() if is_cut(f)),
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(1500),
        runtime=grows(5),
    message:
        "{wildcards.family}: put {wildcards.artifact} of its shards together"
    script:
        "../scripts/gather.py"
