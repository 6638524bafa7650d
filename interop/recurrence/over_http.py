#!/usr/bin/python3
"""Tells what calendarView of a simulated tenant answers, for witness.py.

    over_http.py --ready FILE --from DATE --to DATE (--ics DIR | --series FILE)

FILE is the ready file of `graphwarden sim`. Each .ics file of DIR is imported
into a calendar of its own on the first user's mailbox; each line of a file of
Graph series is posted as a client would. What calendarView then answers is
written as NDJSON, an instance a line, in windows of at most four years.
"""
import argparse
import datetime as dt
import json
import pathlib
import ssl
import sys
import urllib.error
import urllib.parse
import urllib.request


class Tenant:
    """The tenant that a ready file names, with every application permission."""

    def __init__(self, ready):
        facts = json.loads(pathlib.Path(ready).read_text(encoding="utf-8"))
        self.origin = facts["graph"]
        self.token = facts["tokens"]["everything"]
        self.user = facts["users"][0]["userPrincipalName"]
        self.tls = ssl.create_default_context(cafile=facts["ca"])
        self.masters = {}

    def call(self, method, url, body=None, kind="application/json"):
        if not url.startswith("https://"):
            url = self.origin + url
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        request = urllib.request.Request(url, data=data, method=method, headers={
            "Authorization": "Bearer " + self.token, "Content-Type": kind})
        try:
            with urllib.request.urlopen(request, context=self.tls, timeout=60) as answer:
                text = answer.read()
        except urllib.error.HTTPError as refusal:
            sys.exit(f"{method} {url}: {refusal.code} {refusal.read().decode()}")
        return json.loads(text) if text else None

    def pages(self, url):
        while url:
            page = self.call("GET", url)
            yield from page["value"]
            url = page.get("@odata.nextLink")

    def mailbox(self, path):
        return f"/v1.0/users/{urllib.parse.quote(self.user)}{path}"

    def uid(self, event):
        """The id that the whole series has: Graph gives each occurrence its own."""
        master = event.get("seriesMasterId")
        if not master:
            return event["iCalUId"]
        if master not in self.masters:
            path = self.mailbox(f"/events/{urllib.parse.quote(master)}?$select=iCalUId")
            self.masters[master] = self.call("GET", path)["iCalUId"]
        return self.masters[master]


def import_files(tenant, folder):
    """Imports the files, each into a calendar of its name."""
    names = []
    for path in sorted(folder.glob("*.ics")):
        query = urllib.parse.urlencode({"mailbox": tenant.user, "calendar": path.name, "file": path.name})
        tenant.call("POST", "/sim/import?" + query, path.read_bytes(), "text/calendar")
        names.append(path.name)
    ids = {c["name"]: c["id"] for c in tenant.pages(tenant.mailbox("/calendars?$top=100"))}
    return {ids[name]: (lambda event, name=name: (name, tenant.uid(event))) for name in names}


def post_series(tenant, path):
    """Posts Graph series. Clients cannot set iCalUId, so the subject tells whose
    an instance is; each series is named after its file."""
    calendar = tenant.call("POST", tenant.mailbox("/calendars"), {"name": "Series"})["id"]
    events = tenant.mailbox(f"/calendars/{urllib.parse.quote(calendar)}/events")
    for line in path.read_text(encoding="utf-8").splitlines():
        event = json.loads(line)["event"]
        tenant.call("POST", events, {name: value for name, value in event.items() if name != "iCalUId"})
    return {calendar: lambda event: (event["subject"].removeprefix("Series "),) * 2}


def instant(stamp):
    """A dateTimeTimeZone as calendarView answers it unasked: in UTC."""
    if stamp["timeZone"] != "UTC":
        sys.exit(f"calendarView answers in {stamp['timeZone']}, not in UTC")
    return stamp["dateTime"][:19] + "Z"


def tell(tenant, calendars, lo, hi):
    """Writes the instances of calendars, each once though windows meet."""
    for calendar, whose in calendars.items():
        seen = set()
        start = lo
        while start < hi:
            end = min(hi, start.replace(year=start.year + 4))
            query = urllib.parse.urlencode({"startDateTime": f"{start}T00:00:00Z", "endDateTime": f"{end}T00:00:00Z", "$top": 500})
            for event in tenant.pages(tenant.mailbox(f"/calendars/{urllib.parse.quote(calendar)}/calendarView?{query}")):
                if event["id"] in seen:
                    continue
                seen.add(event["id"])
                file, uid = whose(event)
                print(json.dumps({"file": file, "uid": uid, "start": instant(event["start"]), "end": instant(event["end"]),
                                  "allDay": event["isAllDay"], "subject": event["subject"]}, ensure_ascii=False))
            start = end


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ready", required=True)
    parser.add_argument("--from", dest="lo", required=True, type=dt.date.fromisoformat)
    parser.add_argument("--to", dest="hi", required=True, type=dt.date.fromisoformat)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--ics", type=pathlib.Path)
    what.add_argument("--series", type=pathlib.Path)
    args = parser.parse_args()
    tenant = Tenant(args.ready)
    calendars = import_files(tenant, args.ics) if args.ics else post_series(tenant, args.series)
    tell(tenant, calendars, args.lo, args.hi)


if __name__ == "__main__":
    main()
