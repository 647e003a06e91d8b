# Short names for the commands that CI runs. PYTHON selects the interpreter: make PYTHON=python3.12
PYTHON ?= $(firstword $(foreach p,python3.14 python3.13 python3.12 python3.11 python3,$(if $(shell $(p) -c 'import sys; print(sys.version_info >= (3, 11) or "")' 2>/dev/null),$(p))) python3)
BIN := .venv/bin
PIP := $(BIN)/pip
QUIETLY := -q --disable-pip-version-check -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help pictures build check test test-fast lint docs demo update grafana-schema grafana-data operator-schema uplot clean

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 24

build: .venv/installed ## compile definitions/ into build/
	@$(BIN)/obscode build

check: .venv/installed .tools/installed ## run all checks, and promtool and amtool on the output
	@$(BIN)/obscode check

test: .venv/developing .tools/generations .tools/servers ## all tests, on all processors, against real Prometheus and Alertmanager
	@$(BIN)/pytest -q -n auto --maxschedchunk 1 --durations 15

test-fast: .venv/developing ## the tests that need no tool, no server and no network
	@$(BIN)/pytest -q -n auto -m "not tools and not servers and not network"

lint: .venv/developing ## ruff and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

pictures: .venv/installed .tools/installed ## renew docs/pictures from the dashboards of the example service (needs Chromium)
	@$(BIN)/obscode preview --dashboard ml-service --scenario "error burst" --png -o .pictures
	@mv .pictures/ml-service.png docs/pictures/dashboard.png && rm -rf .pictures

docs: .venv/installed ## write docs/checks.md from the registry of codes
	@$(BIN)/obscode explain --markdown > docs/checks.md.new && mv docs/checks.md.new docs/checks.md

demo: .venv/demo .tools/installed ## run the example service with Prometheus and Alertmanager
	@$(BIN)/python -m examples.ml_service.run_demo

update: .venv/developing ## update constraints.txt to the newest versions
	@rm -f constraints.txt && touch constraints.txt
	@$(PIP) install -q --upgrade pip && $(PIP) install -q --upgrade --group dev -e '.[demo]'
	@$(BIN)/pip freeze --exclude-editable --all --exclude setuptools > constraints.txt

grafana-schema: ## Grafana's types, against which tests hold dashboards, from its npm package (needs npm)
	@$(PYTHON) tests/grafana_schema/renew.py

grafana-data: ## Grafana's texts of values and results of transformations, against which tests hold the preview, from its npm package (needs npm)
	@$(PYTHON) tests/grafana_data/renew.py

uplot: ## the plotting library of the preview page, from its npm package (needs npm)
	@$(PYTHON) tests/uplot/renew.py

operator-schema: ## the schemas of Kubernetes objects, from the operators' repositories (needs the network)
	@$(PYTHON) tests/operator_schema/renew.py

clean: ## remove the virtual environment, the tools and caches, but not build/
	@rm -rf .venv .tools .obscode-cache .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "obscode needs Python 3.11 or newer; name one: make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -m venv .venv || { echo "this Python has no venv; on Debian and Ubuntu: apt install python3-venv" >&2; exit 2; }

# With google-re2, Prometheus' own regular expressions, where it has a wheel: compiling it takes a C++ compiler and
# Abseil. Elsewhere without it. If the first command fails for another reason, the second one prints it.
.venv/installed: pyproject.toml constraints.txt | .venv/bin/python
	@$(PIP) install $(QUIETLY) --only-binary google-re2 pip -e '.[re2]' 2>/dev/null || $(PIP) install $(QUIETLY) pip -e .
	@touch $@

.venv/demo: .venv/installed
	@$(PIP) install -q -c constraints.txt -e '.[demo]'
	@touch $@

.venv/developing: .venv/installed
	@$(PIP) install -q -c constraints.txt --group dev -e '.[demo]'
	@touch $@

.tools/installed: | .venv/installed
	@$(BIN)/obscode tools install
	@touch $@

.tools/generations: | .venv/installed
	@$(BIN)/obscode tools install --suite bookworm --suite sid
	@touch $@

.tools/servers: obscode/toolchain/server_packages.py | .venv/installed
	@$(BIN)/python -m obscode.toolchain.server_packages && touch $@ || echo "tests on VictoriaMetrics, Pushgateway or node exporters are skipped, and fail in CI" >&2
