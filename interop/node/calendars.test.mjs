import assert from "node:assert/strict";
import { test } from "node:test";
import { at, day, meeting, view, wall } from "./events.mjs";
import { app, as, refused, signedIn, tenant } from "./tenant.mjs";

const g = as(app("everything"));

test("a second calendar keeps its own events", async () => { // api/user-post-calendars
  const who = tenant.users[6];
  const made = await g.api(`/users/${who.id}/calendars`).post({ name: "Interop node" });
  assert.equal(made.isDefaultCalendar, false);
  assert.equal(made.canEdit, true);
  assert.equal(made.owner.address, who.userPrincipalName);
  const own = `/users/${who.id}/calendars/${made.id}`;
  const event = await g.api(`${own}/events`).post(meeting("Interop elsewhere", day(410, 10))); // api/calendar-post-events
  const window = { startDateTime: day(410).toISOString(), endDateTime: day(411).toISOString() };
  const there = await g.api(`${own}/calendarView`).query(window).get(); // api/calendar-list-calendarview
  assert.deepEqual(there.value.map((e) => e.id), [event.id]);
  assert.equal((await view(g, who, day(410), day(411), "Interop elsewhere")).length, 0);
  const all = await g.api(`/users/${who.id}/calendars`).get(); // api/user-list-calendars
  assert.equal(all.value.filter((c) => c.isDefaultCalendar).length, 1);
  assert.equal((await g.api(own).patch({ name: "Interop node, renamed" })).name, "Interop node, renamed"); // api/calendar-update
  await g.api(own).delete(); // api/calendar-delete
  await refused(g.api(own).get(), 404, "ErrorItemNotFound");
});

