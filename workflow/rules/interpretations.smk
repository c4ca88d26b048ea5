# Where-then-what, second half: interpretations of the circuits (paper, section 2; Q2).


rule interpretations:
    input:
        networks=at("results", "networks", "{family}.parquet"),
        circuits=at("results", "circuits", "{family}.parquet"),
        code=code("interpretations", "interpretations"),
    output:
        at("results", "interpretations", "{family}.parquet"),
    log:
        at("logs", "interpretations", "{family}.log"),
    benchmark:
        at("benchmarks", "interpretations", "{family}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=2000,
        runtime=60,
    params:
        tie_tolerance=settings.engine["tie_tolerance"],
    message:
        "{wildcards.family}: count the interpretations"
    script:
        "../scripts/interpretations.py"
