# Settings and helpers that the other rule files share.
import sys
from functools import cache
from pathlib import Path

import yaml

scripts = Path(workflow.basedir) / "workflow" / "scripts"
notebooks = Path(workflow.basedir) / "workflow" / "notebooks"
# The library needs no installation: it lies beside the scripts.
sys.path.insert(0, str(scripts))

from identifiability.authors.settings import SLUG as AUTHORS
from identifiability.config.read_networks import read_networks
from identifiability.config.settings import parse_config
from identifiability.store.contracts import FOLDER as contracts
from identifiability.store.contracts import contract
from identifiability.config.cost import JOB_THREADS, check_budget, job_costs, shares_job
from identifiability.digits.settings import FILES as MNIST
from identifiability.digits.settings import found_in
from identifiability.errors import UserError
from identifiability.exhibits.exhibit import (
    DIGITS,
    EXHIBITS,
    FIGURES,
    TABLES,
    scope_of,
    targets,
)
from identifiability.config.shards import shard
from identifiability.store.sources import code_version, prefer_this_library, sources

prefer_this_library()


try:
    settings = parse_config(config, read_networks)
    check_budget(settings)
except UserError as error:
    sys.exit(str(error))


# The family of the experiment `basic`.
(basic,) = settings.experiments["basic"].families
# Those for which all criteria are crossed.
crossed = (
    *settings.experiments["size"].families,
    *settings.experiments["size"].released,
)

# For the description of Snakemake's report.
config["code_version"] = code_version(Path(workflow.basedir))


def at(*parts):
    """A path below the configured prefix."""
    return Path(settings.prefix, *parts).as_posix()


def code(rule_name, *artifacts, further=(), notebook=None):
    """What a rule's output depends on beside data, as an input function.

    Its script, the library modules that it imports, those of further modules, those that a notebook
    it executes imports, and the contracts of the artifacts it writes. As a function, only the rules
    that are run read their modules, once for all jobs.
    """

    @cache
    def files():
        starts = [scripts / f"{rule_name}.py"]
        starts += [scripts / "identifiability" / module for module in further]
        if notebook:
            starts.append(notebooks / f"{notebook}.ipynb")
        read = {file for start in starts for file in sources(start)}
        listed = sorted(read) + [contracts / f"{a}.yaml" for a in artifacts]
        return [file.relative_to(workflow.basedir).as_posix() for file in listed]

    return lambda wildcards: files()


def config_files():
    """The files that the configuration was merged from, below the project's folder if they are."""
    folder = Path(workflow.basedir)
    given = [folder / "config" / "config.yaml", *map(Path, workflow.configfiles)]
    paths = [file.resolve() for file in given]
    return [
        (p.relative_to(folder) if p.is_relative_to(folder) else p).as_posix()
        for p in dict.fromkeys(paths)
    ]


def papers_experiments():
    """The experiments as config/config.yaml has them, whatever another file changes of them."""
    text = Path(workflow.basedir, "config", "config.yaml").read_text()
    return parse_config(yaml.safe_load(text), read_networks).experiments


def files_of(exhibit):
    """The files of a figure or table."""
    return [at(path) for path in exhibit.paths.values()]


def shown_first(exhibit):
    """The files of a figure or table by format; Snakemake's report shows the first."""
    first, *others = exhibit.paths
    labels = {"exhibit": exhibit.heading, "shows": exhibit.title}
    return {
        first: shown(
            at(exhibit.paths[first]), exhibit.category, f"{exhibit.kind}s", labels
        ),
        **{format: at(exhibit.paths[format]) for format in others},
    }


def shown(path, category, subcategory=None, labels=None):
    """A file that Snakemake's report shows, with the caption that its rule has as a parameter."""
    return report(
        path,
        caption="../report/caption.rst",
        category=category,
        subcategory=subcategory,
        labels=labels,
    )


def restructured(caption):
    """A caption as Snakemake's report reads it, which sets literals between two backticks."""
    return caption.replace("`", "``")


def contracts_of(exhibit):
    """The contract of a table; a figure has none."""
    return [f"tables/{exhibit.name}"] if exhibit.kind == "table" else []


