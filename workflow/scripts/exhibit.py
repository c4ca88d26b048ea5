"""A figure or a table, made by the function of its own module (identifiability.exhibits)."""

from identifiability.store import job

job.start(snakemake)

from importlib import import_module
from pathlib import Path

from identifiability.exhibits.exhibit import EXHIBITS, Scope
from identifiability.exhibits.material import Material

exhibit = EXHIBITS[snakemake.params.exhibit]
# By name, so that a rule depends on the module of its exhibit and on no other's.
module, writer = (
    import_module(f"identifiability.{path.removesuffix('.py').replace('/', '.')}")
    for path in (exhibit.module, exhibit.writer)
)
files = {
    name: [Path(path) for path in paths]
    for name, paths in snakemake.input.items()
    if name != "code"
}
made = module.make(Material(files, Scope(**snakemake.params.scope)))
writer.write(made, exhibit, dict(snakemake.output.items()), job.made_by(snakemake))
