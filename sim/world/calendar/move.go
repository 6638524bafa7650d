package calendar

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Move puts an event, with its exceptions when it is a series, on another calendar
// of its mailbox, as people do in Outlook; Graph has no operation for it. Immutable
// ids stay, the others become new ones (graph-facts §2.5). A view of the old calendar loses the event, one of
// the new calendar gets it.
func (c *Calendars) Move(tx *state.Tx, e *Event, to mailbox.Calendar) error {
	switch {
	case e.inSeries():
		return outlook.Refuse(http.StatusBadRequest, "ErrorCalendarOccurrenceIsDeletedFromRecurrence", "An occurrence stays in the calendar of its series.")
	case to.Mailbox != e.Mailbox:
		return outlook.NotFound()
	case to.Key == e.Calendar:
		return nil
	}
	for _, x := range append(c.Exceptions(tx, e), e) {
		c.record(tx, x, x.Key, world.Deleted, nil, x.former())
		x = x.clone()
		x.Calendar = to.Key
		x.Moves++
		c.put(tx, x, world.Created)
	}
	return nil
}

// feint marks a change that only a delta tells of.
const feint = "feint"

// Feint has the next round of a delta say that an event is gone which is not:
// Outlook has been seen to do so for calendar views. Followers are notified as of
// an update.
func (c *Calendars) Feint(tx *state.Tx, e *Event) {
	c.record(tx, e, e.Key, world.Updated, []string{feint}, nil)
}

// feigned says whether the last change of an item is a feint.
func feigned(changes []world.Change) bool {
	last := changes[len(changes)-1]
	return len(last.Props) == 1 && last.Props[0] == feint
}
