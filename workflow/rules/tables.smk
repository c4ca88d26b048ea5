# Tables, each as Parquet, CSV and Markdown.


rule table_1:
    input:
        **of_example(),
        code=code("table_1", "tables/table_1"),
    output:
        **table("table_1", "example"),
    log:
        at("logs", "table_1.log"),
    benchmark:
        at("benchmarks", "table_1.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        tie_tolerance=settings.engine["tie_tolerance"],
        protocol=settings.protocols[settings.example_protocol],
    message:
        "Table 1: all interpretations of one circuit"
    script:
        "../scripts/table_1.py"


rule table_2:
    input:
        **of_example(),
        code=code("table_2", "tables/table_2"),
    output:
        **table("table_2", "example"),
    log:
        at("logs", "table_2.log"),
    benchmark:
        at("benchmarks", "table_2.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        protocol=settings.protocols[settings.example_protocol],
    message:
        "Table 2: all minimal mappings of one network"
    script:
        "../scripts/table_2.py"


rule table_3:
    input:
        files=of_claims("C15", "C16", "C17", "C18", "C19", "C20"),
        claims="paper/claims.yaml",
        code=code("table_3", "tables/table_3"),
    output:
        **table("table_3", "noise"),
    log:
        at("logs", "table_3.log"),
    benchmark:
        at("benchmarks", "table_3.tsv")
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
        "Table 3: means without and with noise in training"
    script:
        "../scripts/table_3.py"


rule table_4:
    input:
        files=of_claims("C21", "C22", "C23", "C24", "C25", "C26"),
        claims="paper/claims.yaml",
        code=code("table_4", "tables/table_4"),
    output:
        **table("table_4", "distribution"),
    log:
        at("logs", "table_4.log"),
    benchmark:
        at("benchmarks", "table_4.tsv")
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
        "Table 4: regressions on the entropy of the inputs"
    script:
        "../scripts/table_4.py"


rule table_tests:
    input:
        files=of_claims("C11", "C12", "C13"),
        claims="paper/claims.yaml",
        code=code("table_tests", "tables/tests"),
    output:
        **table("tests", "claims"),
    log:
        at("logs", "table_tests.log"),
    benchmark:
        at("benchmarks", "table_tests.tsv")
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
        "Tests between numbers of tasks, and between loss cutoffs"
    script:
        "../scripts/table_tests.py"


rule table_untrained:
    input:
        untrained=at("results", "untrained", f"{untrained_family}.parquet"),
        summary=at("results", "summary", f"{untrained_family}.parquet"),
        code=code("table_untrained", "tables/untrained"),
    output:
        **table("untrained", "untrained"),
    log:
        at("logs", "table_untrained.log"),
    benchmark:
        at("benchmarks", "table_untrained.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        protocols=[protocol.name for protocol in settings.shown],
    message:
        "Untrained networks that compute a gate: how rare, and how ambiguous"
    script:
        "../scripts/table_untrained.py"
