# The claims and the differences, measured and judged (paper, sections 5 to 7).


rule claims:
    input:
        files=of_claims(),
        claims="paper/claims.yaml",
        code=code("claims", "claims", "tables/claims"),
    output:
        **table("claims", "claims"),
        claims=at("results", "claims.parquet"),
    log:
        at("logs", "claims.log"),
    benchmark:
        at("benchmarks", "claims.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        prefix=settings.prefix,
        families=in_use(),
    message:
        "Verdicts on the paper's claims"
    script:
        "../scripts/claims.py"


rule table_verdicts:
    input:
        measured=rules.claims.output.claims,
        claims="paper/claims.yaml",
        code=code("table_verdicts", "tables/verdicts"),
    output:
        **table("verdicts", "claims"),
    log:
        at("logs", "table_verdicts.log"),
    benchmark:
        at("benchmarks", "table_verdicts.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(1500),
        runtime=grows(10),
    message:
        "The verdicts in short"
    script:
        "../scripts/table_verdicts.py"


rule table_differences:
    input:
        files=of_differences,
        claims="paper/claims.yaml",
        differences="paper/differences.yaml",
        code=code("table_differences", "tables/differences"),
    output:
        **table("differences", "differences"),
    log:
        at("logs", "table_differences.log"),
    benchmark:
        at("benchmarks", "table_differences.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        prefix=settings.prefix,
        families=in_use(),
    message:
        "Differences between text and released code, each switched alone"
    script:
        "../scripts/table_differences.py"
