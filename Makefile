# Nearfield: `make` lists what can be done here. Nothing but system packages is written outside
# this folder: the virtual environment is .venv, downloads and compiled kernels are in .cache.

.DEFAULT_GOAL := help
.PHONY: help run test check compiled format bench constraints clean

ADDRESS ?= localhost
PORT ?= 8501
VENV_PYTHON := .venv/bin/python
# One more than the cores (at most 5): the browser's worker mostly waits for the browser.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2); echo $$((n < 4 ? n + 1 : 5)))
APP := .venv/.ready-app
TEST := .venv/.ready-test
BENCH := .venv/.ready-bench

export PIP_CACHE_DIR := $(CURDIR)/.cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export NUMBA_CACHE_DIR := $(CURDIR)/.cache/numba
unexport PYTHONDONTWRITEBYTECODE # compiled once, not by each process of the tests
export STREAMLIT_BROWSER_GATHER_USAGE_STATS := false
export STREAMLIT_SERVER_HEADLESS := true

help: ## list the targets
	@echo 'make TARGET, where TARGET is one of'
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1	\2/p' Makefile

run: $(APP) ## set up, then serve the app at http://localhost:8501 (PORT=8600, DATA=path of a file)
	@$(VENV_PYTHON) -m pages.launch $(if $(DATA),'$(DATA)',--no-browser) --address=$(ADDRESS) \
	    --port=$(PORT)

# The workers take all cores: threads of BLAS and OpenMP beside them would only wait, spinning.
test: $(TEST) ## set up, check, and run every test (NEARFIELD_CHROMIUM=none: but the browser's)
	@sh .ci/find-chromium >/dev/null || { sh .ci/system-packages chromium && sh .ci/find-chromium; }
	@$(MAKE) --no-print-directory --jobs=2 check compiled
	XDG_CACHE_HOME="$$PWD/.cache" XDG_CONFIG_HOME="$$PWD/.cache/config" \
	    OPENBLAS_NUM_THREADS=1 OMP_WAIT_POLICY=passive \
	    NEARFIELD_CHROMIUM="$$(sh .ci/find-chromium)" $(VENV_PYTHON) -m pytest --cov --cov-branch \
	    --numprocesses=$(WORKERS) --dist=loadfile --no-loadscope-reorder

check: $(TEST) ## format, lint, types and the direction of imports, without the tests
	$(VENV_PYTHON) -m ruff format --check .
	$(VENV_PYTHON) -m ruff check .
	$(VENV_PYTHON) -m mypy
	$(VENV_PYTHON) -c 'from importlinter.cli import lint_imports_command as lint; lint()'

compiled: $(TEST) # the asserts of the tests, once, and not by each worker of a first run
	@$(VENV_PYTHON) -m pytest --collect-only --quiet >/dev/null || true # told by the run itself

format: $(TEST) ## format the code, and mend what the linter can mend
	$(VENV_PYTHON) -m ruff check --fix-only --quiet .
	$(VENV_PYTHON) -m ruff format .

bench: $(BENCH) ## run every benchmark, one after another
	@for file in benchmarks/[!_]*.py; do \
	    test -e "$$file" || continue; \
	    echo "== $$file"; \
	    env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE \
	        $(VENV_PYTHON) -m "benchmarks.$$(basename "$$file" .py)" || exit 1; \
	done

constraints: $(TEST) ## renew constraints.txt: the newest release of everything allowed
	@sh .ci/renew-constraints

clean: ## remove what was installed, downloaded and compiled here
	rm -rf .venv .cache .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache \
	    .ruff_cache build nearfield.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.ready-%: pyproject.toml constraints.txt
	@sh .ci/set-up $*
