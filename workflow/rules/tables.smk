# Tables, each as Parquet, CSV and Markdown.


rule table_1:
    input:
        summary=at("results", "summary", f"{settings.example_family}.parquet"),
        networks=at("results", "networks", f"{settings.example_family}.parquet"),
        circuits=at("results", "circuits", f"{settings.example_family}.parquet"),
        interpretations=at(
            "results", "interpretations", f"{settings.example_family}.parquet"
        ),
        formulas=at("results", "formulas", f"{settings.example_family}.parquet"),
        mappings=at("results", "mappings", f"{settings.example_family}.parquet"),
        code=code("table_1"),
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
        mem_mb=1000,
        runtime=10,
    params:
        tie_tolerance=settings.engine["tie_tolerance"],
        protocol=settings.protocols[settings.example_protocol],
    message:
        "Table 1: all interpretations of one circuit"
    script:
        "../scripts/table_1.py"


rule table_2:
    input:
        summary=at("results", "summary", f"{settings.example_family}.parquet"),
        networks=at("results", "networks", f"{settings.example_family}.parquet"),
        circuits=at("results", "circuits", f"{settings.example_family}.parquet"),
        interpretations=at(
            "results", "interpretations", f"{settings.example_family}.parquet"
        ),
        formulas=at("results", "formulas", f"{settings.example_family}.parquet"),
        mappings=at("results", "mappings", f"{settings.example_family}.parquet"),
        code=code("table_2"),
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
        mem_mb=1000,
        runtime=10,
    params:
        protocol=settings.protocols[settings.example_protocol],
    message:
        "Table 2: all minimal mappings of one network"
    script:
        "../scripts/table_2.py"


rule table_3:
    input:
        summary=at("results", "summary", f"{settings.basic_family}.parquet"),
        published="paper/published.yaml",
        code=code("table_3"),
    output:
        **table("table_3", "basic"),
    log:
        at("logs", "table_3.log"),
    benchmark:
        at("benchmarks", "table_3.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        family=settings.families[settings.basic_family],
    message:
        "Table 3, left half: means without noise"
    script:
        "../scripts/table_3.py"
