#!/usr/bin/python3
"""Compares instances of meetings with an independent reading of iCalendar files.

    witness.py --ics DIR --got FILE --from DATE --to DATE [--explain NAME,...]

DIR holds .ics files. FILE is NDJSON, a line for each instance in the window:

    {"file": "a.ics", "uid": "…", "start": "2026-01-05T08:00:00Z", "end": "…",
     "allDay": false, "subject": "…"}

The files are read by python3-icalendar and their rules expanded by
python3-dateutil, to the letter of RFC 5545. Where Exchange, or a calendar that
makes sense of a broken file, reads otherwise, the difference has a name and a
reason in READINGS below. The instances of an event must be exactly those of
the letter, or of the letter with some of the readings. Anything else is
printed, and the exit status is 1.
"""
import argparse
import collections
import datetime as dt
import itertools
import json
import pathlib
import sys
import zoneinfo

import dateutil.rrule
import icalendar
import pytz

READINGS = {
    "month-end": "Exchange puts a day that a month lacks on the month's last day (EWS reference, DayOfMonth);"
                 " RFC 5545 leaves the month out",
    "skipped-hour": "Exchange moves an occurrence whose hour the clocks skip forward by what they skip, with its"
                    " end if that comes before; RFC 5545 leaves it out (3.3.10)",
    "wall-clock-end": "Exchange keeps the wall clock of an occurrence's end (MS-OXOCAL 2.2.1.44.5, EndTimeOffset);"
                      " RFC 5545 keeps the length, also when clocks change in between (3.8.5.3)",
    "day-exdate": "a DATE in EXDATE takes out what is on that day also where the event has a time;"
                  " to the letter it matches nothing",
    "date-with-z": "a value such as 20131210Z is read as a date; icalendar refuses it",
}

UTC = dt.timezone.utc
DAY = dt.timedelta(days=1)


class Clock:
    """The wall clock of an event's zone."""

    def __init__(self, tz):
        name = getattr(tz, "zone", None) or getattr(tz, "key", None)
        self.tz = tz
        try:
            self.zone = zoneinfo.ZoneInfo(name) if name else None
        except (zoneinfo.ZoneInfoNotFoundError, ValueError):
            self.zone = None  # defined in the file

    def utc(self, wall):
        """The instant of a wall time. A skipped one is moved forward, of a
        doubled one the first is taken (RFC 5545, 3.3.5)."""
        if self.zone:
            return wall.replace(tzinfo=self.zone).astimezone(UTC)
        if self.tz is None:
            return wall.replace(tzinfo=UTC)
        if not hasattr(self.tz, "localize"):
            return wall.replace(tzinfo=self.tz).astimezone(UTC)
        try:
            return self.tz.localize(wall, is_dst=None).astimezone(UTC)
        except pytz.AmbiguousTimeError:
            return self.tz.localize(wall, is_dst=True).astimezone(UTC)
        except pytz.NonExistentTimeError:
            return self.tz.localize(wall, is_dst=False).astimezone(UTC)

    def wall(self, instant):
        """What the clock shows at an instant."""
        if self.zone or self.tz:
            instant = instant.astimezone(self.zone or self.tz)
        return instant.replace(tzinfo=None, fold=0)

    def skips(self, wall):
        return self.wall(self.utc(wall)) != wall


def listed(component, name):
    value = component.get(name)
    if value is None:
        return []
    return [v for v in (value if isinstance(value, list) else [value]) if v is not None]


def midnight(day):
    return dt.datetime(day.year, day.month, day.day)


def is_date(value):
    return isinstance(value, dt.date) and not isinstance(value, dt.datetime)


