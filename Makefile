# Everything starts from python3 and pip; whatever else is needed is installed below this directory.
# The stamps say what is installed, so that a second `make up` starts at once.

PYTHON ?= python3
PARALLEL := --no-print-directory -j 4
PIP := -m pip --disable-pip-version-check --quiet install
BIN := .venv/bin
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' proxy/pyproject.toml)
export PATH := $(CURDIR)/$(BIN):$(PATH)

RUN := .venv/.installed-run
DEV := .venv/.installed-dev
E2E := .venv/.installed-e2e
LEGACY := .venv-legacy/.installed
CHECKOV := .venv-checkov/.installed
FIXTURE := .venv-fixture/.installed
OLD_FIXTURE := .venv-fixture-legacy/.installed
POLICY := .venv-policy/.installed
NODE := tools/node_modules/.installed
PROMTOOL := .cache/promtool/.looked-for
KUBE_SCORE := .cache/kube-score-1.20.0
YAML := .cache/pulumi-yaml/.looked-for
PULUMI_NODE := tools/pulumi-node/node_modules/.installed
TRIVY := .cache/trivy-checks-1.10.0
POD_SECURITY := .cache/pod-security-0.37.2

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help up test e2e lint format fuzz stacks soak bench image parity reference lock clean install install-test

help: ## this list
	@echo "mcp-stack: Model Context Protocol servers, on this machine or on Kubernetes, from one stack file"
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-9s %s\n", $$1, $$2}'

up: ## run the local stack on this machine (PORT=8080 VERBOSE=1); CHECK=1: start it, call its tools, stop, exit code says it
	@$(MAKE) $(PARALLEL) install
	@exec $(BIN)/mcp-stack up --stack local $(if $(CHECK),--check) $(if $(PORT),--port $(PORT)) $(if $(VERBOSE),--verbose)

test: ## everything that CI runs: format, lint, types, tests, coverage, conformance, judges
	@$(MAKE) $(PARALLEL) install-test
	@exec $(BIN)/python -m tools.checks

e2e: ## the real Pulumi engine, an API server and a node: $$KUBECONFIG's, or ../shared/cluster (ONLY=test_cli.py)
	@$(MAKE) $(PARALLEL) $(E2E) $(YAML) $(PULUMI_NODE)
	@exec $(BIN)/python -m tests.e2e $(ONLY)

lint: ## the quick part of `make test`: format, lint, types
	@$(MAKE) $(PARALLEL) $(DEV) $(NODE)
	@exec $(BIN)/python -m tools.checks format lint types

format: $(DEV) ## format, and mend what can be mended safely
	@$(BIN)/ruff check --fix --quiet; $(BIN)/ruff format --quiet

bench: ## benchmarks beside nginx, with the budgets (three minutes); PEERS=1: beside other gateways, into benchmarks/RESULTS.md (ONLY=nginx,fastmcp)
	@$(MAKE) $(PARALLEL) $(if $(PEERS),$(DEV),$(RUN))
	@exec $(BIN)/python -m benchmarks $(if $(PEERS),--peers $(if $(ONLY),--only $(ONLY),--write) $(if $(SECONDS),--seconds $(SECONDS)))

fuzz: ## mutated bytes against parsers, codecs and the server's edge (CASES=1000000 of each, SEED=1, ONLY=sse)
	@$(MAKE) $(PARALLEL) $(DEV)
	@exec $(BIN)/python -m tests.fuzz $(if $(CASES),--cases $(CASES)) $(if $(SEED),--seed $(SEED)) $(if $(ONLY),--only $(ONLY))

stacks: ## random stacks, valid ones and spoiled ones, before every judge (STACKS=500 of each)
	@$(MAKE) $(PARALLEL) $(DEV)
	@STACKS=$(or $(STACKS),500) exec $(BIN)/python -m pytest -q tests/stacks

soak: ## clients of both eras come and go, servers are killed and stalled; nothing may leak (SECONDS=900 CLIENTS=200)
	@$(MAKE) $(PARALLEL) $(DEV)
	@exec $(BIN)/python -m tests.soak $(if $(SECONDS),--seconds $(SECONDS)) $(if $(CLIENTS),--clients $(CLIENTS)) $(if $(SEED),--seed $(SEED))

image: ## the proxy's image, by buildah or docker (BASE=python:3.11-slim TAG=ghcr.io/acme/mcp-stack-proxy:0.1.0); CACHED=1: on an earlier one; CHECK=1: twice the same, tried
	@$(if $(CHECK),$(MAKE) $(PARALLEL) $(DEV))
	@$(PYTHON) -m tools.image $(if $(BASE),--base $(BASE)) $(if $(TAG),--tag $(TAG)) $(if $(CHECK),--check) $(if $(CACHED),--cached)
	@$(if $(CHECK),MCP_STACK_IMAGE=$(or $(TAG),mcp-stack-proxy:$(VERSION)) exec $(BIN)/python -m pytest -q tests/image)

parity: $(DEV) ## write tests/parity/parity.yaml and docs/parity.md anew from the marks of the tests
	@$(BIN)/python -m tools.parity --write

reference: $(RUN) ## write docs/stack-file.md and docs/proxy-configuration.md anew from the models
	@$(BIN)/python -m tools.reference

lock: $(DEV) ## pin the newest versions that requirements/*.in allow
	@for name in run image image-tools dev e2e legacy checkov policy fixture fixture-legacy; do \
		$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-header \
			requirements/$$name.in --output-file requirements/$$name.txt || exit 1; done
	@for place in tools tools/pulumi-node; do (cd $$place && npm update --omit-lockfile-registry-resolved --no-audit --no-fund) || exit 1; done

