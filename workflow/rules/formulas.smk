# The candidate algorithms of every target of a family (paper, section 2; D05, D06).


rule formulas:
    input:
        code=code("formulas", "formulas"),
    output:
        at("results", "formulas", "{family}.parquet"),
    log:
        at("logs", "formulas", "{family}.log"),
    benchmark:
        at("benchmarks", "formulas", "{family}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=10,
    params:
        family=family,
        protocols=protocols,
    message:
        "{wildcards.family}: list the formulas"
    script:
        "../scripts/formulas.py"