class Event:
    """A VEVENT: its wall-clock start, its length, its rules and dates."""

    def __init__(self, component):
        self.component = component
        self.uid = str(component.get("UID", ""))
        self.subject = str(component.get("SUMMARY", ""))
        start = component["DTSTART"].dt
        self.all_day = is_date(start)
        self.clock = Clock(None if self.all_day else start.tzinfo)
        self.start = self.on_clock(start)
        self.length, self.wall_length = self.lengths()
        rid = component.get("RECURRENCE-ID")
        self.replaces = None if rid is None else self.instant(rid.dt)
        self.onwards = rid is not None and rid.params.get("RANGE") == "THISANDFUTURE"
        self.cancelled = str(component.get("STATUS", "")).upper() == "CANCELLED"
        self.sequence = int(component.get("SEQUENCE", 0))

    def on_clock(self, value):
        """A value as this event's clock shows it."""
        if is_date(value):
            return midnight(value)
        if value.tzinfo is None:
            return value
        return self.clock.wall(value.astimezone(UTC))

    def instant(self, value):
        if is_date(value):
            return midnight(value).replace(tzinfo=UTC)
        if value.tzinfo is None:
            return self.clock.utc(value)
        return value.astimezone(UTC)

    def lengths(self):
        """The exact length as (nominal days, exact rest), and that of the wall clock."""
        end, duration = self.component.get("DTEND"), self.component.get("DURATION")
        if end is not None:
            exact = self.instant(end.dt) - self.clock.utc(self.start)
            if self.all_day:
                return (max(exact, DAY), dt.timedelta()), max(exact, DAY)
            exact = max(exact, dt.timedelta())
            return (dt.timedelta(), exact), max(self.on_clock(end.dt) - self.start, dt.timedelta())
        if duration is not None:
            days = dt.timedelta(days=duration.dt.days)
            return (days, duration.dt - days), duration.dt
        return (DAY if self.all_day else dt.timedelta(), dt.timedelta()), DAY if self.all_day else dt.timedelta()

    def end(self, wall, length):
        days, exact = length
        return self.clock.utc(wall + days) + exact


def rules(component):
    """The RRULEs as {part: values}. What icalendar 4 cannot read and dateutil
    can (BYDAY=20TU) is taken from its error."""
    found = [{name: list(values) for name, values in rule.items()} for rule in listed(component, "RRULE")]
    for name, error in component.errors:
        if name == "RRULE":
            parts = (part.split("=", 1) for part in error.split(": ", 1)[1].split(";"))
            found.append({key: [int(v) if v.isdigit() else v for v in value.split(",")] for key, value in parts})
    return found


def rule_walls(event, parts, readings, hi):
    """The wall times of one RRULE up to hi."""
    parts = dict(parts)
    count = parts.pop("COUNT", [None])[0]
    until = parts.pop("UNTIL", [None])[0]
    if until is not None:
        until = icalendar.vDDDTypes.from_ical(str(until)) if isinstance(until, (str, int)) else until
        until = midnight(until) + DAY - dt.timedelta(seconds=1) if is_date(until) else event.on_clock(until)
    if "month-end" in readings:
        clamp(event, parts)
    text = ";".join(f"{key}={','.join(map(str, values))}" for key, values in parts.items())
    seen = 0
    for wall in dateutil.rrule.rrulestr(text, dtstart=event.start):
        if event.clock.skips(wall) and "skipped-hour" not in readings:
            continue
        seen += 1
        if seen == 1 and wall != event.start:
            seen += 1  # DTSTART always counts as the first (RFC 5545, 3.3.10)
        if wall > hi or (until and wall > until) or (count and seen > count):
            return
        yield wall


def clamp(event, parts):
    """Makes a rule on day 29, 30 or 31 fall on the last day of shorter months."""
    freq = str(parts["FREQ"][0])
    day = [int(d) for d in parts.get("BYMONTHDAY", [])]
    if not day and "BYDAY" not in parts and freq in ("MONTHLY", "YEARLY"):
        day = [event.start.day]
        if freq == "YEARLY":
            parts.setdefault("BYMONTH", [event.start.month])
    if len(day) == 1 and day[0] > 28:
        parts["BYMONTHDAY"] = list(range(28, day[0] + 1))
        parts["BYSETPOS"] = [-1]


