// api/event-delta and concepts/delta-query-events.
import assert from "node:assert/strict";
import { test } from "node:test";
import graph from "@microsoft/microsoft-graph-client";
import { at, day, meeting } from "./events.mjs";
import { app, as, refused, tenant } from "./tenant.mjs";

const g = as(app("everything"));
const who = tenant.users[14];
const events = `/users/${who.id}/events`;
const headers = { Prefer: "odata.maxpagesize=2" };

/** Reads one round with the SDK's page iterator: the changes by id, and the link to the next. */
async function round(link) {
  const first = await g.api(link).headers(headers).get();
  const changes = new Map();
  const pages = new graph.PageIterator(g, first, (e) => changes.set(e.id, e), { headers });
  await pages.iterate();
  const next = pages.getDeltaLink() ?? first["@odata.deltaLink"];
  assert.ok(next, "the round ends without a deltaLink");
  return [changes, next];
}

/** The beginning of a feed over some days. */
function feed(from, to, calendar = "") {
  return `/users/${who.id}${calendar}/calendarView/delta?startDateTime=${from.toISOString()}&endDateTime=${to.toISOString()}`;
}

test("a round tells what was created, changed and deleted since the last", async () => {
  const made = [];
  for (let i = 0; i < 5; i++) made.push(await g.api(events).post(meeting("Interop delta", day(440 + i))));
  let [changes, link] = await round(feed(day(440), day(450)));
  for (const e of made) assert.equal(changes.get(e.id)?.subject, "Interop delta");
  [changes, link] = await round(link);
  assert.equal(changes.size, 0);

  await g.api(`${events}/${made[0].id}`).patch({ subject: "Interop delta, changed" });
  await g.api(`${events}/${made[1].id}`).delete();
  await g.api(`${events}/${made[2].id}`).patch({ start: at(day(460)), end: at(day(461)) });
  const added = await g.api(events).post(meeting("Interop delta, added", day(446)));
  const before = link;
  [changes, link] = await round(link);
  assert.equal(changes.get(made[0].id)?.subject, "Interop delta, changed");
  assert.deepEqual(changes.get(made[1].id)?.["@removed"], { reason: "deleted" });
  assert.equal(changes.get(made[2].id)?.["@removed"]?.reason, "deleted", "what left the window is told as deleted");
  assert.ok(changes.has(added.id));
  const [again] = await round(before); // a link can be used again (concepts/delta-query-overview)
  assert.deepEqual([...again.keys()].sort(), [...changes.keys()].sort());
});

test("each calendar has a feed of its own, and a series comes with its master", async () => {
  const calendar = await g.api(`/users/${who.id}/calendars`).post({ name: "Interop delta" });
  const own = `/calendars/${calendar.id}`;
  let [changes, link] = await round(feed(day(440), day(450), own));
  assert.equal(changes.size, 0);
  const made = await g.api(`/users/${who.id}${own}/events`).post({ ...meeting("Interop delta series", day(441, 9)), recurrence: {
    pattern: { type: "daily", interval: 1 }, range: { type: "numbered", startDate: at(day(441)).dateTime.slice(0, 10), numberOfOccurrences: 3 } } });
  [changes, link] = await round(link);
  const kinds = [...changes.values()].map((e) => e.type).sort();
  assert.deepEqual(kinds, ["occurrence", "occurrence", "occurrence", "seriesMaster"]);
  assert.ok([...changes.values()].every((e) => e.id === made.id || e.seriesMasterId === made.id));
});

test("what delta does not offer is refused", async () => {
  await refused(g.api(`/users/${who.id}/calendarView/delta`).get(), 400);
  await refused(g.api(feed(day(440), day(450))).filter("subject eq 'x'").get(), 400);
  const broken = `${tenant.graph}/v1.0/users/${who.id}/calendarView/delta?$deltatoken=nonsense`;
  await refused(g.api(broken).get(), [400, 410]); // concepts/delta-query-overview: "40x", start anew
});
