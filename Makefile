# `make demo` and `make test` need Python 3.11 or newer alone. `make check` fetches its tools into build/.
# PYTHON=… chooses the interpreter of .venv, SAM=… the SAM CLI of build and deploy.

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python3.14,$(shell \
	$(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))
VENV := .venv
BIN := $(VENV)/bin
TOOLS := build/tools
SAM_TOOL := $(TOOLS)/sam/bin/sam
SAM ?= $(or $(shell command -v sam),$(SAM_TOOL))
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
AWS_TOOL := $(TOOLS)/aws/bin/aws
ROUNDS ?= 10
CHECKOV := $(TOOLS)/checkov/bin/checkov
DYNAMODB_LOCAL := build/dynamodb-local
GUIDED = $(shell grep -qE '^(\[.*\.)?parameter_overrides' samconfig.toml || echo --guided)
PROJECT := pyproject.toml constraints.txt src/requirements.txt

export SAM_CLI_TELEMETRY := 0

.DEFAULT_GOAL := help
.PHONY: help demo test check lint template slow-tests search bench million build deploy clean

help: ## say what there is
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/\1#\2/p' $(MAKEFILE_LIST) | awk -F'#' '{printf "  make %-11s %s\n", $$1, $$2}'

demo: $(VENV)/.rehearse ## run a whole migration on this machine, without an AWS account
	$(BIN)/cutover rehearse

test: $(VENV)/.dev ## run the tests that take seconds
	$(PYTEST) -m "not slow"

check: lint template test slow-tests ## run everything that CI runs

lint: $(VENV)/.dev ## ruff and mypy
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

template: $(VENV)/.dev $(SAM_TOOL) $(CHECKOV) ## cfn-lint, sam validate and checkov on the templates
	$(BIN)/cfn-lint template.yaml docs/*-account-role.yaml
	AWS_DEFAULT_REGION=eu-west-1 $(SAM_TOOL) validate --lint
	AWS_DEFAULT_REGION=eu-west-1 $(BIN)/python -m tests.template.expanding > build/expanded-template.json
	$(CHECKOV) --file build/expanded-template.json --framework cloudformation --skip-download --compact --quiet

slow-tests: $(VENV)/.dev $(SAM_TOOL) $(DYNAMODB_LOCAL) ## run the tests that take minutes, SAM CLI or DynamoDB Local
	CUTOVER_SAM=$(abspath $(SAM_TOOL)) CUTOVER_DYNAMODB_LOCAL=$(abspath $(DYNAMODB_LOCAL)) \
		$(PYTEST) -m "slow or dynamodb_local"

search: $(VENV)/.dev ## try the tests of made-up examples on new ones, ROUNDS times; each names its seed
	for round in $$(seq $(ROUNDS)); do \
		seed=$${SEED:-$$(od -An -N3 -tu4 /dev/urandom | tr -d ' ')}; echo "round $$round: make search ROUNDS=1 SEED=$$seed"; \
		CUTOVER_SEARCH=1 $(PYTEST) -q -m "hypothesis and not slow" --hypothesis-seed=$$seed || exit 1; \
	done

bench: $(VENV)/.dev ## measure, print the table and write build/bench.json
	@$(MAKE) --no-print-directory $(AWS_TOOL) || echo "the AWS CLI could not be fetched; it is left out" >&2
	CUTOVER_DYNAMODB_LOCAL="$${CUTOVER_DYNAMODB_LOCAL:-$(wildcard $(abspath $(DYNAMODB_LOCAL)))}" \
		$(BIN)/python -m tests.bench

million: $(VENV)/.dev $(DYNAMODB_LOCAL) ## migrate a million items under fire (half an hour); build/million.json
	CUTOVER_DYNAMODB_LOCAL=$(abspath $(DYNAMODB_LOCAL)) $(BIN)/python -m tests.million

build: $(SAM) ## sam build
	$(SAM) build

deploy: build ## sam build and sam deploy; the first time it asks for the parameters
	$(SAM) deploy $(GUIDED)

clean: ## remove what was built and installed here
	rm -rf $(VENV) .aws-sam build .pytest_cache .mypy_cache .ruff_cache .hypothesis src/*.egg-info
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; name one with make PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.rehearse: $(PROJECT) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[rehearse]'
	@touch $@

$(VENV)/.dev: $(PROJECT) | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.rehearse

$(SAM_TOOL):
	$(PYTHON) -m venv $(TOOLS)/sam
	$(TOOLS)/sam/bin/python -m pip install --quiet --disable-pip-version-check aws-sam-cli==1.170.0

# For `make bench` alone: an article's way of copying a table is measured with the tool that it names.
$(AWS_TOOL):
	$(PYTHON) -m venv $(TOOLS)/aws
	$(TOOLS)/aws/bin/python -m pip install --quiet --disable-pip-version-check awscli==1.45.11

$(CHECKOV):
	$(PYTHON) -m venv $(TOOLS)/checkov
	$(TOOLS)/checkov/bin/python -m pip install --quiet --disable-pip-version-check checkov==3.3.30

# Amazon's own DynamoDB Local, as this npm package carries it; its licence is Amazon's. It needs Java 17 to run.
$(DYNAMODB_LOCAL):
	@command -v npm >/dev/null || { echo "npm is needed to fetch DynamoDB Local, and Java 17 to run it" >&2; exit 1; }
	mkdir -p build
	cd build && npm pack --silent amplify-dynamodb-simulator@2.9.30
	mkdir -p $@.new && tar -xzf build/amplify-dynamodb-simulator-2.9.30.tgz -C $@.new --strip-components=2 package/emulator
	rm build/amplify-dynamodb-simulator-2.9.30.tgz && mv $@.new $@
