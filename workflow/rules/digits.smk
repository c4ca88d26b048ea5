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
        digit_images=images_of_digits,
        code=code("digit_training", "digit_networks", "digit_samples"),
    output:
        digit_networks=of_digits("digit_networks"),
        digit_samples=of_digits("digit_samples"),
    log:
        at("logs", "digit_training.log"),
    benchmark:
        at("benchmarks", "digit_training.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(2000),
        runtime=grows(60),
    params:
        parts={
            name: {"family": family}
            for name, family in settings.digit_families.items()
        },
    message:
        "Train networks to tell digits apart"
    script:
        "../scripts/digit_training.py"


rule digit_circuits:
    input:
        digit_networks=of_digits("digit_networks"),
        digit_samples=of_digits("digit_samples"),
        code=code("digit_circuits", "digit_circuits", "digit_summary"),
    output:
        digit_circuits=of_digits("digit_circuits"),
        digit_summary=of_digits("digit_summary"),
    log:
        at("logs", "digit_circuits.log"),
    benchmark:
        at("benchmarks", "digit_circuits.tsv")
    conda:
        "../../envs/pipeline.yaml"
    threads: 1
    resources:
        mem_mb=grows(2000),
        runtime=grows(60),
    params:
        parts={
            name: {
                "sizes": family.circuit_sizes,
                "protocols": [
                    p for p in settings.shown if p.circuits == "all" and not p.complete
                ],
            }
            for name, family in settings.digit_families.items()
        },
    message:
        "Judge every circuit of the last layers of the networks on digits"
    script:
        "../scripts/digit_circuits.py"
