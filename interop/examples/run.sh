#!/usr/bin/env bash
# Witness 1: Microsoft's documented examples, replayed against a fresh simulated
# tenant, and every answer held against Microsoft's schema.
#
#   SHARED=../shared interop/examples/run.sh
#
# The checker and the examples are not part of this repository; SHARED names the
# folder that holds them. The token is a Global Administrator's. The figure below
# may only rise.
set -euo pipefail
cd "$(dirname "$0")/../.."
conforming=143

: "${SHARED:=$(cd .. && pwd)/shared}"
work=$(mktemp -d)
simulator=
finish() {
  [ -z "$simulator" ] || { kill "$simulator" && wait "$simulator"; } 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

go build -o "$work/graphwarden" ./cmd/graphwarden
go build -C "$SHARED/tools/graphcheck" -o "$work/graphcheck" .
answers=${GRAPHWARDEN_ANSWERS:-$work}
mkdir -p "$answers"
"$work/graphwarden" sim --weather off --addr 127.0.0.1:0 --seed 1 --users 25 --ready "$work/ready.json" \
  --http-notifications --record "$answers/examples.ndjson" 2>"$work/simulator.log" &
simulator=$!
for _ in $(seq 600); do
  [ -e "$work/ready.json" ] && break
  kill -0 "$simulator" 2>/dev/null || { cat "$work/simulator.log" >&2; exit 1; }
  sleep 0.05
done

get() { node -e 'const r = JSON.parse(require("fs").readFileSync(process.argv[1])); console.log(process.argv[2].split(".").reduce((o, k) => o[k], r))' "$work/ready.json" "$1"; }
GRAPH_BASE="$(get graph)/v1.0" GRAPH_TOKEN="$(get tokens.admin)" SSL_CERT_FILE="$(get ca)" \
  "$work/graphcheck" -csdl "$SHARED/graph/v1.0.csdl.gz" -ids interop/examples/ids.txt -min "$conforming" \
  -json "$work/results.json" "$@" "$SHARED/graph/examples.jsonl.gz"
