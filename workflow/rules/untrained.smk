# Random initialisations that happen to compute a gate (paper, appendix D.4).


rule untrained_networks:
    input:
        code=code("untrained_networks", "networks", "untrained"),
    output:
        networks=at("results", "networks", "{family}.parquet"),
        untrained=at("results", "untrained", "{family}.parquet"),
    log:
        at("logs", "untrained_networks", "{family}.log"),
    benchmark:
        at("benchmarks", "untrained_networks", "{family}.tsv")
    wildcard_constraints:
        family=one_of(f for f in settings.families.values() if f.untrained_draws),
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(1500),
        runtime=grows(30),
    params:
        family=lambda wildcards: family(wildcards.family),
    message:
        "{wildcards.family}: draw networks until enough compute a gate"
    script:
        "../scripts/untrained_networks.py"
