package ics

import (
	"maps"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/ics/rrule"
	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// Bounds of what one event of a file may become.
const (
	maxInstants = 30_000 // wall times of a rule that are looked at
	maxSingles  = 1000   // single events that stand for what no pattern holds
	maxRules    = 20     // rules of one event
)

// plan is a Graph pattern that will hold some of an event's wall times.
type plan struct {
	rrule.Part
	line    int
	first   time.Time // wall time of its first occurrence
	numbers recur.Range
}

// schedule is when an event takes place: every wall time up to the horizon,
// and the patterns that Graph has for them.
type schedule struct {
	*reader
	e       *entry
	horizon time.Time
	wanted  map[time.Time]length // the wall times at which it takes place
	plans   []plan
	apart   []*entry // replacements that became single events
}

// newSchedule reads the rules and dates of a master VEVENT.
func (r *reader) newSchedule(e *entry, replaced []*entry) *schedule {
	s := &schedule{r, e, r.horizonOf(e), map[time.Time]length{e.start: e.span}, nil, nil}
	extra := s.extraDates()
	out := s.exceptedDates()
	for wall := range extra {
		s.reach(wall)
	}
	for _, wall := range out.walls {
		s.reach(wall)
	}
	for _, o := range replaced {
		s.reach(o.replace.in(e.at))
	}
	for i, p := range e.c.all("RRULE") {
		if i == maxRules {
			s.lost(p, "more rules than %d", maxRules)
			break
		}
		s.readRule(p)
	}
	for _, p := range e.c.all("EXRULE") {
		s.readExceptionRule(p)
	}
	maps.Copy(s.wanted, extra)
	s.remove(out)
	return s
}

// reach moves the horizon so that a wall time lies before it.
func (s *schedule) reach(wall time.Time) {
	if !wall.Before(s.horizon) {
		s.horizon = wall.Add(time.Second)
	}
}

// readRule adds the wall times of an RRULE and plans the patterns for them.
func (s *schedule) readRule(p property) {
	rule, err := s.e.parseRule(p)
	if err != nil {
		s.lost(p, "the rule cannot be read (%v); only its first day is on the calendar", err)
		return
	}
	walls, whole := s.instants(rule)
	if len(walls) == 0 {
		s.adapted(p, "the rule yields nothing; DTSTART alone remains")
		return
	}
	if !whole { // what lies beyond cannot be compared with a pattern
		s.horizon = walls[len(walls)-1].Add(time.Second)
	}
	for _, wall := range walls {
		if _, there := s.wanted[wall]; !there {
			s.wanted[wall] = s.e.span
		}
	}
	var parts []rrule.Part
	if s.e.at.name != "" {
		parts, _ = rrule.Moved(rule.Patterns(s.e.start.Add(s.e.ahead)), -s.e.ahead)
	}
	if len(parts) == 0 {
		s.toldOneByOne(p, rule, walls, whole)
		return
	}
	s.tellHow(p, rule, parts)
	for _, part := range parts {
		s.plan(p, rule, part, parts, walls)
	}
}

// instants returns the wall times of a rule up to the horizon, and whether
// these are all that lie before it.
func (s *schedule) instants(rule *rrule.Rule) ([]time.Time, bool) {
	var walls []time.Time
	for wall := range s.e.expand(rule, s.horizon) {
		if len(walls) == maxInstants {
			return walls, false
		}
		walls = append(walls, wall)
	}
	return walls, true
}

// toldOneByOne says what becomes of a rule that Graph has no pattern for.
func (s *schedule) toldOneByOne(p property, rule *rrule.Rule, walls []time.Time, whole bool) {
	why := "Graph has no pattern for this rule"
	if s.e.at.name == "" {
		why = "Graph knows no zone whose clock is that of " + s.e.at.loc.String()
	}
	switch {
	case !whole || len(walls) > maxSingles:
		s.lost(p, "%s; only its first %d dates are on the calendar, as single events", why, min(len(walls), maxSingles))
	case rule.Count > 0 && rule.Count <= len(walls)+1 || rule.Past(s.horizon):
		s.adapted(p, "%s; its %d dates are single events", why, len(walls))
	default:
		s.lost(p, "%s; its dates until %s are single events, the later ones are missing", why, s.horizon.Format(time.DateOnly))
	}
}

// tellHow names what a pattern, or several, stand for.
func (s *schedule) tellHow(p property, rule *rrule.Rule, parts []rrule.Part) {
	if len(parts) > 1 {
		s.adapted(p, "no single pattern of Graph's holds these dates; they are %d series", len(parts))
	} else if (parts[0].Pattern.Type == recur.Weekly) != (rule.Weekly()) {
		s.adapted(p, "Graph has no such rule; its dates are a weekly series")
	}
	if slices.ContainsFunc(parts, func(p rrule.Part) bool { return p.Strays }) {
		s.adapted(p, "Exchange puts a day that a month lacks on its last day, iCalendar leaves it out; such dates are cancelled until %s",
			s.horizon.Format(time.DateOnly))
	}
}

// plan adds the pattern for one part of a rule, from its first wall time on.
func (s *schedule) plan(p property, rule *rrule.Rule, part rrule.Part, parts []rrule.Part, walls []time.Time) {
	pl := plan{Part: part, line: p.line}
	pl.numbers = recur.Range{Type: recur.NoEnd, StartDate: s.e.start.Format(time.DateOnly), RecurrenceTimeZone: s.e.at.name}
	all, err := s.series(pl)
	if err != nil {
		s.lost(p, "Graph refuses the pattern (%v)", err)
		return
	}
	for o := range all.Expand(s.e.start, s.horizon) {
		// An end that the clocks skip would make the whole series longer.
		if _, found := slices.BinarySearchFunc(walls, o.Start, time.Time.Compare); found && s.e.at.Shows(o.End) {
			pl.first = o.Start
			break
		}
	}
	if pl.first.IsZero() {
		return
	}
	pl.numbers.StartDate = pl.first.Format(time.DateOnly)
	s.end(&pl, rule)
	s.plans = append(s.plans, pl)
}

// end gives a plan the end of its rule: a number of occurrences where the
// rule's last date is also that of the pattern, or else a last day.
func (s *schedule) end(p *plan, rule *rrule.Rule) {
	if rule.Count == 0 {
		if !rule.Until.IsZero() {
			p.endAt(rule.Until.Add(-s.e.ahead))
		}
		return
	}
	last, ok := s.lastOf(rule)
	if !ok {
		return
	}
	if rule.Count <= maxNumbered {
		p.numbers.Type, p.numbers.NumberOfOccurrences = recur.Numbered, rule.Count
		if series, err := s.series(*p); err == nil {
			if o, ok := series.Last(); ok && o.Start.Equal(last) {
				return
			}
		}
		p.numbers.NumberOfOccurrences = 0
	}
	p.endAt(last)
}

// maxNumbered is how many occurrences a numbered range may have (see recur).
const maxNumbered = 999

// lastOf returns the last wall time of a rule with a COUNT. It is false for one
// that lies so many centuries ahead that it is no end.
func (s *schedule) lastOf(rule *rrule.Rule) (last time.Time, ok bool) {
	for wall := range s.e.expand(rule, farthest()) {
		last = wall
	}
	return last, last.Year() < farthest().Year()-1000
}

// farthest is when Exchange's calendar ends (EWS reference,
// ErrorRecurrenceEndDateTooBig).
func farthest() time.Time { return time.Date(4500, 9, 1, 0, 0, 0, 0, time.UTC) }

// endAt ends the plan with the last of its occurrences that starts by a wall
// time.
func (p *plan) endAt(wall time.Time) {
	last := recur.DateOf(wall)
	if last.Add(p.Clock).After(wall) {
		last = last.AddDate(0, 0, -1)
	}
	p.endOn(last)
}

// endOn ends the plan on a date. Beyond Exchange's last one nothing ends.
func (p *plan) endOn(last time.Time) {
	if last.After(farthest()) {
		p.numbers.Type, p.numbers.EndDate = recur.NoEnd, ""
		return
	}
	p.numbers.Type, p.numbers.EndDate = recur.EndDate, last.Format(time.DateOnly)
}

// series returns the occurrences of a plan as wall times: what clocks do to
// them is no matter of the pattern. Where it has no first one yet, it starts
// with the event.
func (s *schedule) series(p plan) (*recur.Series, error) {
	first := p.first
	if first.IsZero() {
		first = recur.DateOf(s.e.start).Add(p.Clock)
	}
	return recur.NewSeries(first, first.Add(s.e.wall), recur.Recurrence{Pattern: p.Pattern, Range: p.numbers})
}
