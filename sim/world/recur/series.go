package recur

import (
	"fmt"
	"iter"
	"time"
)

// Series is a recurring event: its recurrence and the wall-clock span of an
// occurrence.
type Series struct {
	dates      *cadence
	start, end time.Time // of the master, as its wall clock shows them
	span       int       // days between the dates of start and end
}

// Occurrence is one meeting of a series as the pattern has it.
type Occurrence struct {
	// Date is the date of the pattern, a midnight in UTC. It names the
	// occurrence within its series, also after an exception moved it.
	Date time.Time
	// Start and End are in the zone of the series.
	Start, End time.Time
}

// NewSeries returns the series of an event from start to end. The location of
// start is the zone of the recurrence (range.recurrenceTimeZone, or the zone
// of the event's start when that is empty): its wall clock is what recurs. The
// recurrence must be one that Exchange takes, but for range.startDate, which
// need not be the date of start; the error is *Invalid if it is not.
func NewSeries(start, end time.Time, r Recurrence) (*Series, error) {
	dates, err := compile(r.Complete())
	if err != nil {
		return nil, err
	}
	end = end.In(start.Location())
	if end.Before(start) {
		return nil, fmt.Errorf("a series that ends %s before it starts", start.Sub(end))
	}
	return &Series{dates, start, end, daysBetween(DateOf(start), DateOf(end))}, nil
}

// Expand yields, in order, the occurrences that overlap [from, to). One without
// length is there when it starts in it. The work is proportional to what is
// yielded, however far the window lies from the start of the series.
func (s *Series) Expand(from, to time.Time) iter.Seq[Occurrence] {
	return func(yield func(Occurrence) bool) {
		// A day more, because a clock change may push an end past midnight.
		day := DateOf(from.In(s.start.Location())).AddDate(0, 0, -s.span-1)
		for n := s.dates.onOrAfter(day); s.dates.within(n); n++ {
			o := s.at(n)
			if !o.Start.Before(to) {
				return
			}
			overlaps := o.End.After(from) || !o.Start.Before(from)
			if overlaps && !yield(o) {
				return
			}
		}
	}
}

// On returns the occurrence that the pattern has on a date, or false.
func (s *Series) On(date time.Time) (Occurrence, bool) {
	n := s.dates.onOrAfter(DateOf(date))
	if !s.dates.within(n) || !s.dates.date(n).Equal(DateOf(date)) {
		return Occurrence{}, false
	}
	return s.at(n), true
}

// Neighbours returns the occurrences before and after the one on date, between
// which an exception must stay (graph-facts §7, ErrorOccurrenceCrossingBoundary).
// Either is nil where the series begins or ends.
func (s *Series) Neighbours(date time.Time) (before, after *Occurrence) {
	n := s.dates.onOrAfter(DateOf(date))
	next := n
	if s.dates.date(n).Equal(DateOf(date)) {
		next++
	}
	if s.dates.within(n - 1) {
		o := s.at(n - 1)
		before = &o
	}
	if s.dates.within(next) {
		o := s.at(next)
		after = &o
	}
	return before, after
}

// Last returns the last occurrence, or false if the series has no end or no
// occurrence.
func (s *Series) Last() (Occurrence, bool) {
	n := s.dates.count - 1
	if s.dates.count == 0 {
		if s.dates.last.Equal(lastDay()) {
			return Occurrence{}, false
		}
		n = s.dates.onOrAfter(s.dates.last.AddDate(0, 0, 1)) - 1
	}
	if !s.dates.within(n) {
		return Occurrence{}, false
	}
	return s.at(n), true
}

// at returns occurrence n. Its end keeps the wall clock, too, as Exchange
// stores both as minutes after midnight (MS-OXOCAL §2.2.1.44.5,
// StartTimeOffset and EndTimeOffset): a night shift is an hour shorter when
// clocks go forward. Where only the start was moved past the end, the
// occurrence keeps its length instead.
func (s *Series) at(n int) Occurrence {
	date := s.dates.date(n)
	o := Occurrence{
		Date:  date,
		Start: onDate(date, s.start),
		End:   onDate(date.AddDate(0, 0, s.span), s.end),
	}
	if o.End.Before(o.Start) {
		o.End = o.Start.Add(s.end.Sub(s.start))
	}
	return o
}

// onDate returns the instant at which a date has the wall clock of clock.
func onDate(date, clock time.Time) time.Time {
	h, m, sec := clock.Clock()
	year, month, day := date.Date()
	return WallTime(time.Date(year, month, day, h, m, sec, clock.Nanosecond(), time.UTC), clock.Location())
}

// WallTime returns the instant at which the clocks of loc show the date and
// time of wall. A time that a clock change leaves out is moved forward by what
// the clocks skipped, and of a time that comes twice the first is meant
// (RFC 5545 §3.3.5; Microsoft documents neither).
func WallTime(wall time.Time, loc *time.Location) time.Time {
	year, month, day := wall.Date()
	h, m, s := wall.Clock()
	asUTC := time.Date(year, month, day, h, m, s, wall.Nanosecond(), time.UTC)
	t := time.Date(year, month, day, h, m, s, wall.Nanosecond(), loc)
	_, offset := t.Zone()
	switch shown := t.Add(time.Duration(offset) * time.Second); {
	case shown.After(asUTC): // skipped, and already moved forward
		return t
	case shown.Before(asUTC): // skipped: Go chose the offset after the change
		return asUTC.Add(-time.Duration(offset) * time.Second).In(loc)
	}
	change, _ := t.ZoneBounds()
	if change.IsZero() {
		return t
	}
	_, before := change.Add(-time.Second).Zone()
	if first := asUTC.Add(-time.Duration(before) * time.Second); first.Before(change) {
		return first.In(loc)
	}
	return t
}

// DateOf returns the date that t's wall clock shows, as a midnight in UTC.
func DateOf(t time.Time) time.Time {
	year, month, day := t.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}
