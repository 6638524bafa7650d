# The steps of .ci/run, one function each.

# need installs what Debian offers and refuses to go on without the facts.
need() {
  if [ ! -d "$SHARED/graph" ]; then
    echo "The folder with Microsoft's published facts is not at $SHARED: set SHARED." >&2
    return 1
  fi
  local missing=()
  command -v gcc >/dev/null || missing+=(gcc libc6-dev)
  command -v postgres >/dev/null || ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || missing+=(postgresql)
  command -v curl >/dev/null || missing+=(curl)
  command -v openssl >/dev/null || missing+=(openssl)
  command -v groff >/dev/null || missing+=(groff)
  command -v systemd-analyze >/dev/null || missing+=(systemd)
  command -v node >/dev/null || missing+=(nodejs npm)
  /usr/bin/python3 -c 'import icalendar, dateutil' 2>/dev/null || missing+=(python3-icalendar python3-dateutil)
  if [ ${#missing[@]} -gt 0 ]; then
    apt-get update -qq && apt-get install -y -qq "${missing[@]}"
  fi
  go version && node --version
}

lint() {
  make --no-print-directory lint
  GOOS=windows go build -o "$OUT/graphwarden.exe" ./cmd/graphwarden # what stands only there is built at least
  dist/staticcheck ./...
}

# facts makes the tables of facts anew and wants the very same bytes.
facts() {
  go generate ./...
  git diff --exit-code --stat -- catalog edm zone sim
}

# race runs the tests once more with the race detector; every answer that the
# simulator gives meanwhile is kept for witness 2. It takes many times as long, so what
# only repeats itself is done less often, and what has no two threads, or has assemble's,
# is left out: all of it has passed in the first step. The kills and vet have a step
# of their own.
#
# Each package has one processor (-cpu 1; -p are beside each other): SQLite sleeps when it
# meets a half-written page, and in a test whose time is its own (testing/synctest) that
# sleep never ends while anybody waits for a lock of the sleeper's. On one processor
# nobody sees a half-written page. A race is told of last, where it is seen.
race() {
  GORACE="log_path=$OUT/raced" make --no-print-directory race FLAGS='-short -count=1 -cpu 1 -timeout 30m -vet=off' \
    ONLY="$(go list ./... | grep -vE '/(internal/kill|cli|assess/.*)$' | tr '\n' ' ')" ||
    { cat "$OUT"/raced.* 2>/dev/null; return 1; }
}

# fuzz runs each fuzz target that there is for a moment; longer: .ci/fuzz.sh 30
fuzz() { .ci/fuzz.sh 3; }

# batches sends random batches through the proxy.
batches() { go test ./proxy -count=1 -run RandomBatches -batches 10000 -timeout 20m; }

# bench reports figures; it does not judge.
bench() { timeout 360 make --no-print-directory bench || true; }

# kills kills gateways at named steps, before and after their effect, and at random
# moments besides, on SQLite and on PostgreSQL with three gateways. The two run side by
# side, for they wait more than they work, and what witness 3 is made of is built
# meanwhile. On PostgreSQL, steps that have had no turn after 17 minutes (it takes about
# fourteen) are told of and left out.
kills() { beside kills_sqlite kills_postgres sdks_built; }

kills_sqlite()   { go test -count=1 ./internal/kill -run NothingIsLostWhateverIsKilled -kills 60 -steps -timeout 30m -v; }
kills_postgres() { go test -count=1 ./internal/kill -run NothingIsLostOnPostgreSQL -kills 60 -steps -within 17m -timeout 30m -v; }
sdks_built()     { CGO_ENABLED=0 go list -C interop/go -export -deps -test . >"$OUT/sdks.txt"; }

# beside STEP...: runs steps at once, shows what each said when all have ended, what
# failed last, and fails if one did.
beside() {
  local name failed=() pids=()
  for name in "$@"; do
    ( set -e; "$name" ) >"$OUT/$name.log" 2>&1 &
    pids+=($!)
  done
  for name in "$@"; do
    if wait "${pids[0]}"; then
      printf -- '--- %s said:\n' "$name"
      cat "$OUT/$name.log"
    else
      failed+=("$name")
    fi
    pids=("${pids[@]:1}")
  done
  for name in "${failed[@]}"; do
    printf -- '--- %s failed:\n' "$name"
    cat "$OUT/$name.log"
  done
  [ ${#failed[@]} -eq 0 ]
}

witness_examples()   { interop/examples/run.sh; }
witness_sdks()       { interop/run.sh; }
witness_api()        { interop/apiclients/run.sh; }
witness_recurrence() { interop/recurrence/run.sh; }

# assess_gate has the project judge its own blueprints, and the documents that it was
# made for: each of those is read, none passes.
assess_gate() {
  go build -o "$OUT/graphwarden" ./cmd/graphwarden
  # docs/assess.md, As a gate, says why the two pass at different heights.
  "$OUT/graphwarden" assess docs/blueprints/crm.yaml --fail-on change
  "$OUT/graphwarden" assess docs/blueprints/presence.yaml --fail-on refuse
  "$OUT/graphwarden" assess "$SHARED"/seeds/*
  ! "$OUT/graphwarden" assess "$SHARED"/seeds/* --fail-on refuse >/dev/null
}

# demo runs the story as a user would, from a clone with nothing but Go.
demo() {
  local clone="$OUT/clone"
  git clone -q . "$clone"
  ( cd "$clone" && go run ./cmd/graphwarden demo --once )
}

demo_calendars() { interop/recurrence/received.sh "$SHARED/corpus/calendar"; }

# witness_answers holds every answer that the simulator gave in any of the steps
# before against Microsoft's schema.
witness_answers() {
  cat "$GRAPHWARDEN_ANSWERS"/*.ndjson >"$OUT/answers.ndjson"
  wc -l <"$OUT/answers.ndjson"
  go build -C "$SHARED/tools/graphcheck" -o "$OUT/graphcheck" .
  "$OUT/graphcheck" -csdl "$SHARED/graph/v1.0.csdl.gz" -validate "$OUT/answers.ndjson" -min 100% "$SHARED/graph/examples.jsonl.gz"
}
