package calendar

import (
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/recur"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Row is one line of a delta of a calendar view: an event as it is now, or that
// it is gone.
type Row struct {
	ID    world.ItemID
	Event *Event // nil: it is gone from the view
}

// Doc writes the row: occurrences as a skeleton, the rest in full
// (graph-facts §3.2).
func (r Row) Doc(c *Calendars, tx *state.Tx, v View) Doc {
	switch {
	case r.Event == nil:
		return Doc{"@odata.type": "#microsoft.graph.event", "id": idOf(r.ID, v.Immutable), "@removed": Doc{"reason": "deleted"}}
	case r.Event.Kind == Occurrence:
		return r.Event.Skeleton(v)
	}
	d := r.Event.Doc(c, tx, v)
	d["@odata.type"] = "#microsoft.graph.event"
	return d
}

// rows collects the lines of a delta by key: each item stands in it once, as it
// is now.
type rows map[string]Row

func (r rows) add(events ...*Event) {
	for _, e := range events {
		r[e.Key] = Row{e.ID(), e}
	}
}

// gone says that an item is not in the view, unless it is.
func (r rows) gone(mailbox, key string, moves uint32) {
	if _, there := r[key]; !there {
		r[key] = Row{ID: world.ItemID{Mailbox: mailbox, Key: key, Moves: moves}}
	}
}

// sorted gives the lines by key, so that pages can be continued behind one. A
// series stands before its occurrences.
func (r rows) sorted() []Row {
	out := make([]Row, 0, len(r))
	for _, row := range r {
		out = append(out, row)
	}
	slices.SortFunc(out, func(a, b Row) int { return strings.Compare(a.ID.Key, b.ID.Key) })
	return out
}

// Sync gives the first round of a delta: everything in a view, and the series
// whose occurrences are in it.
func (c *Calendars) Sync(tx *state.Tx, x mailbox.Calendar, from, to time.Time) []Row {
	all := rows{}
	for _, e := range c.View(tx, x.Key, from, to) {
		all.add(e)
		if master, ok := c.events.Get(tx, e.Master); ok {
			all.add(master)
		}
	}
	return all.sorted()
}

// Since gives a later round: what transactions after seq did to a view. A change
// outside it shows as something gone (documentation of event: delta).
func (c *Calendars) Since(tx *state.Tx, x mailbox.Calendar, from, to time.Time, seq uint64) []Row {
	all := rows{}
	for key, changes := range c.changesOf(tx, x.Key, seq) {
		e, err := c.Get(tx, x.Mailbox, key)
		moves := changes[len(changes)-1].Moves
		switch {
		case err != nil, e.Calendar != x.Key, feigned(changes), e.Kind != Series && !e.overlaps(from, to):
			all.gone(x.Mailbox, key, moves)
		case e.Kind == Series:
			c.sinceSeries(tx, all, e, changes, from, to)
		default:
			all.add(e)
		}
		for _, change := range changes {
			if former, ok := formerSeries(change.Doc); ok {
				for o := range former.Expand(from, to) {
					all.gone(x.Mailbox, occurrenceKey(key, o.Date.Format(time.DateOnly)), change.Moves)
				}
			}
		}
	}
	return all.sorted()
}

// changesOf gives the changes in a calendar after seq by item.
func (c *Calendars) changesOf(tx *state.Tx, calendar string, seq uint64) map[string][]world.Change {
	byItem := map[string][]world.Change{}
	for _, change := range c.world.ChangesAfter(tx, Scope(calendar), seq) {
		byItem[change.ID] = append(byItem[change.ID], change)
	}
	return byItem
}

// sinceSeries adds a changed series. Its occurrences come along unless the
// change was to single ones of them, which have their own lines.
func (c *Calendars) sinceSeries(tx *state.Tx, all rows, e *Event, changes []world.Change, from, to time.Time) {
	instances := c.Instances(tx, e, from, to)
	if len(instances) == 0 {
		all.gone(e.Mailbox, e.Key, e.Moves)
		return
	}
	all.add(e)
	if slices.ContainsFunc(changes, func(change world.Change) bool { return !ofOccurrences(change.Props) }) {
		all.add(instances...)
	}
}

// ofOccurrences says whether a change of a series was to single occurrences.
func ofOccurrences(props []string) bool {
	return len(props) == 1 && (props[0] == "exceptionOccurrences" || props[0] == "cancelledOccurrences")
}

// formerSeries is the series that a change took away, if it took one.
func formerSeries(d Doc) (*recur.Series, bool) {
	if d == nil {
		return nil, false
	}
	rec, err := recur.Decode(d["recurrence"])
	if err != nil {
		return nil, false
	}
	e := Event{Start: formerMoment(d, "start"), End: formerMoment(d, "end"), Recurrence: &rec}
	e.AllDay, _ = d["isAllDay"].(bool)
	s, err := e.series()
	return s, err == nil
}

func formerMoment(d Doc, name string) outlook.Moment {
	at, _ := time.Parse(time.RFC3339Nano, outlook.Text(d, name))
	return outlook.Moment{At: at, Zone: outlook.Text(d, name+"Zone")}
}