def inputs_of_exhibit(exhibit):
    """What a figure or table is made from, by name, as an input function."""

    def files(wildcards):
        found = {name: files_of_artifact(exhibit, name) for name in exhibit.artifacts}
        if exhibit.claims:
            found["measured_on"] = of_claims(*exhibit.claims)(wildcards)
        if exhibit.differences:
            found["measured_on"] = of_differences(wildcards)
        ledgers = {f"{name}_ledger": [f"paper/{name}.yaml"] for name in exhibit.paper}
        return found | ledgers

    return files


def files_of_artifact(exhibit, artifact):
    """The files of an artifact that a figure or table reads."""
    if artifact in ("claims", "reading_shares", "reading_verdicts"):
        return [at("results", f"{artifact}.parquet")]
    if DIGITS in exhibit.experiments:
        return of_digits(artifact)
    experiments = [settings.experiments[name] for name in exhibit.experiments]
    families = [f for e in experiments for f in (*e.families, *e.released)]
    names = [f.formulas if artifact == "formulas" else f.name for f in families]
    return [at("results", artifact, f"{name}.parquet") for name in dict.fromkeys(names)]


def one_of(families):
    """A pattern for a wildcard: the slug of one of these families."""
    return "|".join(f.name for f in families) or "(?!)"


def shard_of(families):
    """A pattern for a wildcard: a shard of one of these families."""
    return "|".join(str(s) for f in families for s in settings.shards[f.name]) or "(?!)"


def is_cut(family):
    """Whether a family has several shards."""
    return len(settings.shards[family.name]) > 1


# Families whose networks are trained, not drawn or one's own.
trained = [f for f in settings.families.values() if f.is_trained]


class Stage:
    """A stage of the chain, whose rule does it for all families that take next to no time.

    The others' jobs, one for every shard, are of a rule of their own, `<stage>_alone`.
    """

    def __init__(self, name, families=settings.families.values(), alike=lambda f: True):
        self.name = name
        together = [
            f
            for f in settings.used
            if f in families and alike(f) and shares_job(name, f, settings)
        ]
        self.shared = [f.name for f in together]
        # What a wildcard of the rule for the others stands for.
        self.alone = shard_of(f for f in families if f not in together)

    def parts(self, wildcards):
        """The shards that a job is about."""
        return [wildcards.shard] if wildcards.get("shard") else self.shared

    def outputs(self, folder, artifact):
        """An artifact's files of the families that share the job."""
        return [at(folder, artifact, f"{name}.parquet") for name in self.shared]

    def reads(self, folder, artifact, where=lambda shard: True):
        """An artifact's files that a job reads, as an input function."""
        return lambda wildcards: [
            at(folder, artifact, f"{shard}.parquet")
            for shard in self.parts(wildcards)
            if where(shard)
        ]

    def settings(self, **of_shard):
        """What goes into the output, by part, as a function for the parameter `parts`."""
        return lambda wildcards: {
            shard: {key: value(shard) for key, value in of_shard.items()}
            for shard in self.parts(wildcards)
        }

    def megabytes(self, wildcards, attempt):
        """Memory that a job asks for: half as much again as predicted, and half a GB.

        The half is for Snakemake itself, which runs twice around a job of a cluster.
        """
        predicted = (c.megabytes for c in self.costs(wildcards))
        return attempt * max(1500, round(500 + 1.5 * max(predicted, default=0)))

    def minutes(self, wildcards, attempt):
        """Time that a job asks for: three times the prediction, and five minutes.

        The minutes are for the first job on a machine, which compiles.
        """
        seconds = sum(c.seconds for c in self.costs(wildcards))
        return attempt * round(5 + 3 * seconds / 60)

    def costs(self, wildcards):
        """What its parts are predicted to cost (docs/scaling.md)."""
        try:
            return [costs_of(part)[self.name] for part in self.parts(wildcards)]
        except UserError as error:
            sys.exit(str(error))


def family(part):
    """The family of a shard, by the shard's name."""
    return settings.families[shard(part).family]


