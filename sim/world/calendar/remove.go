package calendar

import (
	"slices"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Delete removes an event, or an occurrence from its series. Attendees of the
// organizer's meeting are told (documentation of Delete event).
func (c *Calendars) Delete(tx *state.Tx, e *Event) {
	if e.IsOrganizer {
		for _, x := range append(c.Exceptions(tx, e), e) {
			c.uninvite(tx, x, nil)
		}
	}
	c.erase(tx, e)
}

// erase takes an event off its calendar. The date of an occurrence is dropped
// from its series.
func (c *Calendars) erase(tx *state.Tx, e *Event) {
	switch e.Kind {
	case Series:
		c.forgetExceptions(tx, e)
	case Occurrence, Exception:
		if master, ok := c.events.Get(tx, e.Master); ok && !slices.Contains(master.Dropped, e.Date) {
			m := master.clone()
			m.Dropped = append(m.Dropped, e.Date)
			c.put(tx, m, world.Updated, "cancelledOccurrences")
		}
	}
	c.remove(tx, e)
	c.record(tx, e, e.Key, world.Deleted, nil, e.former())
}

// remove deletes a stored event, and its attachments where no copy of it has
// them.
func (c *Calendars) remove(tx *state.Tx, e *Event) {
	c.events.Delete(tx, e.Key)
	for _, a := range e.Attachments {
		c.release(tx, a)
	}
}

// release deletes an attachment that no event holds any more.
func (c *Calendars) release(tx *state.Tx, attachment string) {
	if c.found.Count(tx, holding(attachment)) == 0 {
		c.contents.Delete(tx, attachment)
	}
}

// cancelledPrefix is what Exchange puts before the subject of a meeting that its
// organizer cancelled.
const cancelledPrefix = "Canceled: "

// withdraw tells a mailbox that a meeting, or one occurrence of it, was
// cancelled. Rooms and groups lose it at once; people keep it, marked, until
// they remove it (Microsoft Graph, event.isCancelled).
func (c *Calendars) withdraw(tx *state.Tx, e *Event, m mailbox.Mailbox) {
	for _, x := range c.copies(tx, m.Owner, e) {
		if m.Resource() || m.Purpose == mailbox.ForGroup {
			c.erase(tx, x)
			continue
		}
		if x.Cancelled {
			continue
		}
		x = x.clone()
		x.Cancelled, x.ShowAs = true, "free"
		x.Subject = cancelledPrefix + x.Subject
		c.store(tx, x, "isCancelled", "subject", "showAs")
	}
}

// copies gives a mailbox's copies of the organizer's event: the series with its
// exceptions, or the one occurrence.
func (c *Calendars) copies(tx *state.Tx, owner string, e *Event) []*Event {
	if e.inSeries() {
		if x, ok := c.copyOn(tx, owner, e.UID, e.Date); ok {
			return []*Event{x}
		}
		return nil
	}
	var all []*Event
	for _, x := range c.found.Find(tx, meetingIn(owner, e.UID)) {
		all = append(all, x)
	}
	return all
}

// copyOn gives a mailbox's copy of a meeting on a date of its series; "" is the
// meeting itself. An occurrence is computed.
func (c *Calendars) copyOn(tx *state.Tx, owner, uid, date string) (*Event, bool) {
	var master *Event
	for _, x := range c.found.Find(tx, meetingIn(owner, uid)) {
		if x.Date == date {
			return x, true
		}
		if x.Kind == Series {
			master = x
		}
	}
	if master == nil {
		return nil, false
	}
	return master.occurrenceOn(date)
}

// Clear removes the events of a calendar; attendees of its meetings are told.
func (c *Calendars) Clear(tx *state.Tx, x mailbox.Calendar) {
	for _, e := range c.List(tx, x.Key) {
		c.Delete(tx, e)
	}
}
