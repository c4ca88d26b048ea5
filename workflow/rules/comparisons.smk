# What experiments compare: the paper's box plots, the ladder, and counts under a cap.

# The figures in the paper's numbering: the experiments that each shows, and whether it shows one
# total per search strategy or two counts.
BOXES = {
    "3": {"experiments": ["size", "tasks"], "totals": True},
    "5": {"experiments": ["gate"], "totals": True},
    "6": {"experiments": ["gate"], "totals": False},
    "7": {"experiments": ["size"], "totals": False},
    "8": {"experiments": ["tasks"], "totals": False},
    "9": {"experiments": ["loss"], "totals": False},
}
LADDER = ["size", "tasks"]


rule figure_boxes:
    input:
        summaries=lambda wildcards: summaries(*BOXES[wildcards.figure]["experiments"]),
        claims="paper/claims.yaml",
        code=code("figure_boxes"),
    output:
        svg=report(
            at("figures", "figure_{figure}.svg"),
            caption="../report/figure_boxes.rst",
            category=lambda wildcards: BOXES[wildcards.figure]["experiments"][0],
        ),
        png=at("figures", "figure_{figure}.png"),
        pdf=at("figures", "figure_{figure}.pdf"),
    log:
        at("logs", "figure_{figure}.log"),
    benchmark:
        at("benchmarks", "figure_{figure}.tsv")
    wildcard_constraints:
        figure="|".join(BOXES),
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        experiments=lambda wildcards: [
            settings.experiments[e] for e in BOXES[wildcards.figure]["experiments"]
        ],
        totals=lambda wildcards: BOXES[wildcards.figure]["totals"],
        protocols=settings.shown,
    message:
        "Figure {wildcards.figure}: counts against what is varied"
    script:
        "../scripts/figure_boxes.py"


rule figure_ladder:
    input:
        summaries=lambda wildcards: summaries(*LADDER),
        code=code("figure_ladder"),
    output:
        **drawing("figure_ladder", "ladder"),
    log:
        at("logs", "figure_ladder.log"),
    benchmark:
        at("benchmarks", "figure_ladder.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        experiments=lambda wildcards: [settings.experiments[e] for e in LADDER],
    message:
        "The ladder: how often exactly one explanation is left, step by step"
    script:
        "../scripts/figure_ladder.py"


rule table_ladder:
    input:
        summaries=lambda wildcards: summaries(*LADDER),
        code=code("table_ladder", "tables/table_ladder"),
    output:
        **table("table_ladder", "ladder"),
    log:
        at("logs", "table_ladder.log"),
    benchmark:
        at("benchmarks", "table_ladder.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        experiments=lambda wildcards: [settings.experiments[e] for e in LADDER],
    message:
        "The ladder as a table"
    script:
        "../scripts/table_ladder.py"


rule figure_exact:
    input:
        summaries=summaries("exact"),
        code=code("figure_exact"),
    output:
        **drawing("figure_exact", "exact"),
    log:
        at("logs", "figure_exact.log"),
    benchmark:
        at("benchmarks", "figure_exact.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        families=settings.experiments["exact"].families,
        protocols=settings.shown,
    message:
        "How far each protocol's count lies under the exact one"
    script:
        "../scripts/figure_exact.py"


rule table_coverage:
    input:
        networks=of_exact("networks"),
        cells=of_exact("cells"),
        code=code("table_coverage", "tables/coverage"),
    output:
        **table("coverage", "exact"),
    log:
        at("logs", "table_coverage.log"),
    benchmark:
        at("benchmarks", "table_coverage.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        families=[
            f
            for f in settings.experiments["exact"].families
            if not settings.reach(f).estimated
        ],
        protocols=settings.shown,
        per_cell=settings.engine["drawn_per_cell"],
        tie_tolerance=settings.engine["tie_tolerance"],
    message:
        "Estimates of interpretations against their exact numbers"
    script:
        "../scripts/table_coverage.py"
