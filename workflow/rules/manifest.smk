# What made every file, when and where, and what it holds: for the auditor, and for archives.

# The RO-Crate describes the project's folder, so there is none of a run that lies elsewhere.
is_inside = (
    not Path(settings.prefix).is_absolute() and ".." not in Path(settings.prefix).parts
)


rule manifest:
    input:
        # What a run is for; what that is made from is found by the records of its jobs.
        made=[
            *rules.figures.input,
            *rules.tables.input,
            *rules.report.output,
            *rules.tutorial.output,
            *rules.audit_notebook.output,
            *rules.explorer.input.data,
            *rules.explorer.output,
            *of_all_shards(),
        ],
        citation="CITATION.cff",
        code=code("manifest"),
    output:
        **({"crate": at("ro-crate-metadata.json")} if is_inside else {}),
        manifest=at("results", "manifest.json"),
    log:
        at("logs", "manifest.log"),
    benchmark:
        at("benchmarks", "manifest.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(1500),
        runtime=grows(10),
    params:
        config={key: value for key, value in config.items() if key != "code_version"},
        config_files=config_files(),
    message:
        "The manifest and the RO-Crate: what made every file, when, where, and what it holds"
    script:
        "../scripts/manifest.py"
