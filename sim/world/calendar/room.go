package calendar

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// horizon is how far ahead a room looks at the occurrences of a series.
const horizon = 2 * 366 * 24 * time.Hour

// taken says whether a room is in use during any part of a meeting. A series is
// declined as a whole (Set-CalendarProcessing, defaults of AllowConflicts and
// ConflictPercentageAllowed).
func (c *Calendars) taken(tx *state.Tx, room mailbox.Mailbox, x *Event) bool {
	wanted := []*Event{x}
	if x.Kind == Series {
		wanted = c.expand(tx, nil, x, x.Start.At, x.Start.At.Add(horizon))
	}
	if len(wanted) == 0 {
		return false
	}
	from, to := wanted[0].Start.At, wanted[len(wanted)-1].End.At
	for _, other := range c.View(tx, mailbox.DefaultCalendar(room.Owner), from, to) {
		if other.UID == x.UID || other.ShowAs == "free" {
			continue
		}
		for _, w := range wanted {
			if w.Start.At.Before(other.End.At) && other.Start.At.Before(w.End.At) {
				return true
			}
		}
	}
	return false
}