def schedule(event, readings, hi):
    """The wall times at which an event takes place, with their lengths."""
    walls = {event.start: event.length}
    for rule in rules(event.component):
        for wall in rule_walls(event, rule, readings, hi):
            walls.setdefault(wall, event.length)
    for dates in listed(event.component, "RDATE"):
        for value in (d.dt for d in dates.dts):
            if isinstance(value, tuple):
                end = value[1] if isinstance(value[1], dt.timedelta) else value[1] - value[0]
                walls[event.on_clock(value[0])] = (dt.timedelta(), end)
            else:
                walls.setdefault(event.on_clock(value), event.length)
    if "date-with-z" in readings:
        for name, error in event.component.errors:
            digits = error.rsplit("'", 2)[1].rstrip("Z") if name == "RDATE" else ""
            if len(digits) == 8:
                walls.setdefault(dt.datetime.strptime(digits, "%Y%m%d"), event.length)
    for dates in listed(event.component, "EXDATE"):
        for value in (d.dt for d in dates.dts):
            if is_date(value) and not event.all_day:
                if "day-exdate" in readings:
                    walls = {w: l for w, l in walls.items() if w.date() != value}
            else:
                walls.pop(event.on_clock(value), None)
    return walls


def row(event, start, end):
    stamp = "%Y-%m-%dT%H:%M:%SZ"
    return (event.uid, start.strftime(stamp), end.strftime(stamp), event.all_day, event.subject)


def instances(master, replacements, readings, lo, hi):
    """The rows of a master event and its replacements, or of replacements
    alone, and for some the row that keeping the wall clock of the end makes of it."""
    rows, kept = collections.Counter(), {}

    def add(event, wall, length):
        start, end = event.clock.utc(wall), event.end(wall, length)
        if start < hi and (end > lo or start == end >= lo):
            rows[row(event, start, end)] += 1
            wall_end = event.clock.utc(wall + event.wall_length)
            if wall_end < start:
                wall_end = start + event.wall_length
            if length == event.length and wall_end != end:
                kept[row(event, start, end)] = row(event, start, wall_end)

    replacements = sorted(replacements, key=lambda e: e.sequence)
    plain = {e.replaces: e for e in replacements if not e.onwards}
    if master:
        walls = schedule(master, readings, master.clock.wall(hi) + 400 * DAY)
        for tail in (e for e in replacements if e.onwards):
            walls = cut(master, tail, walls, add)
        for wall, length in walls.items():
            replacement = plain.pop(master.clock.utc(wall), None)
            if replacement is None:
                add(master, wall, length)
            elif not replacement.cancelled:
                add(replacement, replacement.start, replacement.length)
    for orphan in plain.values():
        add(orphan, orphan.start, orphan.length)
    return rows, kept


def cut(master, tail, walls, add):
    """Moves this and all following dates (RFC 5545, 3.2.13); returns the rest."""
    shift = tail.start - master.clock.wall(tail.replaces)
    rest = {}
    for wall, length in walls.items():
        if master.clock.utc(wall) < tail.replaces:
            rest[wall] = length
        else:
            add(tail, wall + shift, tail.length)
    return rest


def read(path):
    """The events of a file by UID: [(master or None, replacements)]."""
    calendar = icalendar.Calendar.from_ical(path.read_bytes())
    events = [Event(c) for c in calendar.walk("VEVENT")]
    groups = []
    for uid in dict.fromkeys(e.uid for e in events):
        masters = [e for e in events if e.uid == uid and e.replaces is None]
        others = [e for e in events if e.uid == uid and e.replaces is not None]
        groups.append((uid, masters[:1] or [None], others, masters[1:]))
    return groups