def analysed(part):
    """Which networks figures, tables and claims are about; the same for all shards."""
    return settings.analysed


def is_noisy(part):
    """Whether the networks of a shard are read on noisy inputs as well."""
    return settings.reading_noise(family(part)) > 0


def files_of_networks(wildcards):
    """The files of a shard's networks, which are one's own."""
    files, seeds = family(wildcards.shard).files.paths, shard(wildcards.shard).seeds
    return files if seeds is None else [files[seed] for seed in seeds]


def tries_basic_formulas(family):
    """Whether the formulas tried on a family are those of the experiment `basic`."""
    return family.formulas == basic.formulas


def formulas_of(wildcards):
    """The formulas that are tried on the shard of a job, or on all families that share it."""
    listed = family(wildcards.shard) if wildcards.get("shard") else basic
    return at("results", "formulas", f"{listed.formulas}.parquet")


def own_of_formulas(wildcards):
    """The family of networks of one's own that a list of formulas is for, if it is for one."""
    found = settings.families.get(wildcards.listed)
    return found if found and found.files else None


def depth_of_formulas(wildcards):
    """Largest depth of the formulas of a list."""
    own = own_of_formulas(wildcards)
    return own.depth if own else int(wildcards.listed.removeprefix("depth-"))


def targets_of_formulas(wildcards):
    """The gates of all families whose formulas have this depth, in a stable order."""
    if own := own_of_formulas(wildcards):
        return list(own.gates)
    every = (*settings.used, *settings.experiments["exact"].single)
    depth = depth_of_formulas(wildcards)
    alike = [f for f in every if f.depth == depth and not f.files]
    return sorted({gate for f in alike for gate in f.gates}, key=lambda gate: gate.name)


def protocols_of_formulas(wildcards):
    """The protocols whose formulas are listed."""
    own = own_of_formulas(wildcards)
    return settings.protocols_of(own) if own else list(settings.protocols.values())


def protocols(part):
    """The protocols that make sense of a shard."""
    return settings.protocols_of(family(part))


def reach(part):
    """How far the circuits of a shard's networks are looked into."""
    return reach_of(family(part).name)


# Snakemake asks for parameters and resources of all waiting jobs whenever it looks for one to start.
@cache
def reach_of(name):
    """How far the circuits of the networks of a family are looked into, by its slug."""
    return settings.reach(settings.families[name])


def drawn_per_cell(part):
    """About how many circuits are drawn from a cell, where interpretations are estimated."""
    return settings.engine["drawn_per_cell"] if reach(part).estimated else None


def tie_tolerance(part):
    """How far apart two activations may be to count as a tie."""
    return settings.engine["tie_tolerance"]


def summed_up_together(family):
    """Whether a family shares the jobs that follow its interpretations.

    Those whose interpretations have jobs of their own do not, as these are the longest of all; nor
    do those read on noise, which wait for further circuits.
    """
    shared = family.name in of_interpretations.shared
    return shared and not settings.reading_noise(family)


def is_wide(wildcards):
    """Whether a job is about networks that have too many circuits to list, which take minutes."""
    return bool(wildcards.get("shard")) and reach(wildcards.shard).listed is not None


def threads_to_enumerate(wildcards):
    """Several where networks have too many circuits to list: compiled code, one network each."""
    return several_threads() if is_wide(wildcards) else 1


def gpus_to_enumerate(wildcards):
    """None where networks have too many circuits to list, for that code is on the CPU."""
    return 0 if is_wide(wildcards) else settings.engine["gpus_per_job"]


def group_of_counts(wildcards):
    """Which jobs a scheduler is sent as one: a shard of wide networks is one."""
    return "wide" if is_wide(wildcards) else "counts"


def threads_to_train(wildcards):
    """Several where every sample has its own noise, which is most of the work."""
    alone = wildcards.get("shard")
    return several_threads() if alone and family(alone).training.noise else 1


