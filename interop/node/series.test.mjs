// resources/recurrencepattern, resources/recurrencerange: each kind of pattern,
// expanded by calendarView.
import assert from "node:assert/strict";
import { test } from "node:test";
import { at, meeting, view, wall } from "./events.mjs";
import { app, as, refused, tenant } from "./tenant.mjs";

const g = as(app("everything"));
const who = tenant.users[23];
const year = new Date().getUTCFullYear() + 2;
const date = (month, day, hour = 9) => new Date(Date.UTC(year, month - 1, day, hour));

/** Puts a series into the calendar and gives the days on which it takes place. */
async function days(subject, first, pattern, range) {
  const startDate = at(first).dateTime.slice(0, 10);
  const made = await g.api(`/users/${who.id}/events`).post({ ...meeting(subject, first), recurrence: { pattern, range: { startDate, ...range } } });
  const shown = await view(g, who, date(1, 1, 0), new Date(Date.UTC(year + 2, 0, 1)), subject);
  await g.api(`/users/${who.id}/events/${made.id}`).delete();
  assert.ok(shown.every((e) => e.type === "occurrence" && e.seriesMasterId === made.id));
  return shown.map((e) => wall(e.start).toISOString().slice(0, 10)).sort();
}

/** The dates of a year between two days that a test picks. */
function pick(from, to, chosen) {
  const found = [];
  for (let d = +from; d <= +to; d += 86_400_000) if (chosen(new Date(d))) found.push(new Date(d).toISOString().slice(0, 10));
  return found;
}

test("every third day until a date", async () => {
  const got = await days("Interop daily", date(1, 5), { type: "daily", interval: 3 }, { type: "endDate", endDate: `${year}-01-20` });
  assert.deepEqual(got, pick(date(1, 5), date(1, 20), (d) => (d.getUTCDate() - 5) % 3 === 0));
});

test("on Mondays and Thursdays", async () => {
  const monday = pick(date(2, 1), date(2, 7), (d) => d.getUTCDay() === 1)[0];
  const first = new Date(`${monday}T09:00:00Z`);
  const got = await days("Interop weekly", first, { type: "weekly", interval: 1, daysOfWeek: ["monday", "thursday"], firstDayOfWeek: "sunday" },
    { type: "numbered", numberOfOccurrences: 6 });
  assert.deepEqual(got, pick(first, new Date(+first + 20 * 86_400_000), (d) => [1, 4].includes(d.getUTCDay())));
});

test("on the 15th of each month", async () => {
  const got = await days("Interop monthly", date(1, 15), { type: "absoluteMonthly", interval: 1, dayOfMonth: 15 }, { type: "numbered", numberOfOccurrences: 4 });
  assert.deepEqual(got, [1, 2, 3, 4].map((m) => date(m, 15).toISOString().slice(0, 10)));
});

test("on the last Friday of each second month", async () => {
  const friday = (month) => pick(date(month, 20), date(month, 31), (d) => d.getUTCDay() === 5 && d.getUTCMonth() === month - 1).at(-1);
  const got = await days("Interop relative", new Date(`${friday(1)}T09:00:00Z`),
    { type: "relativeMonthly", interval: 2, daysOfWeek: ["friday"], index: "last" }, { type: "numbered", numberOfOccurrences: 3 });
  assert.deepEqual(got, [1, 3, 5].map(friday));
});

test("once a year", async () => {
  const got = await days("Interop yearly", date(4, 1), { type: "absoluteYearly", interval: 1, dayOfMonth: 1, month: 4 }, { type: "noEnd" });
  assert.deepEqual(got, [`${year}-04-01`, `${year + 1}-04-01`]);
});

test("a pattern that is incomplete or contradicts its range is refused", async () => {
  const form = (pattern, range) => g.api(`/users/${who.id}/events`).post({ ...meeting("Interop wrong", date(5, 5)), recurrence: { pattern, range } });
  const range = { type: "numbered", startDate: `${year}-05-05`, numberOfOccurrences: 2 };
  await refused(form({ type: "weekly", interval: 1 }, range), 400); // daysOfWeek is required
  await refused(form({ type: "absoluteMonthly", interval: 1 }, range), 400); // dayOfMonth is required
  await refused(form({ type: "daily", interval: 1 }, { ...range, startDate: `${year}-06-05` }), 400); // must be the event's own date
  await refused(form({ type: "fortnightly", interval: 1 }, range), 400);
});
