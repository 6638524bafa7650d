#!/usr/bin/env bash
# Witness 1: Microsoft's documented examples, replayed against a fresh simulated
# tenant for each kind of token, every answer held against Microsoft's schema.
#
#   SHARED=../shared interop/examples/run.sh
#
# The checker and the examples are not part of this repository; SHARED names the
# folder that holds them. The figures below may only rise:
#
#   checker     the checker alone, with its own probes, as the Global Administrator
#   app         an app's own token with every permission; refused where Microsoft's
#               table opens nothing for apps
#   least-user  each request with a signed-in token that holds the least permission
#               for it and nothing else; least-app the same with apps' own tokens
#   nobody      an app and a user without any permission: refused
#   unsafe      what the checker skips or cannot see refused, with victims of our own,
#               both kinds of token
set -euo pipefail
cd "$(dirname "$0")/../.."
figures='checker=143 app=129 least-user=129 least-app=129 nobody=254 unsafe=30'

: "${SHARED:=$(cd .. && pwd)/shared}"
work=$(mktemp -d)
simulator=
stop() {
  [ -z "$simulator" ] || { kill "$simulator" && wait "$simulator"; } 2>/dev/null || true
  simulator=
}
finish() { stop; rm -rf "$work"; }
trap finish EXIT

go build -o "$work/graphwarden" ./cmd/graphwarden
go build -o "$work/examples" ./interop/examples
go build -C "$SHARED/tools/graphcheck" -o "$work/graphcheck" .
answers=${GRAPHWARDEN_ANSWERS:-$work}
mkdir -p "$answers"

fresh() { # NAME: a tenant of its own
  rm -f "$work/ready.json"
  "$work/graphwarden" sim --weather off --addr 127.0.0.1:0 --seed 1 --users 25 --ready "$work/ready.json" \
    --http-notifications --record "$answers/examples-$1.ndjson" 2>"$work/simulator.log" &
  simulator=$!
  for _ in $(seq 600); do
    [ -e "$work/ready.json" ] && return
    kill -0 "$simulator" 2>/dev/null || { cat "$work/simulator.log" >&2; exit 1; }
    sleep 0.05
  done
}

get() { node -e 'const r = JSON.parse(require("fs").readFileSync(process.argv[1])); console.log(process.argv[2].split(".").reduce((o, k) => o[k], r))' "$work/ready.json" "$1"; }

for figure in $figures; do
  mode=${figure%=*} least=${figure#*=}
  fresh "$mode"
  if [ "$mode" = checker ]; then
    GRAPH_BASE="$(get graph)/v1.0" GRAPH_TOKEN="$(get tokens.admin)" SSL_CERT_FILE="$(get ca)" \
      "$work/graphcheck" -csdl "$SHARED/graph/v1.0.csdl.gz" -ids interop/examples/ids.txt -min "$least" \
      -json "$work/results.json" "$@" "$SHARED/graph/examples.jsonl.gz"
  else
    "$work/examples" -mode "$mode" -ready "$work/ready.json" -facts "$SHARED/graph" -checker "$work/graphcheck" -min "$least"
  fi
  stop
done
