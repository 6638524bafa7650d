#!/usr/bin/env bash
# Runs each fuzz target of the repository for a while, one after the other:
#
#   .ci/fuzz.sh [SECONDS, 4 by default] [WORD in the package or the name]
#
# It goes on after one that fails, whose input Go keeps under the package's
# testdata/fuzz, and fails in the end.
set -uo pipefail
cd "$(dirname "$0")/.."
span=${1:-4}
only=${2:-.}
failed=()
count=0
fuzz() { go test -run '^$' -fuzz "^$name\$" -fuzztime "${span}s" -fuzzminimizetime 5s -parallel 2 -timeout 10m "./$dir" 2>&1; }
# ended: nothing was found, the time was over while an input was tried, which Go counts
# as a failure.
ended() { local said; said=$(cat); grep -q 'context deadline exceeded' <<<"$said" && ! grep -q 'Failing input' <<<"$said"; }
for dir in $(git grep -l '^func Fuzz' -- '*_test.go' | xargs -n1 dirname | sort -u); do
  [ -f "$dir/go.mod" ] && continue # a module of its own
  for name in $(grep -ho '^func Fuzz[A-Za-z0-9_]*' "$dir"/*_test.go | cut -c6- | sort); do
    [[ "$dir $name" =~ $only ]] || continue
    count=$((count + 1))
    if out=$(fuzz) || { ended <<<"$out" && out=$(fuzz); }; then
      echo "$dir $name: $(grep -o 'execs: [0-9]*' <<<"$out" | tail -1)"
    else
      failed+=("$dir $name")
      echo "$dir $name FAILED"
      tail -n 40 <<<"$out"
    fi
  done
done
echo "$count fuzz targets, ${#failed[@]} failed"
[ ${#failed[@]} -eq 0 ]
