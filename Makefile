# The two commands: `make run` (set up, fill, serve) and `make test`.
# Everything is installed into .venv from the package registries; weights go to GROUNDKB_MODELS.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
SYNC ?= samples/library
COVERED ?= 93
# OCR's OpenCV asks for libGL, which a machine without a screen may lack: there, the build without.
HEADLESS := $(BIN)/python -c 'import cv2' 2>/dev/null || $(BIN)/python -m pip install -qq --no-deps \
	--force-reinstall opencv-python-headless==$$($(BIN)/python -m pip show opencv-python | sed -n 's/^Version: //p')

.PHONY: run install dev ui models check format test test-fast coverage e2e bench nightly fixture constraints docs clean
.DEFAULT_GOAL := run

run: install
	$(BIN)/groundkb serve --sync $(SYNC)

install: $(VENV)/.installed ui models

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -qq --upgrade -c constraints.txt pip

$(VENV)/.installed: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -qq -c constraints.txt -e '.[ocr]'
	$(HEADLESS)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(BIN)/python -m pip install -qq -c constraints.txt -e '.[dev]'
	$(HEADLESS)
	@touch $@ $(VENV)/.installed

dev: $(VENV)/.installed-dev

models: $(VENV)/.installed
	$(BIN)/groundkb models pull

# The chat page, built once; Node is not needed at run time.
ui: app/api/static/index.html

frontend/node_modules/.installed: frontend/package.json frontend/package-lock.json
	cd frontend && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

app/api/static/index.html: frontend/node_modules/.installed $(shell find frontend/src frontend/public frontend/index.html -type f 2>/dev/null)
	cd frontend && npm run --silent build
	rm -rf app/api/static && cp -r frontend/dist app/api/static
	@touch $@

check: dev frontend/node_modules/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	cd frontend && npm run --silent check

format: dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# The page's tests are part of `make check`. JOBS=2: side by side; tests of the chat model stay in one process, since
# it takes 1.5 GB, and those that bound a time tightly come afterwards, alone.
test: dev ui models
ifdef JOBS
	$(BIN)/pytest -n $(JOBS) --dist loadgroup -m "not quiet"
	$(BIN)/pytest -m quiet
else
	$(BIN)/pytest
endif

# No weights, no Node, no server, nothing that takes long: what to run while writing.
test-fast: dev
	$(BIN)/pytest -n auto -m "not chat and not weights and not slow" tests/text tests/texts tests/answering tests/library tests/packaging/test_contributing.py

# With Python 3.12 or later the interpreter itself tells which lines are reached, at next to no cost; with 3.11 it
# takes three times as long as the tests alone. JOBS=2: side by side. `coverage html` shows the lines.
coverage: dev ui models
	$(BIN)/coverage erase
	COVERAGE_CORE=$$($(BIN)/python -c 'import sys; print("sysmon" if sys.version_info >= (3, 12) else "ctrace")') \
		$(BIN)/coverage run -m pytest $(if $(JOBS),-n $(JOBS) --dist loadgroup) -m "not quiet"
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=$(COVERED)

e2e: dev ui models
	cd frontend && npm run --silent e2e

bench: dev models
	$(BIN)/python -m bench

# What takes too long for each change: kills of syncs, upkeep and upgrades, and documents that are broken at random.
nightly: dev ui models
	$(BIN)/python -m bench kills
	$(BIN)/python -m bench replicas --kills 100
	UPGRADE_KILLS=100 $(BIN)/pytest tests/library/test_upgrade.py tests/library/test_upgrade_postgres.py -k killed
	$(BIN)/python -m tests.fuzz
	$(BIN)/python -m tests.fuzz.schema

# The library of this version, kept for good when it is released: CONTRIBUTING.md, Releases.
fixture: dev models
	PYTHONPATH=. $(BIN)/python tools/make_library_fixture.py \
		tests/fixtures/libraries/$$($(BIN)/groundkb version | cut -d' ' -f2).tar.xz

constraints: dev
	$(BIN)/python tools/constraints.py

docs: dev
	$(BIN)/python tools/docs.py

clean:
	rm -rf $(VENV) frontend/node_modules frontend/dist app/api/static
