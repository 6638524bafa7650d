# The house's chores. Everything that CI runs is in .ci/run.
SHARED ?= ../shared

.PHONY: test check check-fast race lint generate bench build

build:            ## the binary, in dist/
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w' -o dist/graphwarden ./cmd/graphwarden

test:             ## the README's test command
	go test ./...

check-fast: lint  ## what to run before a commit: two minutes
	go test -short ./...

check: lint race  ## what to run before a push
	dist/staticcheck ./...

# SQLite itself is not watched: it is code made of WebAssembly, each connection a machine
# of its own with no thread and no lock in it, and watching it is half of all the work.
# What calls it is watched.
race:             ## the tests with the race detector; ONLY='./store ./act': of those packages, FLAGS=-short
	CGO_ENABLED=1 go test -race -gcflags='github.com/ncruces/go-sqlite3-wasm/...=-race=false' $(FLAGS) $(or $(ONLY),./...)

lint:
	@test -z "$$(gofmt -l $$(git ls-files '*.go'))" || { gofmt -l $$(git ls-files '*.go'); exit 1; }
	go vet ./...
	@mkdir -p dist
	go build -C tools -o ../dist/staticcheck honnef.co/go/tools/cmd/staticcheck

generate:         ## the tables of facts, made anew from $(SHARED)
	go generate ./...

bench:            ## the bars beside what is measured, within five minutes; DB=postgres; FULL=1: their own sizes; SDK=1, COLD=1: build those, too
	go test -count=1 -timeout 60m -run TestBars -v ./internal/bench -bars $(if $(FULL),-full) $(if $(SDK),-sdk) $(if $(COLD),-cold) $(if $(ONLY),-only $(ONLY)) $(if $(DB),-db $(DB)) | grep -v '^=== '
