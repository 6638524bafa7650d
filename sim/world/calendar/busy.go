package calendar

import (
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Busy gives what keeps the owner of a mailbox from being free in [from, to), by
// start: the events of the default calendar that do not show as free.
func (c *Calendars) Busy(tx *state.Tx, owner string, from, to time.Time) []*Event {
	all := c.View(tx, mailbox.DefaultCalendar(owner), from, to)
	kept := all[:0]
	for _, e := range all {
		if e.ShowAs != "free" && e.Start.At.Before(e.End.At) {
			kept = append(kept, e)
		}
	}
	return kept
}

// weights are the statuses in the order in which one hides another, with their
// digits in an availabilityView (documentation of getSchedule).
func weights() []struct {
	status string
	digit  byte
} {
	return []struct {
		status string
		digit  byte
	}{{"oof", '3'}, {"busy", '2'}, {"unknown", '2'}, {"tentative", '1'}, {"workingElsewhere", '4'}}
}

// Status is what somebody's events say of a time: the strongest status of those
// that lie in it, or "free".
func Status(events []*Event, from, to time.Time) string {
	for _, w := range weights() {
		for _, e := range events {
			if e.ShowAs == w.status && e.Start.At.Before(to) && e.End.At.After(from) {
				return w.status
			}
		}
	}
	return "free"
}

// AvailabilityView writes the statuses of the slots of a span of time, one digit
// each.
func AvailabilityView(events []*Event, from, to time.Time, slot time.Duration) string {
	var view strings.Builder
	for at := from; at.Before(to); at = at.Add(slot) {
		digit := byte('0')
		status := Status(events, at, at.Add(slot))
		for _, w := range weights() {
			if w.status == status {
				digit = w.digit
			}
		}
		view.WriteByte(digit)
	}
	return view.String()
}
