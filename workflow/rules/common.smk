# Settings and helpers that the other rule files share.
import sys
from pathlib import Path

scripts = Path(workflow.basedir) / "workflow" / "scripts"
# The library needs no installation: it lies beside the scripts.
sys.path.insert(0, str(scripts))

from identifiability.config import parse as parse_config
from identifiability.contracts import FOLDER as contracts
from identifiability.errors import UserError
from identifiability.sources import prefer_this_library, sources

prefer_this_library()

try:
    settings = parse_config(config)
except UserError as error:
    sys.exit(str(error))


def at(*parts):
    """A path below the configured prefix."""
    return Path(settings.prefix, *parts).as_posix()


def code(rule_name, *artifacts):
    """What a rule's output depends on beside data.

    Its script, the library modules that it imports, and the contracts of the artifacts it writes.
    """
    files = sources(scripts / f"{rule_name}.py") + [
        contracts / f"{a}.yaml" for a in artifacts
    ]
    return [file.relative_to(workflow.basedir).as_posix() for file in files]


def drawing(name, experiment):
    """A figure in its three formats; Snakemake's report shows the SVG."""
    paths = {
        format: at("figures", f"{name}.{format}") for format in ("svg", "png", "pdf")
    }
    return paths | {"svg": shown(paths["svg"], name, experiment)}


def table(name, experiment):
    """A table in its three formats; Snakemake's report shows the CSV."""
    paths = {
        format: at("results", "tables", f"{name}.{format}")
        for format in ("parquet", "csv", "md")
    }
    return paths | {"csv": shown(paths["csv"], name, experiment)}


def shown(path, name, experiment):
    """A file that Snakemake's report shows, with its caption."""
    return report(path, caption=f"../report/{name}.rst", category=experiment)


def family(wildcards):
    """The family that a job is about."""
    return settings.families[wildcards.family]


def protocols(wildcards):
    """Every protocol."""
    return list(settings.protocols.values())
