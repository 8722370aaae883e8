# Targets for people and for .ci/run. What needs more than Go and git says so.

GO ?= go

.PHONY: build test demo bench bench-graph bench-startup bench-openapi bench-protobuf facts-size generate lint drift models proxies sarif-schema rdjson-schema browser update-scripts

build:
	$(GO) build -o bin/ ./cmd/...

# The whole suite. The scripts in testdata start the test binary itself, so
# nothing needs to be built before.
test:
	$(GO) mod download
	$(GO) test ./...

# The example shop with its bank down: one checkout, and the requests that arrive
# everywhere beside what the call graph says.
demo:
	$(GO) run ./internal/demo

# The published SARIF schema, which the reports are validated against. Needs npm. Tests
# that need the schema skip without it.
sarif-schema:
	scripts/fetch-sarif-schema.sh

# The published schema of the Reviewdog Diagnostic Format, likewise.
rdjson-schema:
	scripts/fetch-rdjson-schema.sh

# Every function, type, field and operand that a library model names must exist
# in the real module; downloads the modules.
models:
	$(GO) run ./internal/gen/clients/verify testdata/clients

# nginx and HAProxy, where they are installed, before servers that fail: what
# arrives must be what their configuration tells.
proxies:
	$(GO) test -count=1 -tags proxies -run '^TestReal' ./envoycfg/nginx ./envoycfg/haproxy ./envoycfg/proxytest

bench: bench-startup
	$(GO) test -run '^$$' -bench . -benchtime 1x ./...

# The vet entry may cost 5 ms more than an empty vet tool, as it is started once
# per package (docs/architecture.md).
bench-startup:
	$(GO) run ./internal/bench/startup -max 5

# What comparing OpenAPI documents costs beside oasdiff, which this installs; the
# bar is half of its CPU time and memory: make bench-openapi SPECS=../specs
SPECS ?= ../specs
bench-openapi:
	GOBIN=$(CURDIR)/.cache/bin $(GO) install github.com/oasdiff/oasdiff@v1.33.0
	$(GO) run ./internal/bench/openapi -specs $(SPECS) -oasdiff .cache/bin/oasdiff -bar 0.5

# What comparing .proto files costs beside buf, which this installs, and what both find;
# takes ten minutes and 8 GB: make bench-protobuf MIRRORS=../mirrors, where repositories
# are in folders called owner+name. Those that are not there are skipped.
MIRRORS ?= ../mirrors
bench-protobuf:
	GOBIN=$(CURDIR)/.cache/bin $(GO) install github.com/bufbuild/buf/cmd/buf@v1.73.0
	$(GO) run ./internal/bench/protobuf -mirrors $(MIRRORS) -buf .cache/bin/buf -differences

# What the figures of 100,000 services and 1,000,000 edges cost: at most 5
# CPU-seconds and 2 GB (docs/evaluation-graph.md).
bench-graph:
	$(GO) run ./internal/bench/graph -services 100000 -cpu 5 -memory 2048

# The size of the facts that packages pass on: make facts-size DIR=../shop
DIR ?= .
facts-size:
	$(GO) run ./internal/bench/factsize -C $(DIR)

generate:
	$(GO) generate ./...

# Generated files must be what go generate makes of their sources.
drift:
	sh .ci/drift

lint:
	@unformatted=$$(gofmt -l $$(git ls-files '*.go' | grep -v /testdata/)); \
	  if [ -n "$$unformatted" ]; then echo "not formatted with gofmt:"; echo "$$unformatted"; exit 1; fi
	$(GO) vet ./...
	$(GO) run ./cmd/commslint check github.com/commslint/commslint/...

# Opens the page of commslint graph in a Chromium, where one is installed.
browser:
	@for name in "$$CHROMIUM" chromium chromium-browser google-chrome google-chrome-stable chrome; do \
	  if command -v "$$name" >/dev/null 2>&1; then \
	    echo "browser: $$name"; exec $(GO) test -count=1 -tags browser ./report/picture/browser; \
	  fi; \
	done; echo "browser: skipped, as no Chromium is installed"

update-scripts:
	$(GO) test ./internal/cli -run TestScripts -update
