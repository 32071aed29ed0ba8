# Every target does its own set-up, once, in an empty clone. Without make: see "Without make" in README.md.
SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
export UV_COMPILE_BYTECODE = 1
# Python keeps what it compiled even where a machine's settings say otherwise: hundreds of modules, in every process.
export PYTHONDONTWRITEBYTECODE :=

PYTEST := $(BIN)/python -m pytest -n 2 --dist loadscope
NBVAL := -p tests.nbval_guards --nbval --nbval-current-env
# Each notebook costs a kernel: the fast tests take one, test-all takes every one.
FAST_NOTEBOOKS := notebooks/10_start_here.ipynb

.PHONY: demo test test-all lint notebooks lab bench lock help

help:
	@echo "make demo      compare two proposals on the sample claims: a finished report in reports/"
	@echo "make test      the fast tests: under two minutes"
	@echo "make test-all  lint, types and every test, slow ones too"
	@echo "make lint      ruff and mypy"
	@echo "make notebooks run the notebooks again and keep what they show, as the tests compare it"
	@echo "make lab       JupyterLab on the notebooks"
	@echo "make bench     time what benchmarks/ measures and rewrite benchmarks/RESULTS.md"
	@echo "make lock      work requirements.lock out again from pyproject.toml"

demo: $(READY)
	$(BIN)/hitmodel demo

test: $(READY)
	$(PYTEST) -m "not slow" tests $(NBVAL) $(FAST_NOTEBOOKS)

test-all: lint
	HITMODEL_THOROUGH=1 $(PYTEST) tests $(NBVAL) notebooks

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

notebooks: $(READY)
	$(BIN)/python tools/run-notebooks

lab: $(READY)
	$(BIN)/hitmodel lab

bench: $(READY)
	$(BIN)/python benchmarks/run.py

lock: $(READY)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header --no-annotate \
		--python-version 3.11 --all-extras --upgrade pyproject.toml --output-file requirements.lock

$(READY): pyproject.toml requirements.lock tools/set-up hitmodel/jupyter/labconfig/default_setting_overrides.json
	tools/set-up $(VENV)
	@touch $@
