#!/usr/bin/env bash
# The witness of the API's description: an independent linter passes it, and the
# clients that other programs generate from it, in Go and in TypeScript, work
# against a gateway that is served.
#
#   interop/apiclients/run.sh
#
# It needs the Go proxy and npm once.
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
pids=()

stop() {
  for pid in "${pids[@]}"; do
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}
trap 'stop; rm -rf "$work"' EXIT

# until_there FILE|URL: waits at most 30 seconds.
until_there() {
  for _ in $(seq 300); do
    case $1 in
    http*) curl -sf -o /dev/null "$1" && return ;;
    *) [ -s "$1" ] && return ;;
    esac
    sleep 0.1
  done
  echo "$1 did not come within 30 seconds:" >&2
  tail -n 30 "$work"/*.log >&2
  return 1
}

export CGO_ENABLED=0
( cd ../.. && go build -o "$work/graphwarden" ./cmd/graphwarden )
npm ci --no-audit --no-fund --silent

"$work/graphwarden" sim --weather off --addr 127.0.0.1:0 --seed 1 --users 5 --ready "$work/ready.json" 2>"$work/sim.log" &
pids+=($!)
until_there "$work/ready.json"
export GRAPHWARDEN_API
GRAPHWARDEN_API=$(node configure.mjs "$work/ready.json" "$work")
"$work/graphwarden" serve --config "$work/graphwarden.yaml" 2>"$work/serve.log" &
pids+=($!)
until_there "$GRAPHWARDEN_API/healthz"
export GRAPHWARDEN_KEY
GRAPHWARDEN_KEY=$("$work/graphwarden" apps key create portal --scope write --config "$work/graphwarden.yaml" 2>/dev/null)

echo "== the descriptions, as Redocly reads them"
curl -sf "$GRAPHWARDEN_API/v1/openapi.json" >openapi.json
"$work/graphwarden" openapi --operators >openapi-operators.json
REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true npx redocly lint openapi.json openapi-operators.json >"$work/lint.log" 2>&1 || {
  cat "$work/lint.log" >&2
  exit 1
}
tail -n 3 "$work/lint.log"

# The first reading of three mailboxes takes a moment.
mailbox=$(curl -sf -H "Authorization: Bearer $GRAPHWARDEN_KEY" "$GRAPHWARDEN_API/v1/mailboxes" | node -e 'const m = JSON.parse(require("fs").readFileSync(0)).items[0]; console.log(`${m?.tenant}/mailboxes/${m?.id}`)')
for _ in $(seq 300); do
  curl -sf -H "Authorization: Bearer $GRAPHWARDEN_KEY" "$GRAPHWARDEN_API/v1/tenants/$mailbox/events?limit=1" | grep -q '"complete":true' && break
  mailbox=$(curl -sf -H "Authorization: Bearer $GRAPHWARDEN_KEY" "$GRAPHWARDEN_API/v1/mailboxes" | node -e 'const m = JSON.parse(require("fs").readFileSync(0)).items[0]; console.log(`${m?.tenant}/mailboxes/${m?.id}`)')
  sleep 0.1
done

echo "== a client in TypeScript, by openapi-typescript and openapi-fetch"
npx openapi-typescript openapi.json -o api.ts >/dev/null
npx tsc
node made/client.js
node made/writing.js

echo "== a client in Go, by oapi-codegen"
mkdir -p go/client
( cd go && go tool oapi-codegen -config cfg.yaml ../openapi.json && go test -count=1 -v . )
