# Statuskette on any machine with make and Python 3.11 or newer:  make up · make test · make check
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# The lock is complete, so nothing is resolved: an older pip would look at the newest release of what is asked for with an
# extra ("coverage[toml]"), which no hash of the lock knows.
PIP := $(BIN)/python -m pip --quiet --quiet --disable-pip-version-check install --require-hashes --no-deps
UV ?= $(BIN)/uv
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --no-emit-index-url --no-emit-find-links \
	--generate-hashes

# A file's tests stay together, for they share what is dear to start. Many of them wait for a server, a pause or a
# browser, so that one process more than there are cores is done sooner.
PROCESSES ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
PYTEST := $(BIN)/python -m pytest -n $(PROCESSES) --dist loadfile --no-loadscope-reorder
# The order in which the tests are checked; another one: make check SHUFFLE=anything
SHUFFLE ?= 2026-11-27
# What the domain is proved by: without a database, a server or a page.
OF_THE_DOMAIN := domain tests/domain tests/processes/test_pinned.py tests/test_simulate.py

# Hundreds of processes are started, here and by `up`: each reads the bytecode that the first one wrote.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: up test test-fast check coverage lock histories oldest-pip python

up: $(VENV)/.installed ## Start everything embedded, with demo data; Ctrl-C stops.
	@exec $(BIN)/python starter.py up

test: $(VENV)/.installed-dev ## Run every test.
	@$(PYTEST)

test-fast: $(VENV)/.installed-dev ## The inner loop: no browser, no second database, no processes that are killed.
	@$(PYTEST) --fast

check: $(VENV)/.installed-dev ## What CI runs: linters, types, import rules, every test in a shuffled order, the domain's branches.
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(PYTEST) $(OF_THE_DOMAIN) --cov=domain --cov-report=term-missing:skip-covered --cov-fail-under=100
	@$(PYTEST) --shuffle=$(SHUFFLE) $(addprefix --ignore=,$(OF_THE_DOMAIN))

coverage: $(VENV)/.installed-dev ## Measure what of all the code the tests run.
	@$(PYTEST) --cov --cov-report=term-missing:skip-covered

histories: $(VENV)/.installed-dev ## Record the histories of the replay tests anew, from a real server.
	@$(BIN)/python -m tests.record_histories

OLDEST_PIP := 22.3
oldest-pip: python ## Prove that the lock installs with the oldest pip we promise, and is complete.
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; $(PYTHON) -m venv "$$folder"; \
	pip="$$folder/bin/python -m pip --quiet --quiet --disable-pip-version-check"; \
	$$pip install pip==$(OLDEST_PIP); \
	$$pip install --require-hashes --no-deps -r requirements-dev.lock; \
	"$$folder/bin/python" -m pip check

lock: $(VENV)/.installed-dev ## Resolve the dependencies anew.
	@$(COMPILE) --upgrade --extra embedded pyproject.toml -o requirements.lock
	@$(COMPILE) --upgrade --extra embedded --extra dev pyproject.toml -o requirements-dev.lock

$(VENV)/.installed: requirements.lock | $(BIN)/python
	@echo "Installing what the project needs …"
	@$(PIP) -r requirements.lock
	@touch $@

# The development lock contains the other one, with the same versions.
$(VENV)/.installed-dev: requirements-dev.lock requirements.lock | $(BIN)/python
	@echo "Installing what the project and its tests need …"
	@$(PIP) -r requirements-dev.lock
	@touch $(VENV)/.installed $@

$(BIN)/python:
	@$(MAKE) --no-print-directory python
	@$(PYTHON) -m venv $(VENV)

python:
	@command -v $(PYTHON) >/dev/null || { echo "error: there is no '$(PYTHON)'; install Python 3.11 or newer, or name one: make up PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "error: '$(PYTHON)' is $$($(PYTHON) --version 2>&1), but 3.11 or newer is needed; name another one: make up PYTHON=python3.12" >&2; exit 2; }
