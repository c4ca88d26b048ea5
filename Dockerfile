# The pinned environment as an image, for `snakemake --sdm apptainer` (profiles/slurm/README.md says
# how it becomes the file that the configuration names). What it installs is in the one pinned
# list; on x86-64 and Linux, PyTorch brings the CUDA libraries along.
FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install --yes --no-install-recommends python3 python3-venv \
 && rm -rf /var/lib/apt/lists/*
COPY envs/requirements.txt /opt/requirements.txt
RUN python3 -m venv /opt/identifiability \
 && /opt/identifiability/bin/python -m pip install --no-cache-dir --requirement /opt/requirements.txt
ENV PATH="/opt/identifiability/bin:$PATH"
