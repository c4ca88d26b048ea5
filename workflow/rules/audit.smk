# A notebook for auditors: a claim, followed to the weights of one network and recomputed. The audit
# itself is a command (`identifiability audit`): as a rule it would have made again what it looks
# at.


rule audit_notebook:
    input:
        notebook="workflow/notebooks/audit.ipynb",
        claims=rules.measure_claims.output[0],
        results=of_audited(),
        code=code("audit_notebook", notebook="audit"),
    output:
        notebook=at("results", "audit", "audit.ipynb"),
        page=shown(at("results", "audit", "audit.html"), "audit"),
    log:
        at("logs", "audit_notebook.log"),
    benchmark:
        at("benchmarks", "audit_notebook.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(2000),
        runtime=grows(20),
    params:
        caption="For auditors: claim C09, followed from the table of claims to the weights of one "
        "network, and recomputed.",
    message:
        "The audit's notebook: a claim, followed to one network and recomputed"
    script:
        "../scripts/audit_notebook.py"
