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

# Two test processes; a file's tests stay together, for they share what is dear to start.
TWO := -n 2 --dist loadfile

.PHONY: up test check lock histories oldest-pip python

up: $(VENV)/.installed ## Start everything embedded, with demo data; Ctrl-C stops.
	@exec $(BIN)/python starter.py up

test: $(VENV)/.installed-dev ## Run every test.
	@$(BIN)/python -m pytest $(TWO)

check: $(VENV)/.installed-dev ## What CI runs: linters, types, import rules, tests with coverage.
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python -m pytest $(TWO) --cov --cov-report=term-missing:skip-covered
	@$(BIN)/coverage report --include='domain/*' --fail-under=100 >/dev/null || { echo "error: domain/ is not covered at 100 %" >&2; exit 1; }

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