def several_threads():
    """As many as a job is to have, but on this machine no more than half of the cores.

    A job for which all cores have to be free would wait until no other is left.
    """
    cores = workflow.cores if workflow.local_exec else None
    return min(JOB_THREADS, max(1, cores // 2)) if cores else JOB_THREADS


@cache
def costs_of(name):
    """What the jobs on a shard are predicted to cost, by stage."""
    return job_costs(shard(name), settings)


def grows(amount):
    """A resource of which a job asks for as much again at every retry."""
    return lambda wildcards, attempt: attempt * amount


# Artifacts that are made shard by shard.
BY_SHARD = (
    "datasets",
    "networks",
    "circuits",
    "interpretations",
    "cells",
    "noisy",
    "alignment",
    "algorithms",
    "mappings",
    "summary",
)


def of_all_shards():
    """The files of every family that is cut into shards, whether or not something reads them."""
    return [
        at(contract(artifact).folder, artifact, f"{family.name}.parquet")
        for family in settings.used
        if is_cut(family)
        for artifact in BY_SHARD
        if (family.is_trained or artifact != "datasets")
        and (settings.reading_noise(family) or artifact != "noisy")
    ]


def networks_of_run():
    """Networks of all families, seen through one output each."""
    return sum(family.seeds * family.n_outputs for family in settings.used)


# What jobs ask for that compare families: they read what is said of every network.
MEGABYTES_TO_COMPARE = grows(1500 + networks_of_run() // 20)
MINUTES_TO_COMPARE = grows(10 + networks_of_run() // 1000)


def of_example():
    """What is found in the family that the example is taken from."""
    (family,) = settings.experiments["example"].families
    artifacts = ("summary", "networks", "circuits", "interpretations", "mappings")
    return {a: at("results", a, f"{family.name}.parquet") for a in artifacts} | {
        "formulas": at("results", "formulas", f"{family.formulas}.parquet")
    }


def of_audited():
    """What the notebook for auditors reads: the families of C09's widths, and that of `basic`."""
    families = [*settings.experiments["size"].families, basic]
    artifacts = ("networks", "alignment", "mappings", "summary")
    found = [at("results", a, f"{f.name}.parquet") for f in families for a in artifacts]
    found += [at("results", "formulas", f"{f.formulas}.parquet") for f in families]
    return [*dict.fromkeys(found)]


def of_digits(artifact):
    """What is found in the families of the experiment `digits`, that of the claim first."""
    return [
        at("results", artifact, f"{name}.parquet") for name in settings.digit_families
    ]


def in_use():
    """Slugs of the families of this run's experiments."""
    return settings.slugs


def files_of_images():
    """MNIST's files, given or to be downloaded; none for scikit-learn's images."""
    given = settings.digits.path
    return [
        (
            at("data", "mnist", f"{name}.gz")
            if given is None
            else str(found_in(given, name))
        )
        for name in settings.digits.files
    ]


# The images of digits, in one table.
images_of_digits = at("data", "digit_images", f"{settings.digits.slug}.parquet")


@cache
def claims_in_use():
    """The ledger of claims, as far as this run's families bear on it."""
    from identifiability.evidence.ledger import load_claims

    return load_claims(Path(workflow.basedir, "paper", "claims.yaml"), in_use()).claims


def of_claims(*ids):
    """Files that some claims are measured on; all claims if none is named."""

    def files(wildcards):
        claims = claims_in_use()
        listed = [f for i in ids or claims for f in claims[i].files]
        return [at(file) for file in dict.fromkeys(listed)]

    return files


def of_differences(wildcards):
    """Files that the differences are measured on."""
    from identifiability.evidence.ledger import difference_files, load_differences

    path = Path(workflow.basedir, "paper", "differences.yaml")
    return [at(file) for file in difference_files(load_differences(path), in_use())]


# What is found in the authors' own network.
AUTHORS_CHECK = at("results", "authors.json")
AUTHORS_FIGURE = at("figures", "figure_authors.pdf")


def with_authors(wildcards):
    """What the report reads of the authors' network, if it is asked for or is there."""
    asked = "authors" in workflow.dag_settings.targets
    return (
        [AUTHORS_CHECK, AUTHORS_FIGURE] if asked or Path(AUTHORS_CHECK).exists() else []
    )
