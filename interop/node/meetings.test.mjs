import assert from "node:assert/strict";
import { test } from "node:test";
import { at, day, meeting, view, wall } from "./events.mjs";
import { app, as, refused, signedIn, tenant } from "./tenant.mjs";

const g = as(app("everything"));

test("an invitation goes to its attendees and their answers come back", async () => {
  const [organizer, guest, other] = tenant.users.slice(7, 10);
  const window = [day(420), day(421), "Interop invitation"];
  const made = await g.api(`/users/${organizer.id}/events`).post(meeting("Interop invitation", day(420, 11), guest, other));
  const event = `/users/${organizer.id}/events/${made.id}`;
  const copyOf = async (who) => {
    const [only, ...more] = await view(g, who, ...window);
    assert.equal(more.length, 0);
    return only;
  };
  const his = await copyOf(guest);
  assert.equal(his.iCalUId, made.iCalUId); // resources/event: the same for every instance of the meeting across calendars
  assert.notEqual(his.id, made.id);
  assert.equal(his.isOrganizer, false);
  assert.equal(his.responseStatus.response, "notResponded");
  assert.equal(made.responseStatus.response, "organizer");

  const person = await signedIn(guest, "Calendars.ReadWrite");
  await person.api(`/me/events/${his.id}/tentativelyAccept`).post({ comment: "perhaps", sendResponse: true }); // api/event-tentativelyaccept
  assert.equal((await copyOf(guest)).responseStatus.response, "tentativelyAccepted");
  await person.api(`/me/events/${his.id}/accept`).post({ comment: "yes", sendResponse: true }); // api/event-accept
  const answers = Object.fromEntries((await g.api(event).get()).attendees.map((a) => [a.emailAddress.address, a.status.response]));
  assert.equal(answers[guest.userPrincipalName], "accepted");
  await refused(g.api(`${event}/accept`).post({}), 400, "ErrorInvalidRequest");
  await refused(person.api(`/me/events/${his.id}/cancel`).post({}), 400, "ErrorInvalidRequest"); // api/event-cancel

  await g.api(`/users/${other.id}/events/${(await copyOf(other)).id}/decline`).post({ sendResponse: true }); // api/event-decline
  assert.equal(await copyOf(other), undefined);

  await g.api(event).patch({ start: at(day(420, 14)), end: at(day(420, 15)) }); // api/event-update
  assert.equal(+wall((await copyOf(guest)).start), +day(420, 14));

  await g.api(`${event}/cancel`).post({ comment: "No longer needed" });
  assert.equal(await copyOf(organizer), undefined);
  const left = await copyOf(guest);
  assert.ok(left === undefined || left.isCancelled, "the attendee's copy is not cancelled");
});

test("a series expands, excepts and ends", async () => { // concepts/outlook-schedule-recurring-events
  const who = tenant.users[12];
  const [from, to] = [day(430), day(440)];
  const made = await g.api(`/users/${who.id}/events`).post({ ...meeting("Interop series", day(430, 13)), recurrence: {
    pattern: { type: "daily", interval: 2 }, range: { type: "endDate", startDate: at(from).dateTime.slice(0, 10), endDate: at(day(438)).dateTime.slice(0, 10) } } });
  assert.equal(made.type, "seriesMaster");
  assert.equal(made.recurrence.pattern.interval, 2);
  const window = { startDateTime: from.toISOString(), endDateTime: to.toISOString() };
  const instances = async () => (await g.api(`/users/${who.id}/events/${made.id}/instances`).query(window).get()).value; // api/event-list-instances
  const shown = await view(g, who, from, to, "Interop series");
  assert.deepEqual(shown.map((e) => e.type), Array(5).fill("occurrence")); // api/user-list-calendarview: no seriesMaster
  assert.ok(shown.every((e) => e.seriesMasterId === made.id));
  const days = await instances();
  assert.deepEqual(days.map((e) => +wall(e.start)), [430, 432, 434, 436, 438].map((n) => +day(n, 13)));

  const moved = await g.api(`/users/${who.id}/events/${days[1].id}`).patch({ start: at(day(433, 13)), end: at(day(433, 14)) });
  assert.equal(moved.type, "exception");
  assert.equal(Date.parse(moved.originalStart), +day(432, 13));
  await refused(g.api(`/users/${who.id}/events/${days[2].id}`).patch({ start: at(day(437, 13)), end: at(day(437, 14)) }), 400, "ErrorOccurrenceCrossingBoundary");
  await g.api(`/users/${who.id}/events/${days[3].id}`).delete();
  assert.deepEqual((await instances()).map((e) => +wall(e.start)), [430, 433, 434, 438].map((n) => +day(n, 13)));
  await g.api(`/users/${who.id}/events/${made.id}`).delete();
  assert.equal((await view(g, who, from, to, "Interop series")).length, 0);
});

test("one occurrence of a joint series is cancelled for everybody", async () => { // api/event-cancel
  const [organizer, guest] = tenant.users.slice(12, 14);
  const window = [day(500), day(530), "Interop joint"];
  await g.api(`/users/${organizer.id}/events`).post({ ...meeting("Interop joint", day(500, 10), guest), recurrence: {
    pattern: { type: "daily", interval: 7 }, range: { type: "numbered", startDate: at(day(500)).dateTime.slice(0, 10), numberOfOccurrences: 4 } } });
  const hers = await view(g, organizer, ...window);
  assert.equal(hers.length, 4);
  assert.equal((await view(g, guest, ...window)).length, 4);
  await g.api(`/users/${organizer.id}/events/${hers[1].id}/cancel`).post({ comment: "Not this week" });
  assert.equal((await view(g, organizer, ...window)).length, 3);
  assert.equal((await view(g, guest, ...window)).filter((e) => !e.isCancelled).length, 3);
});
