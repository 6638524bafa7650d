#!/usr/bin/env bash
# The recurrence witness: what our code makes of recurring meetings against what
# python3-icalendar and python3-dateutil (Debian) make of the same files.
#
#   interop/recurrence/run.sh [SEED]
#
# It compares, over at least two years, (1) the real calendars beside the
# repository, (2) 500 random Graph series, (3) 500 random calendars with all
# that iCalendar allows: first as the packages expand them in process, then as
# calendarView of a simulated tenant answers. Last it makes sure that the
# comparison fails when one line is wrong, missing, too many or none. A failing
# seed is printed and can be given again.
set -euo pipefail
cd "$(dirname "$0")/../.."
seed=${1:-$RANDOM$RANDOM}
corpus=../shared/corpus/calendar
work=$(mktemp -d)
sim=
trap '[ -z "$sim" ] || kill "$sim"; rm -rf "$work"' EXIT
mkdir "$work/patterns" "$work/calendars"
go build -o "$work/recurrence" ./interop/recurrence
go build -o "$work/graphwarden" ./cmd/graphwarden

ours() { "$work/recurrence" "$@"; }
witness() { /usr/bin/python3 interop/recurrence/witness.py "$@"; }

# compare NAME FOLDER FROM TO READINGS SOURCE: SOURCE is -ics or -series and
# what it takes.
compare() {
	local name=$1 folder=$2 window=(--from "$3" --to "$4") readings=$5
	shift 5
	echo "-- $name, in process"
	ours expand "$@" "${window[@]}" >"$work/$name.ndjson"
	witness --ics "$folder" --got "$work/$name.ndjson" "${window[@]}" --explain "$readings"
	echo "-- $name, over HTTP"
	interop/recurrence/over_http.py --ready "$work/ready.json" "-$1" "$2" "${window[@]}" >"$work/$name.http.ndjson"
	witness --ics "$folder" --got "$work/$name.http.ndjson" "${window[@]}" --explain "$readings"
}

echo "recurrence witness, seed $seed"
"$work/graphwarden" sim --weather off --addr 127.0.0.1:0 --users 2 --ready "$work/ready.json" 2>"$work/sim.log" &
sim=$!
for _ in $(seq 100); do
	[ -s "$work/ready.json" ] && break
	sleep 0.1
done
[ -s "$work/ready.json" ] || { cat "$work/sim.log" >&2; exit 1; }

if [ -d "$corpus" ]; then
	compare real "$corpus" 2012-01-01 2026-01-01 date-with-z,day-exdate,wall-clock-end -ics "$corpus"
else
	echo "-- the real calendars (../shared/corpus/calendar beside the repository) are not here" >&2
fi
ours patterns -seed "$seed" -count 500 -out "$work/patterns"
compare patterns "$work/patterns" 2026-01-01 2028-01-01 month-end,skipped-hour,wall-clock-end \
	-series "$work/patterns/series.ndjson"
ours calendars -seed "$seed" -count 500 -out "$work/calendars"
compare calendars "$work/calendars" 2026-01-01 2028-01-01 day-exdate,wall-clock-end -ics "$work/calendars"

echo "-- a wrong line, a missing line, a line too many, a line that is none"
right="$work/patterns.ndjson"
line=$((seed % $(wc -l <"$right") + 1))
sed "${line}s/\"start\":\"20\\(..\\)/\"start\":\"19\\1/" "$right" >"$work/wrong.ndjson"
sed "${line}d" "$right" >"$work/missing.ndjson"
sed "${line}p" "$right" >"$work/doubled.ndjson"
sed "${line}s/{/[/" "$right" >"$work/broken.ndjson"
for spoilt in wrong missing doubled broken; do
	if witness --ics "$work/patterns" --got "$work/$spoilt.ndjson" --from 2026-01-01 --to 2028-01-01 >/dev/null 2>&1; then
		echo "the witness did not notice a $spoilt line $line (seed $seed)" >&2
		exit 1
	fi
done
echo "noticed"
