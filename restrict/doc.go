// Package restrict has Exchange keep a registration to the mailboxes of its flows,
// as Graphwarden's own policy does from the first second. It promises that what is
// wanted of Exchange follows from the flows, that the difference to what is there
// is shown before anything is changed, that a run that was cut off is gone on with
// by the next one, and that nothing is called restricted that was not proven. It
// refuses to send a mail, or to read more than the names of calendars, to prove
// anything.
package restrict
