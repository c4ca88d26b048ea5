# The explorer: a page in which every explanation of a network can be looked at, without a server.


rule explorer_data:
    input:
        networks=at("results", "networks", "{family}.parquet"),
        summary=at("results", "summary", "{family}.parquet"),
        circuits=at("results", "circuits", "{family}.parquet"),
        interpretations=at("results", "interpretations", "{family}.parquet"),
        cells=at("results", "cells", "{family}.parquet"),
        mappings=at("results", "mappings", "{family}.parquet"),
        formulas=formulas_of,
        schema="workflow/schemas/explorer.schema.yaml",
        code=code("explorer_data"),
    output:
        at("results", "explorer", "data", "{family}.js"),
    log:
        at("logs", "explorer_data", "{family}.log"),
    benchmark:
        at("benchmarks", "explorer_data", "{family}.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(3000),
        runtime=grows(10),
    params:
        networks=settings.explorer_networks,
        protocols=protocols_of_family,
        tie_tolerance=settings.engine["tie_tolerance"],
    message:
        "{wildcards.family}: what the explorer shows"
    script:
        "../scripts/explorer_data.py"


rule explorer:
    input:
        # Made by `make explorer` from explorer/, which needs Node; a run does not.
        page="workflow/explorer/index.html",
        data=[
            at("results", "explorer", "data", f"{family.name}.js")
            for family in settings.explored
        ],
        schema="workflow/schemas/explorer.schema.yaml",
        code=code("explorer"),
    output:
        page=at("results", "explorer", "index.html"),
        index=at("results", "explorer", "data", "index.js"),
    log:
        at("logs", "explorer.log"),
    benchmark:
        at("benchmarks", "explorer.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(1500),
        runtime=grows(10),
    params:
        families=list(settings.explored),
        protocols=list(settings.protocols.values()),
        start=basic.name,
    message:
        "The explorer: every explanation of a network, in a page"
    script:
        "../scripts/explorer.py"
