#!/usr/bin/python3
"""Turns what an app received into instances of meetings, file by file.

    received.py --ics DIR --received FILE --out DIR

FILE holds the envelopes that Graphwarden delivered, a line each. They are
applied in order to an empty copy, as an app would; what is left of a file's
mailbox becomes OUT/NAME/got.ndjson as witness.py reads it, beside a copy of the
file and the window: the two years that begin with the year of its first event.
"""
import argparse
import json
import pathlib
import re
import shutil

import icalendar


def first_year(path):
    """The year of the earliest DTSTART of an event, or None."""
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    years = [e["DTSTART"].dt.year for e in calendar.walk("VEVENT") if "DTSTART" in e]
    return min(years, default=None)


def instant(moment):
    """A dateTimeTimeZone in UTC as RFC 3339."""
    if moment["timeZone"] != "UTC":
        raise ValueError("not in UTC: %r" % moment)
    return moment["dateTime"][:19] + "Z"


def apply(lines):
    """The app's copy: item by id, for each mailbox."""
    copies = {}
    for line in lines:
        envelope = json.loads(line)
        copy = copies.setdefault(envelope["data"]["mailbox"].split("@")[0], {})
        if envelope["type"].endswith(".deleted"):
            copy.pop(envelope["subject"], None)
        else:
            copy[envelope["subject"]] = envelope["data"]["item"]
    return copies


def instances(copy, name):
    """What takes place: everything but the masters of series. An occurrence is
    told in full by its master; Graph gives occurrences and exceptions UIDs of
    their own, the file knows the series'."""
    for item in copy.values():
        if item["type"] == "seriesMaster":
            continue
        master = copy.get(item.get("seriesMasterId"), item)
        told = dict(master, **item) if item["type"] == "occurrence" else item
        if told.get("isCancelled"):
            continue
        yield {"file": name, "uid": master["iCalUId"], "start": instant(item["start"]), "end": instant(item["end"]),
               "allDay": told["isAllDay"], "subject": told["subject"]}


def main():
    parser = argparse.ArgumentParser()
    for option in ("--ics", "--received", "--out"):
        parser.add_argument(option, type=pathlib.Path, required=True)
    options = parser.parse_args()
    copies = apply(options.received.open(encoding="utf-8"))
    for path in sorted(options.ics.glob("*.ics")):
        year = first_year(path)
        folder = options.out / path.stem
        (folder / "ics").mkdir(parents=True)
        shutil.copy(path, folder / "ics")
        mailbox = re.sub("[^A-Za-z0-9]+", "-", path.stem).lower()
        rows = list(instances(copies.pop(mailbox, {}), path.name))
        if year is None:
            if rows:
                raise SystemExit("%s has no event, and the app received %d" % (path.name, len(rows)))
            year = 2026
        (folder / "window").write_text("%d-01-01 %d-01-01\n" % (year, year + 2))
        (folder / "got.ndjson").write_text("".join(json.dumps(r) + "\n" for r in rows))
    if copies:
        raise SystemExit("the app received something for mailboxes without a file: %s" % ", ".join(copies))


if __name__ == "__main__":
    main()
