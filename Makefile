# Needs Go, git and make. Targets that can use more say what is missing.

export CGO_ENABLED ?= 0
GO ?= go
STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2

# Real traffic on shared kernel objects: one package after the other.
LABS = ./tests/lab/... ./tests/scenario/... ./tests/mininet/... ./tests/isolation/... ./sidecarfallback/redirect/... ./sidecarfallback/sidecar/...
# Packages whose goroutines share state.
CONCURRENT = ./p4/engine/... ./runtime/... ./compiler/...

FUZZTIME ?= 60s

.PHONY: all build demo test packages lint unit race labs bench fuzz generate clean

all: build

build:
	$(GO) build -o bin/pillion ./cmd/pillion

demo:
	$(GO) run ./cmd/pillion demo

test: packages lint unit race labs

# What the labs use, from Debian, where that can be had. Without it they skip and say so.
packages:
	@tests/packages.sh

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go' | grep -v '^lang/parser/'))" || { gofmt -l $$(git ls-files "*.go" | grep -v "^lang/parser/"); echo 'not gofmt-ed'; exit 1; }
	$(GO) vet $$($(GO) list ./... | grep -v '/lang/parser$$')
	$(GO) vet -unreachable=false ./lang/parser
	$(GO) run $(STATICCHECK) $$($(GO) list ./... | grep -v '/lang/parser$$')

unit:
	$(GO) run ./tests/report -- $$($(GO) list ./... | grep -v -x -F "$$($(GO) list $(LABS))")

race:
	@if command -v gcc >/dev/null; then \
	  CGO_ENABLED=1 $(GO) run ./tests/report -- -race -short $(CONCURRENT); \
	else echo 'skipped: the race detector (no gcc here)'; fi

labs: build
	PATH="$(CURDIR)/bin:$$PATH" $(GO) run ./tests/report -- -p 1 $(LABS)

bench:
	$(GO) run ./tests/bench
	$(GO) test -run "^$$" -bench . ./sidecarfallback/shim/...

fuzz:
	@for p in $$($(GO) list ./...); do \
	  for f in $$($(GO) test -list '^Fuzz' $$p 2>/dev/null | grep '^Fuzz'); do \
	    echo "== $$p $$f"; $(GO) test -run '^$$' -fuzz "^$$f$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 1x $$p || exit 1; \
	  done; \
	done

# The parser needs Node (npx); the P4 programs need p4c; the shim's data plane needs clang, llvm-strip and libbpf's headers.
generate:
	$(GO) generate ./lang
	@if command -v p4c-bm2-ss >/dev/null; then $(GO) generate ./p4/...; else echo 'skipped: p4 (no p4c-bm2-ss here)'; fi
	@if command -v clang >/dev/null && command -v llvm-strip >/dev/null; then $(GO) generate ./sidecarfallback/shim/bpf; else echo 'skipped: eBPF (no clang and llvm-strip here)'; fi

clean:
	rm -rf bin
