# Bottega. `make help` lists what there is; on a fresh machine `make run` and `make test` install what they need.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help run test check bench setup assets lock translations clean

run: setup ## Serve the suite on 127.0.0.1:$PORT (8000) with its own database; Ctrl-C ends it
	@exec bottega run

test: setup ## Run the whole test suite in random order; what a bare machine lacks is skipped by name
	@pytest $(ARGS)

check: setup ## Lint, types, architecture contracts, templates, migrations equal models
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	djlint webapp --check --lint --quiet
	@folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; export BOTTEGA_INSTANCE="$$folder"; bottega db upgrade && bottega db check

bench: setup ## Measure what bench/ measures, as a table and in bench/results/latest.json
	@python -m bench $(ARGS)

setup: $(VENV)/.python $(VENV)/.node assets $(VENV)/.translations ## Install: Python packages by their hashes, browser packages, built assets, translations

lock: setup ## Write the lock files again from pyproject.toml
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra telemetry pyproject.toml -o requirements.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --extra dev --extra telemetry -c requirements.lock pyproject.toml -o requirements-dev.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-header --no-annotate workspaces/jupyter/requirements.in -o workspaces/jupyter/requirements.lock

translations: setup ## Extract the texts, bring the Italian catalogue up to date, tell what has no Italian yet
	@template=$$(mktemp); trap 'rm -f "$$template"' EXIT; \
	pybabel -q extract -F babel.cfg -k _l -k _n:1,2 -k lazy_ngettext:1,2 -k lazy_pgettext:1c,2 --no-location --sort-output -o "$$template" webapp && \
	pybabel -q update -i "$$template" -d webapp/translations -l it -w 120 --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date
	@pytest tests/architecture/test_translations.py

clean: ## Remove what was built and installed; the data under instance/ stay
	rm -rf $(VENV) node_modules webapp/static/dist bottega.egg-info

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  \033[1mmake %-12s\033[0m %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit("Bottega needs Python 3.11 or later; this is %s. Set PYTHON=python3.x" % sys.version.split()[0]) if sys.version_info < (3, 11) else 0'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.python: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	pip install -q --require-hashes -r requirements-dev.lock
	pip install -q --no-deps --no-build-isolation -e .
	@touch $@

# node is taken from the machine, or from PyPI where the machine has none
$(VENV)/.node: $(VENV)/.python package-lock.json
	@command -v node >/dev/null && command -v npm >/dev/null || pip install -q --require-hashes -r requirements-node.lock
	npm ci --silent --ignore-scripts --no-audit --no-fund
	@touch $@

# the templates too: the styles of the public pages are what those use
ASSET_SOURCES := $(shell find webapp/static/src webapp/templates webapp/blueprints -type f \( -path '*/src/*' -o -name '*.html' \) 2>/dev/null) $(wildcard webapp/static/*.mjs) package.json
assets: webapp/static/dist/manifest.json

webapp/static/dist/manifest.json: $(ASSET_SOURCES) $(VENV)/.node
	npm run --silent build
	@touch $@

$(VENV)/.translations: $(shell find webapp/translations -name '*.po' 2>/dev/null) $(VENV)/.python
	@pybabel -q compile -d webapp/translations 2>&1 | grep -v '^compiling' || true
	@touch $@
