# The sandbox's commands. Everything they make is in .sandbox/, except Go's caches and a cache of built
# tools in the user's cache directory.
#
#   make up [PLUGINS=official]

SHELL := /bin/sh
# Nothing of the user's own Go settings: no go.work of a directory above, no C compiler, no vendoring, no
# question to git about a checkout that may be someone else's.
export GOWORK := off
export CGO_ENABLED := 0
export GOFLAGS := -mod=readonly -buildvcs=false
unexport GOOS GOARCH
# The linter's cache has paths of the checkout in it: shared with another one, it reports that one's files.
export GOLANGCI_LINT_CACHE := $(CURDIR)/.sandbox/golangci-lint-cache
PLUGINS ?= sandbox
SANDBOX := .sandbox/bin/sandbox
LINT := .sandbox/bin/golangci-lint
TEST_TOOLS := etcd kwok kubernetes pulumi-language-go pulumi-language-go-launcher pulumi kube-score \
	pulumi-resource-random pulumi-resource-tls pulumi-resource-kubernetes prometheus-adapter prometheus alertmanager istio
GO_FOLDERS := *.go cmd components internal stacks tests

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help up down status env clean test bench lint format vet unit sandbox

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: sandbox ## build the tools, start the cluster, deploy the local stack (PLUGINS=official: with the pulumi on your PATH)
	@$(SANDBOX) up --plugins '$(PLUGINS)'

down: sandbox ## stop the cluster and remove it with its state; the built tools stay
	@$(SANDBOX) down

status: sandbox ## what of the sandbox runs and what is deployed
	@$(SANDBOX) status

env: sandbox ## print the environment for pulumi and kubectl: eval "$(make -s env)"
	@$(SANDBOX) env --plugins '$(PLUGINS)'

clean: sandbox ## as down, and remove the built tools too
	@$(SANDBOX) clean

test: format vet lint unit ## format, vet, lint and every test, those on the sandbox included

lint: sandbox ## golangci-lint in both modules
	@$(SANDBOX) tools golangci-lint
	@echo '== golangci-lint, root module'
	@$(LINT) run --allow-parallel-runners ./...
	@echo '== golangci-lint, tests/sandbox'
	@cd tests/sandbox && ../../$(LINT) run --allow-parallel-runners ./...

bench: sandbox ## measure and print the figures of the sandbox, and what growth costs (docs/growth.md)
	@$(SANDBOX) tools $(TEST_TOOLS)
	@cd tests/sandbox && go test ./bench -run '^$$' -bench . -benchtime 3x -timeout 120m

format:
	@echo '== gofmt'
	@unformatted="$$("$$(go env GOROOT)/bin/gofmt" -l $(wildcard $(GO_FOLDERS)))" && test -z "$$unformatted" || \
		{ echo "not formatted, run gofmt -w on: $$unformatted" >&2; exit 1; }

vet:
	@echo '== go vet, root module'
	@go vet ./...
	@echo '== go vet, tests/sandbox'
	@cd tests/sandbox && go vet ./...

# Nothing of the sandbox's tests is taken from Go's test cache, which does not see the tools they run.
unit: sandbox ## every test, without format, vet and lint
	@$(SANDBOX) tools $(TEST_TOOLS)
	@echo '== go test, root module'
	@go test ./...
	@echo '== go test, tests/sandbox'
	@cd tests/sandbox && go test -count=1 -timeout 45m ./...

# Built in the file system it goes to, so that it is renamed into place: another make may be running it.
sandbox:
	@mkdir -p -m 0700 .sandbox .sandbox/bin
	@cd tests/sandbox && GOTMPDIR=../../.sandbox/bin go build -trimpath -o ../../$(SANDBOX) ./cmd/sandbox
