# The verbs of this house. `make` alone lists them; `make ci` is exactly what CI runs.

PORT ?= 8000
DATA ?= ./data
JOBS ?= 3
CLIENTS ?= 300

VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/.stamps
STATIC := src/miaohui/static
NPM_STAMP := web/node_modules/.installed
WEB_STAMP := $(STATIC)/.built

WEB_MANIFESTS := $(wildcard web/package.json web/package-lock.json web/apps/*/package.json web/packages/*/package.json)
WEB_SOURCES := $(shell find web clients/typescript/src -type d \( -name node_modules -o -name dist -o -name e2e \) -prune -o -type f -print 2>/dev/null)

export PATH := $(CURDIR)/$(BIN):$(PATH)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export npm_config_update_notifier := false
# Hundreds of processes import the same: each would compile it anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run setup test ci lint types format web web-check wheel bench bench-litellm certify faults faults-nightly \
	docs lock browser mariadb programs test-all clean

help: ## List these targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(STAMPS)/runtime $(WEB_STAMP) ## Start with the sample shop (PORT=8000 DATA=./data)
	@exec $(BIN)/miaohui serve --demo --port $(PORT) --data $(DATA)

setup: $(STAMPS)/dev $(NPM_STAMP) ## Everything that working on this needs, into .venv and web/node_modules

test: web-check test-all ## Every test: web, then Python with browser and databases

test-all: export TESTS_SKIPPED := $(CURDIR)/$(STAMPS)/skipped
test-all: $(STAMPS)/dev $(WEB_STAMP) programs
	@rm -f $(TESTS_SKIPPED)
	@scripts/pytest.sh -n $(JOBS) --dist loadgroup --no-loadscope-reorder --ignore=tests/e2e
	@scripts/pytest.sh -n $(JOBS) --dist loadgroup --no-loadscope-reorder -m "not alone" tests/e2e
	@scripts/pytest.sh -m alone tests/e2e
	@scripts/skipped.sh $(TESTS_SKIPPED)

ci: ## What CI runs: lint, types, contracts, references, every test
	@$(MAKE) --no-print-directory --output-sync=target --jobs 2 lint programs web-check
	@$(MAKE) --no-print-directory test-all

lint: $(STAMPS)/dev ## Style, types, import contracts, house lints, references up to date
	@scripts/lint.sh

types: $(STAMPS)/dev ## Only the type check
	$(BIN)/mypy

format: $(STAMPS)/dev $(NPM_STAMP) ## Put everything into its form
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	cd web && npx --no-install biome check --write .

web: $(WEB_STAMP) ## Build widget and console into src/miaohui/static

web-check: $(NPM_STAMP) $(WEB_STAMP) ## Types, style, unit tests and size of the web pages
	@cd web && npm run --silent check && npm test --silent && npm run --silent size

wheel: $(STAMPS)/dev $(WEB_STAMP) ## A wheel with the built pages, in dist/
	@rm -f dist/miaohui-*.whl
	@$(BIN)/python -m build --wheel --no-isolation . && ls -l dist/*.whl

bench: $(STAMPS)/dev $(WEB_STAMP) ## Measure this machine (ARGS= for the runner)
	@$(BIN)/miaohui bench $(ARGS)

bench-litellm: $(STAMPS)/runtime ## LiteLLM's proxy beside ours, for `make bench ARGS="--only f"`
	@scripts/litellm.sh $(VENV)

certify: $(STAMPS)/dev $(WEB_STAMP) ## A certificate of what this machine carries (ARGS="--quick" for a short one)
	@$(BIN)/miaohui bench certify $(ARGS)

faults: $(STAMPS)/dev ## Kill it at every crash point, let every dependency fail, live through 100 seeds
	@$(BIN)/pytest -m faults -n $(JOBS) --dist loadgroup
	@$(BIN)/python -m miaohui.testing.simulation --seeds 50 & half=$$!; \
		$(BIN)/python -m miaohui.testing.simulation --seeds 50 --first 51; other=$$?; wait $$half && exit $$other

faults-nightly: $(STAMPS)/dev ## The same on every database, 5,000 seeds, and three nodes behind nginx under load (CLIENTS=300)
	@$(BIN)/pytest -m "faults or nightly" --nightly -n $(JOBS) --dist loadgroup
	@$(BIN)/python -m miaohui.testing.simulation --seeds 5000 --first 1000 --keep bench/data/broken
	@$(BIN)/miaohui bench cluster --clients $(CLIENTS)

docs: $(STAMPS)/dev ## Regenerate docs/reference from the code
	@$(BIN)/python scripts/reference.py

lock: $(STAMPS)/dev ## Pin requirements anew, with hashes and without addresses
	@scripts/lock.sh

browser: ## Chromium for the browser tests, where it may be installed
	@scripts/browser.sh

mariadb: ## MariaDB for the tests on it, where it may be installed
	@scripts/mariadb.sh

# One after the other: the system's packages are installed by one at a time.
programs:
	@scripts/browser.sh
	@scripts/mariadb.sh

clean: ## Remove what was built; .venv and data stay
	rm -rf $(STATIC) dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis web/node_modules

# ── What the verbs stand on; each stamp is made once and again when its inputs change ──

$(STAMPS)/python:
	@scripts/venv.sh $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/runtime: requirements/build.txt requirements/runtime.txt pyproject.toml | $(STAMPS)/python
	@scripts/install.sh $(VENV) requirements/build.txt requirements/runtime.txt
	@touch $@

$(STAMPS)/dev: requirements/dev.txt $(STAMPS)/runtime
	@scripts/install.sh $(VENV) requirements/dev.txt
	@touch $@

$(STAMPS)/node: requirements/node.txt $(STAMPS)/runtime
	@scripts/node.sh $(VENV)
	@touch $@

# Not `npm ci`: it refuses a lock that lacks optional packages of other platforms, which not every registry serves.
$(NPM_STAMP): $(WEB_MANIFESTS) | $(STAMPS)/node
	@echo "Installing the web tools …"
	@cd web && npm install --no-save --no-audit --no-fund --loglevel=error
	@touch $@

$(WEB_STAMP): $(WEB_SOURCES) $(NPM_STAMP)
	@echo "Building widget and console …"
	@cd web && npm run --silent build >node_modules/.build.log 2>&1 || { cat node_modules/.build.log; exit 1; }
	@mkdir -p $(STATIC) && touch $@
