# The one file of commands. `make` replicates the paper; `make help` lists the rest.
PYTHON ?= python3
CORES ?= all
VENV := .venv
BIN := $(VENV)/bin

.PHONY: paper
paper: $(VENV) ## Set up, then run the whole pipeline (the default)
	$(BIN)/snakemake --cores $(CORES) all

# A file, not the folder, says that the installation went through to its end.
.PHONY: $(VENV)
$(VENV): $(VENV)/installed ## Create .venv and install the pinned environment in it

$(VENV)/installed: envs/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; '$(PYTHON)' is $$($(PYTHON) --version 2>&1). Try: make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_ARGS) -r envs/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

.PHONY: smoke
smoke: $(VENV) ## The same rules with few seeds, into smoke/
	$(BIN)/snakemake --cores $(CORES) --configfile config/smoke.yaml

# Tests of a group go to one process (tests/conftest.py), and groups in that order.
PARALLEL := --numprocesses logical --maxprocesses 4 --dist loadgroup --no-loadscope-reorder

# Python keeps what it has compiled of the tests and of each copy of the library, whatever the
# environment says: each of a hundred processes would compile it again.
test test-all: export PYTHONDONTWRITEBYTECODE :=

.PHONY: test
test: $(VENV) ## Set up, then pass the tests (minutes)
	$(BIN)/python -m pytest $(PARALLEL)

.PHONY: test-all
test-all: $(VENV) ## The slow tests as well, with all examples, and those of SLURM
	$(BIN)/python -m pytest $(PARALLEL) -m "not slurm" --hypothesis-profile full
	$(BIN)/python -m pytest -m slurm

.PHONY: test-slurm
test-slurm: $(VENV) ## The profile for SLURM, in one started on this machine (root; packages slurm-wlm, munge)
	$(BIN)/python -m pytest -m "slurm and not slow"

.PHONY: test-page
test-page: $(VENV) ## The explorer: what its source builds, and in a browser (needs Node 20 or newer, and Chromium)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r envs/browser.txt
	EXPLORER_TOOLS=required $(BIN)/python -m pytest tests/report/test_explorer_source.py tests/report/test_explorer_page.py

.PHONY: lint
lint: $(VENV) ## Formatting, lint and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/snakefmt --check Snakefile workflow/rules
	$(BIN)/mypy
	$(BIN)/snakemake --lint

.PHONY: format
format: $(VENV) ## Put the formatting right
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/snakefmt Snakefile workflow/rules

.PHONY: docs
docs: paper ## Write what the documentation holds of schemas and results
	$(BIN)/python -m identifiability.report.reference
	$(BIN)/python -m identifiability.report.readme

# The page is kept in the repository, so that nobody needs Node to run the pipeline.
.PHONY: explorer
explorer: ## Build the explorer's page from explorer/ into workflow/explorer/ (needs Node 20 or newer)
	npm --prefix explorer ci --no-audit --no-fund
	npm --prefix explorer run --silent check
	npm --prefix explorer run --silent build > workflow/explorer/index.html

.PHONY: audit
audit: $(VENV) ## Check every file of the results, recount some networks, and ask the authors' package
	$(BIN)/identifiability audit results
	$(MAKE) check-abstraction

.PHONY: archive
archive: paper ## Pack project, results, figures, report and manifest into replication.tar.gz
	$(BIN)/identifiability archive results

# The validator of RO-Crates asks for other versions of packages that we use as well.
.PHONY: check-crate
check-crate: $(VENV) ## Check the RO-Crate with the public validator, in an environment of its own
	$(PYTHON) -m venv --clear .venv-crate
	.venv-crate/bin/python -m pip install --quiet --disable-pip-version-check roc-validator==0.13.0
	ROCRATE_VALIDATOR=$(CURDIR)/.venv-crate/bin/rocrate-validator $(BIN)/python -m pytest tests/store/test_crate.py

# The package of the authors' later work asks for other versions as well.
.PHONY: check-abstraction
check-abstraction: $(VENV) ## Check joint interventions with the authors' package, in an environment of its own
	$(PYTHON) -m venv --clear .venv-abstraction
	.venv-abstraction/bin/python -m pip install --quiet --disable-pip-version-check -r envs/abstraction-eval.txt
	ABSTRACTION_EVAL=$(CURDIR)/.venv-abstraction/bin/python $(BIN)/python -m pytest tests/algorithms/test_abstraction_eval.py

.PHONY: bench
bench: $(VENV) ## Measure the engine against the plain module; writes docs/benchmarks.md, tolerance.md, scaling.md
	$(BIN)/python benchmarks/tolerance.py
	$(BIN)/python benchmarks/run.py
	$(BIN)/python benchmarks/cluster.py
	$(BIN)/python benchmarks/scaling.py
	$(BIN)/python benchmarks/provenance.py
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r envs/browser.txt
	$(BIN)/python benchmarks/explorer.py

.PHONY: help
help: ## This list
	@echo "make TARGET:"
	@awk -F ':.*## ' '/^[a-z$$].*## /{sub(/\$$\(VENV\)/, ".venv", $$1); printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)
	@echo "snakemake --cores all TARGET:"
	@awk '/^rule /{name = $$2; sub(":", "", name)} /message:/{getline; gsub(/^ *"|"$$/, ""); if (!/wildcards|f"/) printf "  %-21s %s\n", name, $$0}' Snakefile $(addprefix workflow/rules/,$(addsuffix .smk,exhibits claims report audit explorer tutorial manifest summary))
	@awk -F '"' '$$2 == "title" {name = FILENAME; gsub(/.*\/|\.py/, "", name); if (FILENAME ~ /tables/ && name !~ /^table_/) name = "table_" name; printf "  %-21s %s\n", name, $$4}' workflow/scripts/identifiability/exhibits/*/*.py
	@echo "  size, tasks, gate, …  The figures and tables of an experiment (config/README.md)"
