"""A figure or a table, made by the function of its own module (identifiability.exhibits)."""

from identifiability.store import job

job.start(snakemake)

from importlib import import_module
from pathlib import Path

from identifiability.exhibits.exhibit import EXHIBITS, Scope
from identifiability.exhibits.material import Material
from identifiability.exhibits.writing import write

exhibit = EXHIBITS[snakemake.params.exhibit]
module = import_module(f"identifiability.exhibits.{exhibit.kind}s.{exhibit.name}")
files = {
    name: [Path(path) for path in paths]
    for name, paths in snakemake.input.items()
    if name != "code"
}
made = module.make(Material(files, Scope(**snakemake.params.scope)))
write(made, exhibit, dict(snakemake.output.items()), job.made_by(snakemake))
