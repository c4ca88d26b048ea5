# The authors' own network (docs/authors.md): downloaded, explained, and held against what their
# notebook prints. `all` does without it; once it is there, the report has a section on it.


rule authors_file:
    input:
        # Edits of the code do not download anything again.
        code=lambda wildcards: ancient(code("authors_file")(wildcards)),
    output:
        at("data", "authors", "xor_mlp.pt"),
    log:
        at("logs", "authors_file.log"),
    benchmark:
        at("benchmarks", "authors_file.tsv")
    localrule: True
    conda:
        "../../envs/pipeline.yaml"
    params:
        source=settings.authors,
    message:
        "Get the authors' own network, once"
    script:
        "../scripts/authors_file.py"


rule authors_draws:
    input:
        networks=at("results", "networks", f"{AUTHORS}.parquet"),
        code=code("authors_draws", "draws"),
    output:
        at("results", "draws", f"{AUTHORS}.parquet"),
    log:
        at("logs", "authors_draws.log"),
    benchmark:
        at("benchmarks", "authors_draws.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(2000),
        runtime=grows(20),
    params:
        family=settings.families[AUTHORS],
        draws=settings.authors.draws,
        tie_tolerance=settings.engine["tie_tolerance"],
    message:
        "Count the circuits of the authors' network on {params.draws} samples of noisy inputs"
    script:
        "../scripts/authors_draws.py"


rule authors_check:
    input:
        summary=at("results", "summary", f"{AUTHORS}.parquet"),
        draws=rules.authors_draws.output[0],
        claims="paper/claims.yaml",
        code=code("authors_check"),
    output:
        check=AUTHORS_CHECK,
        figure=multiext(at("figures", "figure_authors"), ".svg", ".pdf", ".png"),
    log:
        at("logs", "authors_check.log"),
    benchmark:
        at("benchmarks", "authors_check.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(1500),
        runtime=grows(10),
    params:
        protocols=[p.name for p in settings.protocols_of(settings.families[AUTHORS])],
    message:
        "Hold what is found in the authors' network against what their notebook prints"
    script:
        "../scripts/authors_check.py"


rule authors:
    input:
        rules.authors_check.output,
        # The report, with a section on it, and a manifest that knows of both.
        at("paper", "replication.pdf"),
        at("results", "manifest.json"),
    localrule: True
    message:
        "The authors' own network is explained, and the report says so"
