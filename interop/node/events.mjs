// Words for writing and finding events, used by the tests of calendars.

/** Midnight, UTC, so many days from now. */
export function day(n, hours = 0) {
  return new Date(Math.floor(Date.now() / 86_400_000 + n) * 86_400_000 + hours * 3_600_000);
}

/** A time as Graph writes it, without an offset. */
export function at(when, timeZone = "UTC") {
  return { dateTime: when.toISOString().slice(0, 19), timeZone };
}

/** An event of an hour, in UTC. */
export function meeting(subject, start, ...attendees) {
  const event = { subject, start: at(start), end: at(new Date(+start + 3_600_000)) };
  if (attendees.length) {
    event.attendees = attendees.map((who) => ({ type: "required", emailAddress: { address: who.userPrincipalName } }));
  }
  return event;
}

/** The time that an event's start or end shows, whatever the zone. */
export function wall(date) {
  return new Date(`${date.dateTime.slice(0, 19)}Z`);
}

/** A person's calendarView, only the events with that word in the subject. */
export async function view(graph, who, from, to, word, prefer = "") {
  const { value } = await graph.api(`/users/${who.id}/calendarView`).header("Prefer", prefer || "odata.maxpagesize=500")
    .query({ startDateTime: from.toISOString(), endDateTime: to.toISOString() }).top(500).get();
  return value.filter((e) => e.subject.includes(word));
}
