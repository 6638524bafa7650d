#!/usr/bin/env bash
# The main job on calendars that nobody here made: the demo puts each file of a
# folder into a mailbox, synchronises and delivers it, and what the app received
# is held, file by file, against what python3-icalendar and python3-dateutil read
# from the file, over the two years that begin with its first event.
#
#   interop/recurrence/received.sh DIR
set -euo pipefail
calendars=$(cd "${1:?say which folder of .ics files}" && pwd)
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
go build -o "$work/graphwarden" ./cmd/graphwarden
answers=${GRAPHWARDEN_ANSWERS:-$work}
mkdir -p "$answers"
"$work/graphwarden" demo --once --ics "$calendars" --received "$work/received.ndjson" --record "$answers/calendars.ndjson"
/usr/bin/python3 interop/recurrence/received.py --ics "$calendars" --received "$work/received.ndjson" --out "$work/files"
failed=0 files=0
for folder in "$work"/files/*/; do
  read -r from to <"$folder/window"
  files=$((files + 1))
  echo "-- $(basename "$folder"), $from to $to"
  /usr/bin/python3 interop/recurrence/witness.py --ics "$folder/ics" --got "$folder/got.ndjson" --from "$from" --to "$to" \
    --explain date-with-z,day-exdate,wall-clock-end || failed=$((failed + 1))
done
echo "$((files - failed)) of $files files: what the app received equals what the independent program reads"
[ "$failed" -eq 0 ] && [ "$files" -gt 0 ]
