"""Puts together what the explorer shows of families."""

from identifiability.store import job

job.start(snakemake)

from identifiability.report.explorer import READ, family_data, read_explored, write_explorer

for part in job.parts(snakemake):
    files = {name: part.inputs[name] for name in READ}
    frames, n_networks = read_explored(files, part.settings["networks"])
    data = family_data(
        frames, part.settings["protocols"], n_networks, part.settings["tie_tolerance"]
    )
    write_explorer(data, part.outputs["data"], part.made_by)
