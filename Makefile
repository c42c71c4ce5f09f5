# Every door into the house. `make` alone lists them.

PYTHON ?= python3
PY := .venv/bin/python
COMPILE := $(PY) -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header \
	--python-version 3.11 pyproject.toml

.PHONY: help run test lint types bench load pictures sample lock run-packages dev-packages
.DEFAULT_GOAL := help

help: ## list what can be done here
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1: \2/p' Makefile

run: run-packages ## serve the demo on this machine until Ctrl-C (PORT=8000)
	@$(PY) -m embedded.run

test: dev-packages ## run every test on real Postgres, Valkey and Chromium
	@$(PY) -m embedded.browser
	$(PY) -m pytest

lint: dev-packages ## check style, formatting, imports between rooms, and templates
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	.venv/bin/lint-imports --no-logo
	find templates -name '*.html' -exec .venv/bin/djade --check {} +
	$(PY) -m djlint --lint --quiet templates

types: dev-packages ## check types, strictly, in every room
	$(PY) -m mypy .

bench: dev-packages ## measure holds, pages and whole orders against their budgets
	$(PY) -m bench

load: dev-packages ## play a sale of one minute on a house of its own, and say whether it held (LOAD="--buyers 300")
	@$(PY) -m bench.house.sale $(LOAD)

pictures: dev-packages ## make the README's pictures anew
	@$(PY) -m embedded.browser
	$(PY) docs/pictures.py

sample: dev-packages ## play a rehearsal of the demo's fair and keep its report as docs/samples/rehearsal.html
	$(PY) docs/sample.py

lock: dev-packages ## pin, with hashes, what pyproject.toml asks for
	$(COMPILE) --output-file requirements/base.txt
	$(COMPILE) --extra embedded --constraint requirements/base.txt --output-file requirements/run.txt
	$(COMPILE) --extra embedded --group dev --constraint requirements/run.txt --output-file requirements/dev.txt

run-packages:
	@$(PYTHON) -m embedded.install requirements/run.txt

dev-packages:
	@$(PYTHON) -m embedded.install requirements/dev.txt
