# The report: what its text says, and the document.


rule facts:
    input:
        **of_example(),
        summaries=[
            at("results", "summary", f"{family.name}.parquet")
            for family in settings.used
        ],
        algorithms=[
            at("results", "algorithms", f"{family.name}.parquet")
            for family in settings.experiments["size"].families
        ],
        measured=rules.measure_claims.output[0],
        tables=[at(exhibit.paths["parquet"]) for exhibit in TABLES],
        claims="paper/claims.yaml",
        differences="paper/differences.yaml",
        source="paper/replication.typ",
        # The tables are imported by name.
        code=code("facts", further=[exhibit.module for exhibit in TABLES]),
    output:
        at("results", "facts.json"),
    log:
        at("logs", "facts.log"),
    benchmark:
        at("benchmarks", "facts.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        settings=settings,
        # A run of these has to bear out what the report says.
        whole=settings.experiments == papers_experiments(),
    message:
        "What the report says: every number of its text and tables"
    script:
        "../scripts/facts.py"


rule report:
    input:
        facts=rules.facts.output[0],
        figures=[at(exhibit.paths["pdf"]) for exhibit in FIGURES],
        authors=with_authors,
        source="paper/replication.typ",
        style="paper/style.typ",
        references="paper/references.yml",
        code=code("report"),
    output:
        shown(at("paper", "replication.pdf"), "report"),
    log:
        at("logs", "report.log"),
    benchmark:
        at("benchmarks", "report.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(1500),
        runtime=grows(10),
    params:
        caption="The whole replication as a paper: question, methods, figures and tables, the "
        "verdicts on the claims, what they mean for the paper's conclusion, and the limits.",
    message:
        "The report, as PDF"
    script:
        "../scripts/report.py"
