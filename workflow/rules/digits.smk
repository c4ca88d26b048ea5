# Networks that tell two digits apart, and the circuits of their last layers (paper, section 4.3).


rule mnist_file:
    input:
        # Edits of the code do not download anything again.
        code=lambda wildcards: ancient(code("mnist_file")(wildcards)),
    output:
        at("data", "mnist", "{name}.gz"),
    log:
        at("logs", "mnist_file", "{name}.log"),
    benchmark:
        at("benchmarks", "mnist_file", "{name}.tsv")
    wildcard_constraints:
        name="|".join(MNIST),
    localrule: True
    conda:
        "../../envs/pipeline.yaml"
    params:
        sha256=lambda wildcards: MNIST[wildcards.name],
        mirrors=settings.digits.mirrors,
    message:
        "Download {wildcards.name}, once"
    script:
        "../scripts/mnist_file.py"


rule digit_images:
    input:
        files=files_of_images(),
        code=code("digit_images", "digit_images"),
    output:
        images_of_digits,
    log:
        at("logs", "digit_images.log"),
    benchmark:
        at("benchmarks", "digit_images.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(2000),
        runtime=grows(10),
    params:
        source=settings.digits,
    message:
        "Images of digits: {params.source.slug}"
    script:
        "../scripts/digit_images.py"


rule digit_training:
    input:
        images=images_of_digits,
        code=code("digit_training", "digit_networks", "digit_samples"),
    output:
        networks=at("results", "digit_networks", "{family}.parquet"),
        samples=at("results", "digit_samples", "{family}.parquet"),
    log:
        at("logs", "digit_training", "{family}.log"),
    benchmark:
        at("benchmarks", "digit_training", "{family}.tsv")
    wildcard_constraints:
        family=one_of(settings.digit_families.values()),
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(2000),
        runtime=grows(30),
    params:
        family=digit_family,
    message:
        "{wildcards.family}: train"
    script:
        "../scripts/digit_training.py"


rule digit_circuits:
    input:
        networks=at("results", "digit_networks", "{family}.parquet"),
        samples=at("results", "digit_samples", "{family}.parquet"),
        code=code("digit_circuits", "digit_circuits", "digit_summary"),
    output:
        circuits=at("results", "digit_circuits", "{family}.parquet"),
        summary=at("results", "digit_summary", "{family}.parquet"),
    log:
        at("logs", "digit_circuits", "{family}.log"),
    benchmark:
        at("benchmarks", "digit_circuits", "{family}.tsv")
    wildcard_constraints:
        family=one_of(settings.digit_families.values()),
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(2000),
        runtime=grows(30),
    params:
        sizes=lambda wildcards: digit_family(wildcards).circuit_sizes,
        protocols=[p for p in settings.shown if p.circuits == "all"],
    message:
        "{wildcards.family}: judge every circuit of the last layers"
    script:
        "../scripts/digit_circuits.py"