def expected(group, readings, lo, hi):
    _, first, others, more = group
    rows, kept = instances(first[0], others, readings, lo, hi)
    for master in more:
        further, ends = instances(master, [], readings, lo, hi)
        rows, kept = rows + further, kept | ends
    return rows, kept


def judge(group, got, allowed, lo, hi):
    """The readings under which an event's instances are those that we got and
    how many rows they change, or None and the rows that differ from the letter."""
    letter, _ = expected(group, frozenset(), lo, hi)
    differing = sum(((letter - got) + (got - letter)).values())
    dates = [name for name in allowed if name != "wall-clock-end"]
    for n in range(len(dates) + 1):
        for readings in itertools.combinations(dates, n):
            rows, kept = expected(group, frozenset(readings), lo, hi)
            if rows == got:
                return readings, differing
            if "wall-clock-end" in allowed:
                ends = collections.Counter()
                for missing, times in (rows - got).items():
                    ends[kept.get(missing)] += times
                if ends == got - rows:
                    return readings + ("wall-clock-end",), differing
    return None, (letter - got, got - letter)


def load(path):
    """The rows that we got, by file and UID."""
    rows = collections.defaultdict(lambda: collections.defaultdict(collections.Counter))
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                i = json.loads(line)
                rows[i["file"]][i["uid"]][(i["uid"], i["start"], i["end"], i["allDay"], i["subject"])] += 1
            except (ValueError, KeyError, TypeError) as problem:
                sys.exit(f"{path}:{number}: not an instance: {problem!r}")
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ics", required=True, type=pathlib.Path)
    parser.add_argument("--got", required=True)
    parser.add_argument("--from", dest="lo", required=True, type=dt.date.fromisoformat)
    parser.add_argument("--to", dest="hi", required=True, type=dt.date.fromisoformat)
    parser.add_argument("--explain", default=",".join(READINGS), help="the readings that may explain a difference")
    args = parser.parse_args()
    allowed = [name for name in args.explain.split(",") if name]
    unknown = set(allowed) - set(READINGS)
    files = sorted(args.ics.glob("*.ics"))
    if unknown or not files:
        sys.exit(f"unknown readings {sorted(unknown)}" if unknown else f"no .ics files in {args.ics}")
    lo, hi = (midnight(day).replace(tzinfo=UTC) for day in (args.lo, args.hi))

    got = load(args.got)
    used, equal, compared, failed = collections.defaultdict(list), 0, 0, 0
    for path in files:
        ours = got.pop(path.name, {})
        for group in read(path):
            uid = group[0]
            rows = ours.pop(uid, collections.Counter())
            if not uid:  # an event without UID gets the mailbox's own
                for other in list(ours):
                    rows += collections.Counter({("",) + r[1:]: n for r, n in ours.pop(other).items()})
            compared += sum(rows.values())
            readings, differing = judge(group, rows, allowed, lo, hi)
            if readings is None:
                failed += 1
                print(f"UNEXPLAINED {path.name} {uid}")
                for sign, side in zip(("missing", "extra"), differing):
                    for r in sorted(side.elements())[:10]:
                        print(f"    {sign}: {r[1]} to {r[2]}{' all day' if r[3] else ''} {r[4]!r}")
            elif readings:
                for name in readings:
                    used[name].append((path.name, differing))
            else:
                equal += 1
        for uid in ours:
            failed += 1
            print(f"UNEXPLAINED {path.name}: instances of {uid}, which the file does not have")
    for name in got:
        failed += 1
        print(f"UNEXPLAINED instances of the file {name}, which is not there")

    print(f"{len(files)} files, {compared} instances: {equal} events to the letter of RFC 5545, {failed} unexplained")
    for name, where in sorted(used.items()):
        print(f"  explained: {name}, {len(where)} events ({sum(n for _, n in where)} rows): {READINGS[name]}")
        print(f"    {', '.join(f for f, _ in where[:8])}{' …' if len(where) > 8 else ''}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
