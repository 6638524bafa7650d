#!/usr/bin/env bash
# The recurrence witness: what our code makes of recurring meetings against what
# python3-icalendar and python3-dateutil (Debian) make of the same files.
#
#   interop/recurrence/run.sh [SEED]
#
# It compares, over at least two years, (1) the real calendars beside the
# repository, as the importer reads them, (2) 500 random Graph series, (3) 500
# random calendars with all that iCalendar allows; then it makes sure that the
# comparison fails when one line is wrong, missing or too many. A failing seed
# is printed and can be given again.
set -euo pipefail
cd "$(dirname "$0")/../.."
seed=${1:-$RANDOM$RANDOM}
corpus=../shared/corpus/calendar
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/patterns" "$work/calendars"
go build -o "$work/recurrence" ./interop/recurrence

ours() { "$work/recurrence" "$@"; }
witness() { /usr/bin/python3 interop/recurrence/witness.py "$@"; }
years=(--from 2026-01-01 --to 2028-01-01)

echo "recurrence witness, seed $seed"
if [ -d "$corpus" ]; then
	echo "-- the real calendars, 2012 to 2026"
	ours expand -ics "$corpus" -from 2012-01-01 -to 2026-01-01 >"$work/corpus.ndjson"
	witness --ics "$corpus" --got "$work/corpus.ndjson" --from 2012-01-01 --to 2026-01-01 \
		--explain date-with-z,day-exdate,wall-clock-end
else
	echo "-- the real calendars (../shared/corpus/calendar beside the repository) are not here" >&2
fi

echo "-- 500 Graph series, 2026 and 2027"
ours patterns -seed "$seed" -count 500 -out "$work/patterns"
ours expand -series "$work/patterns/series.ndjson" "${years[@]}" >"$work/patterns.ndjson"
witness --ics "$work/patterns" --got "$work/patterns.ndjson" "${years[@]}" \
	--explain month-end,skipped-hour,wall-clock-end

echo "-- 500 calendars, 2026 and 2027"
ours calendars -seed "$seed" -count 500 -out "$work/calendars"
ours expand -ics "$work/calendars" "${years[@]}" >"$work/calendars.ndjson"
witness --ics "$work/calendars" --got "$work/calendars.ndjson" "${years[@]}" \
	--explain day-exdate,wall-clock-end

echo "-- a wrong line, a missing line, a line too many, a line that is none"
line=$((seed % $(wc -l <"$work/patterns.ndjson") + 1))
sed "${line}s/\"start\":\"20\\(..\\)/\"start\":\"19\\1/" "$work/patterns.ndjson" >"$work/wrong.ndjson"
sed "${line}d" "$work/patterns.ndjson" >"$work/missing.ndjson"
sed "${line}p" "$work/patterns.ndjson" >"$work/doubled.ndjson"
sed "${line}s/{/[/" "$work/patterns.ndjson" >"$work/broken.ndjson"
for spoilt in wrong missing doubled broken; do
	if witness --ics "$work/patterns" --got "$work/$spoilt.ndjson" "${years[@]}" >/dev/null 2>&1; then
		echo "the witness did not notice a $spoilt line $line (seed $seed)" >&2
		exit 1
	fi
done
echo "noticed"
