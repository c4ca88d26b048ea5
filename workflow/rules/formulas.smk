# The candidate algorithms of every target, by depth (paper, section 2; D05, D06).


rule formulas:
    input:
        code=code("formulas", "formulas"),
    output:
        at("results", "formulas", "depth-{depth}.parquet"),
    log:
        at("logs", "formulas", "depth-{depth}.log"),
    benchmark:
        at("benchmarks", "formulas", "depth-{depth}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        depth=lambda wildcards: int(wildcards.depth),
        targets=targets_of_depth,
        protocols=list(settings.protocols.values()),
    message:
        "List the formulas of depth {wildcards.depth}"
    script:
        "../scripts/formulas.py"
