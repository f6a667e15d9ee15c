# `make run` and `make test` are all that a newcomer needs. They need Python 3.11 or newer, and nothing else.

VENV := .venv
BIN := $(VENV)/bin

# The newest Python that is known to work comes first. `make PYTHON=python3.12 run` takes another.
PYTHON ?= python3.13 python3.12 python3.11 python3

# Stamps remember what is installed where. They are named by the content of what they depend on, not by its time.
sum = $(shell pwd | cat - $(1) | cksum | cut -d ' ' -f 1)
MADE := $(VENV)/made-$(call sum)
RUN := $(VENV)/run-$(call sum,requirements/run.txt pyproject.toml)
DEV := $(VENV)/dev-$(call sum,requirements/dev.txt pyproject.toml)

# A virtual environment whose Python is gone is none.
$(shell test -x $(BIN)/python || rm -rf $(VENV))

PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check

CHECKS := lint format types imports schema-check migrations-lint

.PHONY: help run test check bench schema migration requirements clean architecture $(CHECKS)

help: ## Say what can be made
	@sed -n 's/^\([a-z]*\):.*## /\1|/p' Makefile | awk -F '|' '{ printf "  make %-14s%s\n", $$1, $$2 }'

run: $(RUN) ## Run Mercer: PostgreSQL, Valkey, both APIs and a demonstration shop, until Ctrl-C
	@$(BIN)/mercer up

test: $(DEV) ## Check everything, then run all tests
	@$(MAKE) --no-print-directory --keep-going --jobs 2 $(CHECKS)
	@$(BIN)/python -m pytest

check: $(DEV) ## Check style, types, imports, contracts, migrations and architecture
	@$(MAKE) --no-print-directory --keep-going --jobs 2 $(CHECKS) architecture

bench: $(DEV) ## Measure reads, doors and sales against the least that each needs. doors=1, sales=1: these alone; quick=1: briefly; rebuild=1: on new data
	@$(BIN)/python -m bench $(if $(quick),--quick) $(if $(doors),--doors) $(if $(sales),--sales) $(if $(rebuild),--rebuild)

schema: $(DEV) ## Write schema/shop.graphql and schema/admin.graphql
	@$(BIN)/mercer schema

migration: $(DEV) ## Write a migration from what tables.py declares: make migration m="catalog add subtitle"
	@test -n "$$m" || { echo 'Give it a title: make migration m="catalog add subtitle"'; exit 2; }
	@$(BIN)/mercer migrate --write "$$m"

requirements: $(DEV) ## Pin what pyproject.toml names, with hashes. With upgrade=1, to the newest versions
	@$(call compile,build,run)
	@$(call compile,dev,dev) --constraint requirements/run.txt

clean: ## Remove what was installed and cached. Data in .mercer stays
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
	find src tests bench migrations -name __pycache__ -prune -exec rm -rf {} +

# $(call compile,extra,name): names, versions and hashes only, never where they come from
compile = $(BIN)/uv pip compile --quiet $(if $(upgrade),--upgrade) --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --extra $(1) --output-file requirements/$(2).txt pyproject.toml

# $(call step,what,command): one line if it is well, its output if it is not
step = @if output=$$($(2) 2>&1); then echo "$(1): ok"; else printf '%s: FAILED\n%s\n' "$(1)" "$$output"; exit 1; fi

lint: $(DEV)
	$(call step,Lint,$(BIN)/ruff check)

format: $(DEV)
	$(call step,Format,$(BIN)/ruff format --check)

types: $(DEV)
	$(call step,Types,$(BIN)/mypy)

imports: $(DEV)
	$(call step,Imports,$(BIN)/lint-imports)

schema-check: $(DEV)
	$(call step,GraphQL contracts,$(BIN)/mercer schema --check)

migrations-lint: $(DEV)
	$(call step,Migrations,$(BIN)/mercer migrate --sql > $(VENV)/migrations.sql && $(BIN)/squawk $(VENV)/migrations.sql)

architecture: $(DEV)
	$(call step,Architecture,$(BIN)/python -m pytest tests/architecture)

$(MADE):
	@for python in $(PYTHON); do \
	    $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2> /dev/null || continue; \
	    found=$$python; \
	    $$python -c 'import venv, ensurepip' 2> /dev/null || continue; \
	    echo "Making $(VENV) with $$($$python --version) …"; \
	    $$python -m venv --clear $(VENV) && touch $@ && exit 0; \
	    exit 1; \
	done; \
	if test -n "$$found"; then \
	    echo "$$found lacks the module venv or ensurepip. On Debian and Ubuntu: apt install python3-venv."; \
	else \
	    echo "Mercer needs Python 3.11 or newer. None of these is one: $(PYTHON)."; \
	fi >&2; \
	exit 1

$(RUN): | $(MADE)
	$(call install,run)

$(DEV): | $(MADE)
	$(call install,dev)
	@touch $(RUN) # what tests need holds what running needs

define install
@echo "Installing what requirements/$(1).txt names. The first time takes a minute or two …"
@rm -f $(VENV)/run-* $(VENV)/dev-*
@$(PIP) --require-hashes --requirement requirements/$(1).txt
@$(PIP) --no-deps --no-build-isolation --editable .
@touch $@
endef
