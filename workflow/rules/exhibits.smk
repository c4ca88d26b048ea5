# Every figure and table. What each shows, reads and says of itself stands in its own module, in
# scripts/identifiability/exhibits; these are the rules of them all, and their common targets.

for exhibit in EXHIBITS.values():

    rule:
        name:
            exhibit.rule
        input:
            unpack(inputs_of_exhibit(exhibit)),
            code=code(
                "exhibit",
                *contracts_of(exhibit),
                further=[exhibit.module, exhibit.writer],
            ),
        output:
            **shown_first(exhibit),
        log:
            at("logs", f"{exhibit.rule}.log"),
        benchmark:
            at("benchmarks", f"{exhibit.rule}.tsv")
        group:
            "drawing"
        conda:
            "../../envs/pipeline.yaml"
        threads: 1
        resources:
            mem_mb=MEGABYTES_TO_COMPARE,
            runtime=MINUTES_TO_COMPARE,
        params:
            exhibit=exhibit.name,
            # A dictionary, as Snakemake sees no change of objects of other kinds.
            scope=vars(scope_of(exhibit, settings)),
            caption=restructured(exhibit.caption),
        message:
            f"{exhibit.heading}: {exhibit.title}"
        script:
            "../scripts/exhibit.py"


for name, asked in targets().items():

    rule:
        name:
            name
        input:
            [files_of(exhibit) for exhibit in asked],
        localrule: True
        message:
            f"{name}: {', '.join(exhibit.rule for exhibit in asked)}"


rule figures:
    input:
        [files_of(exhibit) for exhibit in FIGURES],
    localrule: True
    message:
        "All figures"


rule tables:
    input:
        [files_of(exhibit) for exhibit in TABLES],
    localrule: True
    message:
        "All tables, and the verdicts on the claims"
