# Figures, each as SVG, PNG and PDF.


rule figure_2:
    input:
        **of_example(),
        code=code("figure_2"),
    output:
        **drawing("figure_2", "example"),
    log:
        at("logs", "figure_2.log"),
    benchmark:
        at("benchmarks", "figure_2.tsv")
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
        "Figure 2: what both strategies find in one network"
    script:
        "../scripts/figure_2.py"


rule figure_4:
    input:
        **of_example(),
        code=code("figure_4"),
    output:
        **drawing("figure_4", "example"),
    log:
        at("logs", "figure_4.log"),
    benchmark:
        at("benchmarks", "figure_4.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        protocol=settings.protocols[settings.example_protocol],
    message:
        "Figure 4: the sparsest circuits of one network"
    script:
        "../scripts/figure_4.py"


rule figure_counts:
    input:
        summary=at("results", "summary", f"{basic.name}.parquet"),
        claims="paper/claims.yaml",
        code=code("figure_counts"),
    output:
        **drawing("figure_counts", "basic"),
    log:
        at("logs", "figure_counts.log"),
    benchmark:
        at("benchmarks", "figure_counts.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=MEGABYTES_TO_COMPARE,
        runtime=MINUTES_TO_COMPARE,
    params:
        family=basic,
        protocols=settings.shown,
    message:
        "Distribution of the four counts over the networks"
    script:
        "../scripts/figure_counts.py"
