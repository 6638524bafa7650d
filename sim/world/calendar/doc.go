// Package calendar is the calendars of the simulated tenant: mailboxes, the
// calendars in them, and events with Exchange's rules for series, invitations,
// answers, rooms and sharing. It promises that a meeting is told to everybody
// whom it concerns within the transaction that changes it, that an occurrence
// keeps its id from the day its series is made, and that each effect is on the
// change log, in the scope that Scope names. It speaks no protocol: bodies come
// in and go out as Graph's JSON, refusals are a *Problem. What it does not know
// it refuses.
package calendar
