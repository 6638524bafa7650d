#!/usr/bin/env bash
# The witness of Microsoft's own SDKs: azidentity, MSAL and msgraph-sdk-go in Go,
# msal-node and microsoft-graph-client in Node, all unmodified, against the
# simulated tenant, and through a gateway before it. And published verifiers of Standard Webhooks judge what a
# receiver gets from the gateway, and forgeries of it.
#
#   interop/run.sh [go|node|verifiers]
#
# Each suite gets a fresh tenant. It needs the Go proxy and npm once; the first
# build of msgraph-sdk-go takes five CPU minutes. With GRAPHWARDEN_ANSWERS, a
# folder, the tenant's answers are kept there for graphcheck -validate.
set -euo pipefail
cd "$(dirname "$0")/.."
suites=${1:-verifiers go node}
case $suites in go | node | verifiers | 'verifiers go node') ;; *)
  echo "usage: interop/run.sh [go|node|verifiers]" >&2
  exit 2
  ;;
esac
work=$(mktemp -d)
pid=
gate=

stop() {
  if [ -n "$gate" ]; then
    exec 7>&-
    wait "$gate" 2>/dev/null || true
    gate=
  fi
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    pid=
  fi
}
trap 'stop; rm -rf "$work"' EXIT

# start NAME: starts a tenant and waits until it can be reached.
start() {
  "$work/graphwarden" sim --weather off --addr 127.0.0.1:0 --seed 1 --users 25 --http-notifications \
    --ready "$work/$1.json" --truth "$work/$1.truth" --record "$work/$1.ndjson" 2>"$work/$1.log" &
  pid=$!
  for _ in $(seq 300); do
    [ -s "$work/$1.json" ] && return
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  echo "The simulated tenant did not become ready within 30 seconds:" >&2
  cat "$work/$1.log" >&2
  return 1
}

# gateway NAME: puts a gateway before the tenant, for the SDKs that go through one.
gateway() {
  mkfifo "$work/$1.open"
  node interop/gateway.mjs "$work/graphwarden" "$work/$1.json" "$work/$1.gateway" <"$work/$1.open" >"$work/$1.gateway.log" 2>&1 &
  gate=$!
  exec 7>"$work/$1.open" # it ends when this is closed
  for _ in $(seq 300); do
    [ -s "$work/$1.gateway/gateway.json" ] && return
    kill -0 "$gate" 2>/dev/null || break
    sleep 0.1
  done
  echo "The gateway did not become ready within 30 seconds:" >&2
  cat "$work/$1.gateway.log" >&2
  return 1
}

# suite NAME COMMAND...: runs a suite against a tenant of its own, and counts the
# operations that it used.
suite() {
  local name=$1 failed=0; shift
  echo "== $name"
  start "$name" && gateway "$name" || return 1
  GRAPHWARDEN_READY="$work/$name.json" GRAPHWARDEN_GATEWAY="$work/$name.gateway/gateway.json" SSL_CERT_FILE="$work/$name.gateway/trust.pem" NODE_EXTRA_CA_CERTS="$work/$name.gateway/trust.pem" \
    timeout 600 "$@" || failed=1
  stop
  if [ -n "${GRAPHWARDEN_ANSWERS:-}" ]; then
    cp "$work/$name.ndjson" "$GRAPHWARDEN_ANSWERS/interop-$name.ndjson"
  fi
  if [ "$failed" -ne 0 ]; then
    echo "-- $name failed; what the tenant said:" >&2
    tail -n 50 "$work/$name.log" "$work/$name.gateway.log" >&2
    return 1
  fi
  echo "-- $name:"
  node interop/node/operations.mjs "$work/$name.ndjson" 25
}

# verifiers has letters written and judged, by programs for Go and for Node.
verifiers() {
  echo "== verifiers"
  go test ./deliver -count=1 -run TestLettersForOtherVerifiers -letters "$work/letters.json" &&
    GRAPHWARDEN_LETTERS="$work/letters.json" go test -C interop/verifiers -count=1 -v . &&
    GRAPHWARDEN_LETTERS="$work/letters.json" node --test --test-reporter=spec interop/node/verify.mjs
}

export CGO_ENABLED=0
go build -o "$work/graphwarden" ./cmd/graphwarden
for one in $suites; do
  case $one in
  go) go test -C interop/go -c -o "$work/sdk-go" . ;;
  node | verifiers) npm --prefix interop/node ci --no-audit --no-fund --silent ;;
  esac
done
status=0
for one in $suites; do
  case $one in
  verifiers) verifiers || status=1 ;;
  go) suite sdk-go "$work/sdk-go" -test.v -test.timeout 9m || status=1 ;;
  node) suite sdk-node node --test --test-concurrency=1 --test-timeout=120000 --test-reporter=spec interop/node/ || status=1 ;;
  esac
done
exit "$status"
