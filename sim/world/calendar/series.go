package calendar

import (
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/recur"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// clock is the zone in which a series recurs. All-day events recur by the dates
// of their own.
func (e *Event) clock() *time.Location {
	if e.AllDay || e.Recurrence == nil {
		return outlook.Clock(e.Start.Zone)
	}
	return outlook.Clock(e.Recurrence.Range.RecurrenceTimeZone)
}

// series gives the occurrences of a series, before exceptions.
func (e *Event) series() (*recur.Series, error) {
	at := e.clock()
	return recur.NewSeries(e.Start.At.In(at), e.End.At.In(at), *e.Recurrence)
}

// occurrence is the event that a series has on a date of its pattern. It shares
// the master's slices: clone it before changing it.
func (e *Event) occurrence(o recur.Occurrence) *Event {
	x := *e
	x.Kind, x.Master, x.Date = Occurrence, e.Key, o.Date.Format(time.DateOnly)
	x.Key = occurrenceKey(e.Key, x.Date)
	x.Start.At, x.End.At, x.Original = o.Start.UTC(), o.End.UTC(), o.Start.UTC()
	x.Recurrence, x.Dropped, x.TransactionID = nil, nil, ""
	return &x
}

// occurrenceOn gives the occurrence of a series on a date, if the pattern has
// one there and it was not dropped.
func (e *Event) occurrenceOn(date string) (*Event, bool) {
	day, err := time.Parse(time.DateOnly, date)
	if err != nil || e.Kind != Series || slices.Contains(e.Dropped, date) {
		return nil, false
	}
	s, err := e.series()
	if err != nil {
		return nil, false
	}
	o, ok := s.On(day)
	if !ok {
		return nil, false
	}
	return e.occurrence(o), true
}

// Get gives an event of a mailbox by its key, an occurrence too.
func (c *Calendars) Get(tx *state.Tx, mailbox, key string) (*Event, error) {
	if e, ok := c.events.Get(tx, key); ok && e.Mailbox == mailbox {
		return e, nil
	}
	masterKey, date, _ := strings.Cut(key, ".")
	master, ok := c.events.Get(tx, masterKey)
	if ok && master.Mailbox == mailbox && date != "" {
		if e, ok := master.occurrenceOn(date); ok {
			return e, nil
		}
	}
	return nil, outlook.NotFound()
}

// ByID gives an event of a mailbox by the id that a client knows.
func (c *Calendars) ByID(tx *state.Tx, mailbox, id string) (*Event, error) {
	item, format, ok := world.ParseItemID(id)
	if !ok {
		return nil, outlook.Malformed()
	}
	if item.Folder || item.Mailbox != "" && item.Mailbox != mailbox {
		return nil, outlook.NotFound()
	}
	e, err := c.Get(tx, mailbox, item.Key)
	if err == nil && !format.Stable() && item.Moves != e.Moves {
		return nil, outlook.NotFound() // the id of where it was
	}
	return e, err
}

// List gives the single events and the series of a calendar, newest first.
func (c *Calendars) List(tx *state.Tx, calendar string) []*Event {
	all := make([]*Event, 0, c.found.Count(tx, inCalendar(calendar)))
	for _, e := range c.found.Find(tx, inCalendar(calendar)) {
		all = append(all, e)
	}
	slices.Reverse(all)
	return all
}

// View gives the single events, occurrences and exceptions of a calendar that
// lie in [from, to), by start.
func (c *Calendars) View(tx *state.Tx, calendar string, from, to time.Time) []*Event {
	var all []*Event
	seen := map[string]bool{} // of events that are found in several months
	add := func(e *Event) {
		if !e.overlaps(from, to) {
			return
		}
		if monthOf(e.Start.At) != monthOf(e.End.At) {
			if seen[e.Key] {
				return
			}
			seen[e.Key] = true
		}
		all = append(all, e)
	}
	for m := monthOf(from.UTC()); m <= monthOf(to.UTC()); m++ {
		for _, e := range c.found.Find(tx, inMonth(calendar, m)) {
			add(e)
		}
	}
	for _, e := range c.found.Find(tx, longIn(calendar)) {
		add(e)
	}
	for _, master := range c.found.Find(tx, seriesIn(calendar)) {
		all = c.expand(tx, all, master, from, to)
	}
	slices.SortStableFunc(all, byStart)
	return all
}

func byStart(a, b *Event) int {
	if n := a.Start.At.Compare(b.Start.At); n != 0 {
		return n
	}
	return strings.Compare(a.Key, b.Key)
}

// expand appends the occurrences of a series in [from, to) that are no
// exceptions.
func (c *Calendars) expand(tx *state.Tx, all []*Event, master *Event, from, to time.Time) []*Event {
	s, err := master.series()
	if err != nil {
		return all
	}
	var replaced []string
	for _, x := range c.found.Find(tx, exceptionsOf(master.Key)) {
		replaced = append(replaced, x.Date)
	}
	for o := range s.Expand(from, to) {
		x := master.occurrence(o)
		if !slices.Contains(master.Dropped, x.Date) && !slices.Contains(replaced, x.Date) {
			all = append(all, x)
		}
	}
	return all
}

// Exceptions gives the exceptions of a series, oldest first.
func (c *Calendars) Exceptions(tx *state.Tx, master *Event) []*Event {
	var all []*Event
	for _, x := range c.found.Find(tx, exceptionsOf(master.Key)) {
		all = append(all, x)
	}
	return all
}

// Instances gives the occurrences and exceptions of a series that lie in
// [from, to), by start. What is no series has none.
func (c *Calendars) Instances(tx *state.Tx, master *Event, from, to time.Time) []*Event {
	if master.Kind != Series {
		return nil
	}
	all := c.expand(tx, nil, master, from, to)
	for _, x := range c.Exceptions(tx, master) {
		if x.overlaps(from, to) {
			all = append(all, x)
		}
	}
	slices.SortStableFunc(all, byStart)
	return all
}

// crosses says whether an exception would lie on the day of a neighbour or
// overlap it, which Exchange refuses (documentation of Update event:
// ErrorOccurrenceCrossingBoundary). Dropped neighbours do not count, moved ones
// count where they are.
func (c *Calendars) crosses(tx *state.Tx, master, x *Event) bool {
	s, err := master.series()
	if err != nil {
		return false
	}
	day := func(t time.Time) string { return t.In(master.clock()).Format(time.DateOnly) }
	date, _ := time.Parse(time.DateOnly, x.Date)
	before, after := s.Neighbours(date)
	for before != nil && c.dropped(tx, master, before) {
		before, _ = s.Neighbours(before.Date)
	}
	for after != nil && c.dropped(tx, master, after) {
		_, after = s.Neighbours(after.Date)
	}
	return before != nil && (day(x.Start.At) <= day(before.Start) || x.Start.At.Before(before.End)) ||
		after != nil && (day(x.Start.At) >= day(after.Start) || x.End.At.After(after.Start))
}

// dropped says whether a series does not take place on a date; an exception
// gives the occurrence the times that it was moved to.
func (c *Calendars) dropped(tx *state.Tx, master *Event, o *recur.Occurrence) bool {
	date := o.Date.Format(time.DateOnly)
	if x, ok := c.events.Get(tx, occurrenceKey(master.Key, date)); ok {
		o.Start, o.End = x.Start.At, x.End.At
	}
	return slices.Contains(master.Dropped, date)
}