clean: ## remove everything that was installed or measured here
	rm -rf .venv .venv-legacy .venv-checkov .venv-policy .venv-fixture .venv-fixture-legacy tools/node_modules tools/pulumi-node/node_modules .cache .pytest_cache .ruff_cache .hypothesis .coverage*

# ---- what is installed ---------------------------------------------------------------------------------------------------

install: $(RUN) $(LEGACY)
install-test: $(RUN) $(DEV) $(LEGACY) $(CHECKOV) $(POLICY) $(FIXTURE) $(OLD_FIXTURE) $(NODE) $(PROMTOOL) $(KUBE_SCORE) $(TRIVY) $(POD_SECURITY)

define new-venv
	@tools/new-venv $(PYTHON) $(@D)
endef

# --no-deps: run.txt holds them all, with hashes. --no-build-isolation: so it does the build backend.
$(RUN): requirements/run.txt proxy/pyproject.toml components/pyproject.toml policy/pyproject.toml
	@echo "installing what the stack needs (requirements/run.txt)"
	$(new-venv)
	@$(BIN)/python $(PIP) --require-hashes -r requirements/run.txt
	@$(BIN)/python $(PIP) --no-deps --no-build-isolation -e proxy -e policy -e components
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@echo "installing what the tests need (requirements/dev.txt)"
	@$(BIN)/python $(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

$(E2E): requirements/e2e.txt $(DEV)
	@echo "installing what the tests on a cluster need (requirements/e2e.txt)"
	@$(BIN)/python $(PIP) --require-hashes -r requirements/e2e.txt
	@touch $@

$(NODE): tools/package-lock.json $(DEV)
	@echo "installing the type checker, the conformance suite and strangers to talk to (tools/package-lock.json)"
	@cd tools && npm ci --silent --no-audit --no-fund
	@touch $@

$(LEGACY): requirements/legacy.txt
	@echo "installing the SDK of the legacy-only example server (requirements/legacy.txt)"
	$(new-venv)
	@$(@D)/bin/python $(PIP) --require-hashes -r $<
	@touch $@

$(PROMTOOL): tools/promtool
	@tools/promtool $(@D)

$(CHECKOV): requirements/checkov.txt
	@echo "installing checkov (requirements/checkov.txt)"
	$(new-venv)
	@$(@D)/bin/python $(PIP) --require-hashes -r $<
	@touch $@

$(POLICY): requirements/policy.txt
	@echo "installing the SDK of policy packs (requirements/policy.txt)"
	$(new-venv)
	@$(@D)/bin/python $(PIP) --require-hashes -r $<
	@touch $@

# A judge of manifests that is a Go module; without Go its tests are skipped by name.
$(KUBE_SCORE):
	@mkdir -p .cache/bin
	@if command -v go >/dev/null; then echo "building kube-score"; \
		GOBIN=$(CURDIR)/.cache/bin go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0; fi
	@touch $@

# Releases of the Pulumi CLI have it; from its Go module where there is none.
$(YAML): tools/pulumi-yaml/go.mod tools/pulumi-yaml/go.sum
	@mkdir -p $(@D) .cache/bin
	@if ! command -v pulumi-language-yaml >/dev/null && command -v go >/dev/null; then echo "building Pulumi's YAML (tools/pulumi-yaml)"; \
		cd tools/pulumi-yaml && go build -o ../../.cache/bin/pulumi-language-yaml github.com/pulumi/pulumi-yaml/cmd/pulumi-language-yaml; fi
	@touch $@

# What programs in TypeScript are built with. Without Go there is no SDK for them, and their tests are skipped by name.
$(PULUMI_NODE): tools/pulumi-node/package-lock.json $(DEV)
	@if command -v go >/dev/null; then echo "installing Pulumi's SDK for Node (tools/pulumi-node/package-lock.json)"; \
		cd $(<D) && npm ci --silent --no-audit --no-fund --ignore-scripts && touch node_modules/.installed; fi

# Judges that are libraries in Go, each in a runner of a page: $(1) is what it is called to the reader.
define go-judge
	@mkdir -p .cache/bin
	@if command -v go >/dev/null; then echo "building the runner of $(1)"; \
		cd $(<D) && CGO_ENABLED=0 go build -buildvcs=false -o $(CURDIR)/.cache/bin/$(notdir $(<D)) . \
		|| echo "it could not be built: its tests are skipped"; fi
	@touch $@
endef

$(TRIVY): tools/trivy-checks/main.go tools/trivy-checks/go.sum
	$(call go-judge,trivy's checks)

$(POD_SECURITY): tools/pod-security/main.go tools/pod-security/go.sum
	$(call go-judge,Pod Security Admission)

# The conformance suite's server as each SDK has it: its dependencies from $<, its source from the sdist in $(word 2,$^).
$(FIXTURE): requirements/fixture.txt requirements/fixture-source.txt
	$(install-fixture)

$(OLD_FIXTURE): requirements/fixture-legacy.txt requirements/fixture-legacy-source.txt
	$(install-fixture)

define install-fixture
	@echo "installing a server for the conformance suite ($<)"
	@tools/new-venv $(PYTHON) $(@D)
	@$(@D)/bin/python $(PIP) --require-hashes -r $<
	@$(@D)/bin/python -m pip --disable-pip-version-check --quiet download --require-hashes --no-deps --no-build-isolation \
		--no-binary :all: -r $(word 2,$^) -d $(@D)/source
	@tar -xzf $(@D)/source/mcp-*.tar.gz -C $(@D)/source
	@$(@D)/bin/python $(PIP) --no-deps --no-build-isolation $(@D)/source/mcp-*/examples/servers/everything-server
	@touch $@
endef
