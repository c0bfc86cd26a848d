# make help prints what there is.
PYTHON ?= python3
PORT ?= 8501
WORKERS ?= 2
BIN := .venv/bin
SAMPLE := var/liuzhou.db
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --no-header

.PHONY: run test check bench bench-scale soak lock sample migrate docs browser servers help

run: .venv/.installed ## serve http://127.0.0.1:8501 (PORT=, DATABASE_URL=), with the sample data unless told otherwise
	@test -n "$$DATABASE_URL" || test -e $(SAMPLE) || $(BIN)/python -m data_access sample
	@exec $(BIN)/python server.py --port $(PORT)

# What assertions are made into is kept for the next run, whatever the environment says of bytecode.
test: .venv/.installed-dev browser servers ## run every test, in a real browser and on a real PostgreSQL too
	@PYTHONDONTWRITEBYTECODE= REQUIRE_BROWSER=1 REQUIRE_POSTGRES=1 REQUIRE_NGINX=1 REQUIRE_SHARDS=1 $(BIN)/python -m pytest -m "not soak" -n $(WORKERS) --dist loadfile --no-loadscope-reorder

check: .venv/.installed-dev ## lint, format and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: .venv/.installed-dev ## measure every page against an empty one, and imports against a bare read (ARGS=--json)
	@$(BIN)/python -m tests.bench $(ARGS)

bench-scale: .venv/.installed-dev ## measure every page and a day's import as the database grows (ARGS="--sizes 100_000,10_000_000")
	@$(BIN)/python -m tests.bench.scale $(ARGS)

soak: .venv/.installed-dev browser servers ## run the long tests
	@REQUIRE_BROWSER=1 REQUIRE_POSTGRES=1 REQUIRE_NGINX=1 REQUIRE_SHARDS=1 $(BIN)/python -m pytest -m soak

lock: $(BIN)/pip ## compile the pinned requirements from the .in files (UV=--upgrade for newer ones)
	@$(PIP) install --quiet uv
	@$(LOCK) $(UV) --output-file requirements.txt requirements.in
	@$(LOCK) $(UV) --constraint requirements.txt --output-file requirements-dev.txt requirements-dev.in

sample: .venv/.installed ## build the sample database afresh
	@rm -f $(SAMPLE) $(SAMPLE)-wal $(SAMPLE)-shm
	@env -u DATABASE_URL $(BIN)/python -m data_access sample

migrate: .venv/.installed ## bring the database that DATABASE_URL names up to date
	@$(BIN)/python -m data_access migrate

docs: .venv/.installed ## write docs/data-dictionary.md from the schema
	@$(BIN)/python -m data_access.dictionary > docs/data-dictionary.md.new
	@mv docs/data-dictionary.md.new docs/data-dictionary.md

browser: .venv/.installed-dev
	@$(BIN)/python -m tests.browser.chromium

servers: .venv/.installed-dev
	@$(BIN)/python -m tests.browser.nginx
	@$(BIN)/python -m tests.shard_servers

help: ## print this
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
		|| { echo "Python 3.11, 3.12 or 3.13 is needed: make PYTHON=python3.11 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/.installed: requirements.txt | $(BIN)/pip
	@echo "Installing requirements.txt …"
	@$(PIP) install --quiet --requirement requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt | .venv/.installed
	@echo "Installing requirements-dev.txt …"
	@$(PIP) install --quiet --requirement requirements-dev.txt
	@touch $@
