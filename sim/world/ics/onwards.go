package ics

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/world/ics/rrule"
)

// cut ends the schedule before a wall time and returns the items of what takes
// its place from there on (RANGE=THISANDFUTURE, RFC 5545 §3.2.13).
func (s *schedule) cut(from time.Time, o *entry) []Item {
	s.add(Adapted, o.c.line, "RECURRENCE-ID", "Graph has no change of this and all following dates; they are an event of their own")
	shift := o.at.Wall(o.at.instant(o.start)).Sub(from)
	tail := &schedule{s.reader, o, s.horizon.Add(max(0, shift)), map[time.Time]length{}, nil, nil}
	for wall := range s.wanted {
		if !wall.Before(from) {
			tail.wanted[wall.Add(shift)] = o.span
			delete(s.wanted, wall)
		}
	}
	for i, p := range s.plans {
		if o.at.name == s.e.at.name {
			tail.follow(p, from, shift)
		}
		s.plans[i] = s.until(p, from)
	}
	return tail.items(nil)
}

// until ends a plan before a wall time, if it lasts as long.
func (s *schedule) until(p plan, from time.Time) plan {
	series, err := s.series(p)
	if err != nil || !p.first.Before(from) {
		return p
	}
	if last, ends := series.Last(); !ends || !last.Start.Before(from) {
		p.endAt(from.Add(-time.Second))
	}
	return p
}

// follow adds what is left of a plan from a wall time on, shifted, if Graph has
// a pattern for that.
func (s *schedule) follow(p plan, from time.Time, shift time.Duration) {
	series, err := s.series(p)
	if err != nil {
		return
	}
	moved, days := rrule.Moved([]rrule.Part{p.Part}, shift)
	if len(moved) == 0 {
		return
	}
	if last, ends := series.Last(); ends {
		p.endOn(last.Date.AddDate(0, 0, days))
	}
	p.Part = moved[0]
	for o := range series.Expand(from, s.horizon) {
		first := o.Start.Add(shift)
		if o.Start.Before(from) || !s.e.at.Shows(first) || !s.e.at.Shows(first.Add(s.e.wall)) {
			continue
		}
		p.first, p.numbers.StartDate = first, first.Format(time.DateOnly)
		s.plans = append(s.plans, p)
		return
	}
}
