package ics

import (
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// extraDates reads RDATE: further wall times, each with its length.
func (s *schedule) extraDates() map[time.Time]length {
	extra := map[time.Time]length{}
	for _, p := range s.e.c.all("RDATE") {
		for item := range strings.SplitSeq(p.value, ",") {
			if m, span, ok := s.extraDate(p, item); ok {
				extra[s.onClock(m)] = span
			}
		}
		s.adapted(p, "Graph has no further dates of a series; they are single events")
	}
	return extra
}

// extraDate reads one value of RDATE, which may be a PERIOD (RFC 5545 §3.3.9).
func (s *schedule) extraDate(p property, item string) (moment, length, bool) {
	span := s.e.span
	first, second, period := strings.Cut(item, "/")
	p.value = first
	m, ok := s.moment(p)
	if !ok || !period {
		return m, span, ok
	}
	if long, err := parseLength(second); err == nil && long.days >= 0 && long.exact >= 0 {
		return m, long, true
	}
	p.value = second
	end, ok := s.moment(p)
	if !ok || end.instant().Before(m.instant()) {
		s.lost(p, "%q is not a period", shorten(item))
		return m, span, false
	}
	return m, length{exact: end.instant().Sub(m.instant())}, true
}

// excepted are the values of EXDATE.
type excepted struct {
	walls []time.Time // the wall time, or the midnight of a whole day
	days  []bool      // a DATE: all of that day
	from  []property
}

// exceptedDates reads EXDATE. A DATE takes out whatever is on that day, also
// of an event that has a time: calendars write it so, and can mean nothing else.
func (s *schedule) exceptedDates() excepted {
	var out excepted
	for _, p := range s.e.c.all("EXDATE") {
		for item := range strings.SplitSeq(p.value, ",") {
			one := p
			one.value = item
			m, ok := s.moment(one)
			if !ok {
				continue
			}
			wholeDay := m.date && !s.e.allDay
			wall := m.in(s.e.at)
			if wholeDay {
				s.adapted(one, "a date where the event has a time; it takes out what is on that day")
			} else {
				wall = s.onClock(m)
			}
			out.walls, out.days, out.from = append(out.walls, wall), append(out.days, wholeDay), append(out.from, one)
		}
	}
	return out
}

// remove takes the excepted dates out of the schedule.
func (s *schedule) remove(out excepted) {
	for i, wall := range out.walls {
		found := false
		for w := range s.wanted {
			if w.Equal(wall) || out.days[i] && recur.DateOf(w.Add(s.e.ahead)).Equal(wall) {
				delete(s.wanted, w)
				found = true
			}
		}
		if !found {
			s.lost(out.from[i], "%s is not a date of the event", shorten(out.from[i].value))
		}
	}
}

// readExceptionRule takes out the wall times of an EXRULE, which RFC 2445 had
// and RFC 5545 dropped.
func (s *schedule) readExceptionRule(p property) {
	rule, err := s.e.parseRule(p)
	if err != nil {
		s.lost(p, "the rule cannot be read (%v); nothing was taken out", err)
		return
	}
	walls, _ := s.instants(rule)
	for _, wall := range walls {
		delete(s.wanted, wall)
	}
	s.adapted(p, "Graph has no rule of exceptions; its dates are cancelled until %s", s.horizon.Format(time.DateOnly))
}

// onClock returns the wall time that a moment means for this event: a DATE
// takes the event's own time of day, and an event of whole days its midnight.
func (s *schedule) onClock(m moment) time.Time {
	wall := m.in(s.e.at)
	if m.date && !s.e.allDay {
		own := s.e.start.Add(s.e.ahead)
		return wall.Add(own.Sub(recur.DateOf(own)) - s.e.ahead)
	}
	if s.e.allDay {
		return recur.DateOf(wall)
	}
	return wall
}
