# The environment is made on first use and refreshed when pyproject.toml changes.
# Another interpreter or another place: make test PYTHON=python3.13 VENV=/tmp/env
PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000

READY := $(VENV)/.stamp
BIN   := $(VENV)/bin
# A process for each core.  The tests of a file stay together: they share what is slow to make.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.PHONY: help html verify test doctest repl check serve mutants equation-mutants comparison arrays machines bench format lint types clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s  %s\n", $$1, $$2}' $(MAKEFILE_LIST)

html: doctest verify ## run every example, prove the gradients, build the site
	$(BIN)/sphinx-build -c . -W --keep-going -n docs build/html
	@echo "open file://$(CURDIR)/build/html/index.html"

verify: $(READY) ## prove the gradients of the code that trains
	$(BIN)/python -m backproof.verify

test: $(READY) ## run every test and every example
	$(PYTEST)

doctest: $(READY) ## run every example of the pages, the README and the docstrings
	$(PYTEST) docs README.md src

repl: $(READY) ## open an interactive session with backproof imported
	@$(BIN)/python -m backproof

# The tests come last: the closing line is then the test runner's own.
check: ## everything that has to pass: lint, types, html, tests
	$(MAKE) lint
	$(MAKE) types
	$(MAKE) html
	$(MAKE) test

serve: html ## serve the site on this machine only
	$(BIN)/python -m http.server --bind 127.0.0.1 -d build/html $(PORT)

mutants: $(READY) ## plant one mistake after another; the book's examples must notice each
	$(BIN)/python tests/mutants.py

equation-mutants: $(READY) ## plant mistakes in every equation of the book; none may be proved
	$(BIN)/python tests/equation_mutants.py

comparison: $(READY) ## compare with other gradient checkers, each in the same run
	$(BIN)/pip install --quiet --editable '.[comparison]'
	$(BIN)/python benchmarks/comparison.py

arrays: $(READY) ## run the recursion on PyTorch, JAX and Dask, and compare with NumPy
	$(BIN)/pip install --quiet --editable '.[arrays]'
	$(BIN)/python -m pytest tests_extra/test_other_libraries.py

machines: $(READY) ## split one gradient between devices, hosts and workers, and kill a worker
	$(BIN)/pip install --quiet --editable '.[arrays]'
	$(BIN)/python examples/sharded.py
	$(BIN)/python examples/cluster.py
	$(BIN)/python -m pytest tests_extra/test_machines.py

bench: $(READY) ## time gradients and epochs beside other libraries, in turn in the same run
	$(BIN)/pip install --quiet --editable '.[bench]'
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/memory.py

format: $(READY) ## format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lint: $(READY) ## check format and style
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: $(READY) ## check the types of src
	$(BIN)/mypy

clean: ## remove what was built, and the environment
	rm -rf build .venv

# pip before 25.1 cannot read the dependency groups of pyproject.toml.
$(READY): pyproject.toml docs/assets.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Backproof needs Python 3.11 or newer; name one with: make PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' || \
	  { echo "$(PYTHON) cannot make environments; on Debian: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --upgrade 'pip>=25.1'
	$(BIN)/pip install --quiet --editable . --group dev
	$(BIN)/pip install --quiet --no-deps --requirement docs/assets.txt
	@touch $@
