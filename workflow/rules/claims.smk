# The claims, measured and judged (paper, sections 5 to 7).


rule measure_claims:
    input:
        files=of_claims(),
        claims="paper/claims.yaml",
        code=code("measure_claims", "claims"),
    output:
        at("results", "claims.parquet"),
    log:
        at("logs", "measure_claims.log"),
    benchmark:
        at("benchmarks", "measure_claims.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        prefix=settings.prefix,
        families=in_use(),
        other=settings.left_out,
    message:
        "Verdicts on the paper's claims"
    script:
        "../scripts/measure_claims.py"
