#!/bin/sh
# Run by Snakemake in the new conda environment, from the project's folder.
python -m pip install --requirement envs/requirements.txt
