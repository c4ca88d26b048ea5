# Replicates Méloux et al., "Everything, Everywhere, All at Once: Is Mechanistic Interpretability
# Identifiable?" (ICLR 2025), from training to figures. `make help` lists the targets.


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"


report: "workflow/report/workflow.rst"


container: config["container"]


wildcard_constraints:
    family=one_of([*settings.families.values(), *settings.digit_families.values()]),
    shard=shard_of(settings.families.values()),
    listed="|".join(
        ["depth-[1-9]", one_of(f for f in settings.families.values() if f.files)]
    ),


include: "workflow/rules/datasets.smk"
include: "workflow/rules/training.smk"
include: "workflow/rules/untrained.smk"
include: "workflow/rules/own.smk"
include: "workflow/rules/circuits.smk"
include: "workflow/rules/interpretations.smk"
include: "workflow/rules/noisy.smk"
include: "workflow/rules/formulas.smk"
include: "workflow/rules/alignment.smk"
include: "workflow/rules/summary.smk"
include: "workflow/rules/gather.smk"
include: "workflow/rules/digits.smk"
include: "workflow/rules/claims.smk"
include: "workflow/rules/readings.smk"
include: "workflow/rules/exhibits.smk"
include: "workflow/rules/authors.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/tutorial.smk"
include: "workflow/rules/audit.smk"
include: "workflow/rules/explorer.smk"
include: "workflow/rules/manifest.smk"


onstart:
    # Snakemake looks for jobs to start whenever one has ended. Its limit of jobs a second has each
    # look followed by another after a second, for as long as jobs wait, so that every job that ends
    # adds one look a second: minutes of work in a whole run. The limit is there to spare a cluster's
    # scheduler, and is lifted where jobs run on this machine.
    if workflow.local_exec:
        workflow.scheduler.job_rate_limiter = None


rule all:
    default_target: True
    input:
        rules.manifest.input.made,
        rules.manifest.output,
    localrule: True
    message:
        "All experiments, figures, tables and claims, the report and the manifest"
