# A notebook for readers, with networks of their own.


rule tutorial:
    input:
        notebook="workflow/notebooks/tutorial.ipynb",
        code=code("tutorial", notebook="tutorial"),
    output:
        notebook=at("results", "tutorial", "tutorial.ipynb"),
        page=shown(at("results", "tutorial", "tutorial.html"), "tutorial"),
    log:
        at("logs", "tutorial.log"),
    benchmark:
        at("benchmarks", "tutorial.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(2000),
        runtime=grows(20),
    params:
        caption="A tutorial: a network trained in plain PyTorch, and every explanation of it.",
    message:
        "The tutorial: a network of one's own, from training to its explanations"
    script:
        "../scripts/tutorial.py"
