package calendar

import (
	"net/http"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Update applies a PATCH to an event. An occurrence becomes an exception.
func (c *Calendars) Update(tx *state.Tx, e *Event, body Doc) (*Event, error) {
	r := &reading{Event: e.clone(), c: c, tx: tx}
	changed, err := r.take(body)
	if err != nil || len(changed) == 0 {
		return e, err
	}
	return c.apply(tx, e, r.Event, changed)
}

// apply stores an event in which properties changed, with what follows for its
// series and its attendees.
func (c *Calendars) apply(tx *state.Tx, before, e *Event, changed []string) (*Event, error) {
	if e.inSeries() {
		master, err := c.Get(tx, e.Mailbox, e.Master)
		if err != nil {
			return nil, err
		}
		if moved(changed) && c.crosses(tx, master, e) {
			return nil, outlook.Refuse(http.StatusBadRequest, "ErrorOccurrenceCrossingBoundary",
				"Modified occurrence is crossing or overlapping adjacent occurrence.")
		}
		e.Kind = Exception
	}
	if before.Kind == Series && moved(changed) {
		c.restart(tx, before, e)
	}
	c.tell(tx, e, before, changed)
	c.keepSeries(tx, before, e, changed)
	return e, nil
}

// moved says whether the changes make the meeting another one.
func moved(changed []string) bool {
	return slices.ContainsFunc(timing(), func(p string) bool { return slices.Contains(changed, p) })
}

// keepSeries stores a changed event. Exceptions of a series follow it in what
// they have no value of their own for; when its times change, they are gone, and
// it takes place on every date again (graph-facts §7).
func (c *Calendars) keepSeries(tx *state.Tx, before, e *Event, changed []string) {
	if before.Kind != Series {
		c.store(tx, e, changed...)
		return
	}
	if moved(changed) {
		c.restart(tx, before, e)
		c.putFormer(tx, e, before, changed)
		return
	}
	c.put(tx, e, world.Updated, changed...)
	for _, old := range c.Exceptions(tx, before) {
		x := old.clone()
		pass(x, e, changed, func(p property) bool { return !slices.Contains(x.Own, p.name) })
		c.put(tx, x, world.Updated, changed...)
	}
}

// restart makes a series take place on every date again. Who was invited to some
// of them only is told that these are off.
func (c *Calendars) restart(tx *state.Tx, before, e *Event) {
	if e.IsOrganizer {
		for _, x := range c.Exceptions(tx, before) {
			c.uninvite(tx, x, e.Attendees)
		}
	}
	c.forgetExceptions(tx, before)
	e.Dropped = nil
}

// forgetExceptions removes a series' exceptions.
func (c *Calendars) forgetExceptions(tx *state.Tx, master *Event) {
	for _, x := range c.Exceptions(tx, master) {
		c.remove(tx, x)
		c.record(tx, x, x.Key, world.Deleted, nil, nil)
	}
}

// putFormer stores a series whose times changed; the log gets the former ones,
// by which followers know what is gone.
func (c *Calendars) putFormer(tx *state.Tx, e, before *Event, changed []string) {
	e.Version, e.Modified = tx.Seq(), e.now(tx)
	c.events.Put(tx, e.Key, e)
	c.record(tx, e, e.Key, world.Updated, changed, before.former())
}

// former is what the log keeps of a series' times.
func (e *Event) former() Doc {
	if e.Kind != Series {
		return nil
	}
	return Doc{
		"recurrence": e.Recurrence.JSON(), "isAllDay": e.AllDay,
		"start": e.Start.At.Format(time.RFC3339Nano), "end": e.End.At.Format(time.RFC3339Nano),
		"startZone": e.Start.Zone, "endZone": e.End.Zone,
	}
}
