# The explorer: a page in which every explanation of a network can be looked at, without a server.

of_explorer = Stage(
    "summary", alike=lambda f: tries_basic_formulas(f) and summed_up_together(f)
)


rule explorer_data:
    input:
        networks=of_explorer.reads("results", "networks"),
        summary=of_explorer.reads("results", "summary"),
        circuits=of_explorer.reads("results", "circuits"),
        interpretations=of_explorer.reads("results", "interpretations"),
        cells=of_explorer.reads("results", "cells"),
        mappings=of_explorer.reads("results", "mappings"),
        formulas=formulas_of,
        schema="workflow/schemas/explorer.schema.yaml",
        code=code("explorer_data"),
    output:
        data=[
            at("results", "explorer", "data", f"{name}.js")
            for name in of_explorer.shared
        ],
    log:
        at("logs", "explorer_data.log"),
    benchmark:
        at("benchmarks", "explorer_data.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(3000),
        runtime=grows(10),
    params:
        parts=of_explorer.settings(
            protocols=protocols,
            networks=lambda shard: settings.explorer_networks,
            tie_tolerance=tie_tolerance,
        ),
    message:
        "What the explorer shows of every family"
    script:
        "../scripts/explorer_data.py"


use rule explorer_data as explorer_data_alone with:
    output:
        data=[at("results", "explorer", "data", "{shard}.js")],
    log:
        at("logs", "explorer_data", "{shard}.log"),
    benchmark:
        at("benchmarks", "explorer_data", "{shard}.tsv")
    wildcard_constraints:
        shard=one_of(f for f in settings.explored if f.name not in of_explorer.shared),
    message:
        "{wildcards.shard}: what the explorer shows"


rule explorer:
    input:
        # Made by `make explorer` from explorer/, which needs Node; a run does not.
        page="workflow/explorer/index.html",
        figure=at("figures", "figure_uniqueness.svg"),
        data=[
            at("results", "explorer", "data", f"{family.name}.js")
            for family in settings.explored
        ],
        schema="workflow/schemas/explorer.schema.yaml",
        code=code("explorer"),
    output:
        page=at("results", "explorer", "index.html"),
        figure=at("results", "explorer", "uniqueness.svg"),
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
