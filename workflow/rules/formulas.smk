# The candidate algorithms of every target, by depth (paper, section 2; D05, D06), and a list of
# their own for networks of one's own.


rule formulas:
    input:
        code=code("formulas", "formulas"),
    output:
        at("results", "formulas", "{listed}.parquet"),
    log:
        at("logs", "formulas", "{listed}.log"),
    benchmark:
        at("benchmarks", "formulas", "{listed}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(1500),
        runtime=grows(10),
    params:
        depth=depth_of_formulas,
        targets=targets_of_formulas,
        protocols=protocols_of_formulas,
    message:
        "List the formulas: {wildcards.listed}"
    script:
        "../scripts/formulas.py"