test("an event is created, read in a zone, changed and deleted", async () => {
  const who = tenant.users[5];
  const nine = day(400, 9);
  const made = await g.api(`/users/${who.id}/events`).post({ // api/user-post-events
    ...meeting("Interop single", nine), start: at(nine, "Romance Standard Time"), end: at(day(400, 10), "Romance Standard Time"),
    body: { contentType: "html", content: "<b>Bring</b> the plans" }, location: { displayName: "Room 5" }, categories: ["Red category"],
    isOnlineMeeting: true, onlineMeetingProvider: "teamsForBusiness", showAs: "tentative", importance: "high" });
  const event = `/users/${who.id}/events/${made.id}`;
  assert.equal(made.type, "singleInstance");
  assert.equal(made.isOrganizer, true);
  assert.equal(made.originalStartTimeZone, "Romance Standard Time");
  assert.match(made.bodyPreview, /Bring the plans/);
  assert.match(made.onlineMeeting.joinUrl, /^https:\/\//); // concepts/outlook-calendar-online-meetings
  const utc = await g.api(event).get(); // api/event-get: UTC without the header
  assert.equal(utc.start.timeZone, "UTC");
  const inParis = new Intl.DateTimeFormat("en-GB", { timeZone: "Europe/Paris", hour: "2-digit", hour12: false }).format(wall(utc.start));
  assert.equal(inParis, "09");
  const local = await g.api(event).header("Prefer", 'outlook.timezone="Romance Standard Time"').get();
  assert.equal(local.start.timeZone, "Romance Standard Time");
  assert.equal(+wall(local.start), +nine);
  const [seen] = await view(g, who, day(400), day(401), "Interop single", 'outlook.timezone="Tokyo Standard Time"');
  assert.equal(seen.start.timeZone, "Tokyo Standard Time");
  await refused(g.api(event).header("Prefer", 'outlook.timezone="Nowhere Time"').get(), 400);
  const changed = await g.api(event).patch({ subject: "Interop single, renamed", showAs: "oof" }); // api/event-update
  assert.equal(changed.subject, "Interop single, renamed");
  assert.equal(changed.location.displayName, "Room 5");
  assert.notEqual(changed["@odata.etag"], made["@odata.etag"]);
  await g.api(event).delete(); // api/event-delete
  await refused(g.api(event).get(), 404, "ErrorItemNotFound");
});

test("a list of events obeys its query", async () => { // api/user-list-events
  const who = tenant.users[5];
  for (const name of ["b", "a", "c"]) await g.api(`/users/${who.id}/events`).post(meeting(`Interop query ${name}`, day(402)));
  const page = await g.api(`/users/${who.id}/events`).filter("startsWith(subject,'Interop query')").orderby("subject desc").select("subject").top(2).get();
  assert.deepEqual(page.value.map((e) => e.subject), ["Interop query c", "Interop query b"]);
  assert.equal(page.value[0].start, undefined);
  const rest = await g.api(page["@odata.nextLink"]).get();
  assert.deepEqual(rest.value.map((e) => e.subject), ["Interop query a"]);
});

test("an immutable id is another name for the same event", async () => { // concepts/outlook-immutable-id
  const who = tenant.users[6];
  const prefer = 'IdType="ImmutableId"';
  const made = await g.api(`/users/${who.id}/events`).header("Prefer", prefer).post(meeting("Interop immutable", day(412)));
  const same = await g.api(`/users/${who.id}/events/${made.id}`).header("Prefer", prefer).get();
  assert.equal(same.id, made.id);
  const { value: [translated] } = await g.api(`/users/${who.id}/translateExchangeIds`).post({ // api/user-translateexchangeids
    inputIds: [made.id], sourceIdType: "restImmutableEntryId", targetIdType: "restId" });
  assert.notEqual(translated.targetId, made.id);
  const plain = await g.api(`/users/${who.id}/events/${translated.targetId}`).get();
  assert.equal(plain.id, translated.targetId);
  assert.equal(plain.iCalUId, made.iCalUId);
});

test("an attachment and a reminder are kept", async () => { // api/event-post-attachments, api/user-reminderview
  const who = tenant.users[5];
  const made = await g.api(`/users/${who.id}/events`).post({ ...meeting("Interop attachment", day(403)), isReminderOn: true, reminderMinutesBeforeStart: 30 });
  const own = `/users/${who.id}/events/${made.id}`;
  await g.api(`${own}/attachments`).post({ "@odata.type": "#microsoft.graph.fileAttachment", name: "plan.txt", contentBytes: Buffer.from("the plan").toString("base64") });
  const { value: [file] } = await g.api(`${own}/attachments`).get(); // api/event-list-attachments
  assert.equal(Buffer.from(file.contentBytes, "base64").toString(), "the plan");
  const read = await g.api(own).get();
  assert.equal(read.hasAttachments, true);
  assert.equal(read.reminderMinutesBeforeStart, 30);
});

test("getSchedule shows who is busy", async () => { // api/calendar-getschedule
  const who = tenant.users[10];
  await g.api(`/users/${who.id}/events`).post(meeting("Interop busy", day(425, 9)));
  const { value } = await g.api(`/users/${tenant.users[11].id}/calendar/getSchedule`).post({
    schedules: [who.userPrincipalName, `nobody@${tenant.tenant.domain}`], startTime: at(day(425, 8)), endTime: at(day(425, 12)), availabilityViewInterval: 30 });
  assert.equal(value[0].availabilityView.length, 8);
  assert.equal(value[0].availabilityView.slice(2, 4), "22");
  assert.ok(value[0].scheduleItems.some((i) => i.status === "busy"));
  assert.ok(value[1].error?.responseCode, "an unknown address has no error");
});

test("a signed-in person plans with findMeetingTimes", async () => { // api/user-findmeetingtimes
  const who = tenant.users[15];
  const mine = await signedIn(who, "Calendars.ReadWrite", "Calendars.ReadWrite.Shared", "User.Read");
  await mine.api("/me/events").post(meeting("Interop mine", day(470, 9)));
  const answer = await mine.api("/me/findMeetingTimes").post({
    attendees: [{ type: "required", emailAddress: { address: tenant.users[16].userPrincipalName } }], meetingDuration: "PT1H", returnSuggestionReasons: true,
    timeConstraint: { activityDomain: "unrestricted", timeSlots: [{ start: at(day(470, 9)), end: at(day(470, 13)) }] } });
  assert.ok(answer.meetingTimeSuggestions.length > 0, answer.emptySuggestionsReason);
  for (const { meetingTimeSlot: { start, end } } of answer.meetingTimeSuggestions) {
    assert.ok(wall(start) >= day(470, 10) && wall(end) <= day(470, 13), `suggested ${start.dateTime}, which is busy or outside`);
  }
  await refused(g.api(`/users/${who.id}/findMeetingTimes`).post({}), 403);
});
