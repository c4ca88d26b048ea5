"""Counts the interpretations of the circuits of families."""

from identifiability.store import job

job.start(snakemake)

from identifiability.stages.interpretations import interpretations

for part in job.parts(snakemake):
    counted, cells = interpretations(
        part.read("networks"), part.read("circuits"), threads=snakemake.threads, **part.settings
    )
    part.write({"interpretations": counted, "cells": cells})
