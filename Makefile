# make demo     train a recommender on real ratings and look at what it learnt
# make test     run the tests
# make check    lint, format and types
# make docs     the site of docs/, into site/
#
# Each sets up all that it needs: Python 3.11 or newer, make and a package index are enough.
# PYTHON=python3.13 make test    takes another Python.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check docs lint formatted types format clean

demo: .venv/installed-demo
	$(BIN)/rowwise demo

test: .venv/installed-dev
	$(BIN)/python -m pytest -n auto --dist loadfile $(TESTS)

check: lint formatted types

lint: .venv/installed-dev
	$(BIN)/ruff check .

formatted: .venv/installed-dev
	$(BIN)/ruff format --check .

types: .venv/installed-dev
	$(BIN)/pyright

# Strict: a dead link or a docstring that cannot be read is an error. Nothing is asked of another machine.
docs: .venv/installed-docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --site-dir site

format: .venv/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf .venv demo site

# One install for each set of extras, made again when pyproject.toml changes.
.venv/installed-demo: EXTRAS := demo
.venv/installed-dev: EXTRAS := dev
.venv/installed-docs: EXTRAS := docs
.venv/installed-demo .venv/installed-dev .venv/installed-docs: pyproject.toml | .venv/bin/python
	@echo "installing Rowwise into .venv, with what it needs (once)"
	@$(BIN)/python -m pip install --quiet --quiet --disable-pip-version-check --editable '.[$(EXTRAS)]'
	@touch $@

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and f"Rowwise needs Python 3.11 or newer; \
	$(PYTHON) is {sys.version.split()[0]}. Name another: make PYTHON=python3.12 $(MAKECMDGOALS)")'
	$(PYTHON) -m venv .venv
