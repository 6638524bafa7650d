package ics

import (
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// items returns the Graph events that together take place when the schedule
// says, with what replaces some of its occurrences.
func (s *schedule) items(replacing map[time.Time]*entry) []Item {
	var items []Item
	covered := map[time.Time]bool{}
	for _, p := range s.plans {
		if item, used := s.seriesItem(p, replacing, covered); used {
			items = append(items, item)
		}
	}
	rest := slices.SortedFunc(maps.Keys(s.wanted), time.Time.Compare)
	rest = slices.DeleteFunc(rest, func(wall time.Time) bool { return covered[wall] })
	for i, wall := range rest {
		if i == maxSingles {
			s.add(Lost, s.e.c.line, "VEVENT", "%d of its dates are missing: at most %d become single events", len(rest)-i, maxSingles)
			break
		}
		items = append(items, s.singleItem(wall, replacing))
	}
	return items
}

func (s *schedule) singleItem(wall time.Time, replacing map[time.Time]*entry) Item {
	if o := replacing[wall]; o != nil {
		return Item{Event: o.single(o.start, o.span), Line: o.c.line}
	}
	return Item{Event: s.e.single(wall, s.wanted[wall]), Line: s.e.c.line}
}

// seriesItem makes the series of a plan. Occurrences that the schedule does
// not want, or that an earlier series has, are cancelled. A series without any
// occurrence left is not used.
func (s *schedule) seriesItem(p plan, replacing map[time.Time]*entry, covered map[time.Time]bool) (Item, bool) {
	series, err := s.series(p)
	if err != nil {
		return Item{}, false
	}
	rec := recur.Recurrence{Pattern: p.Pattern, Range: p.numbers}
	item := Item{Event: s.e.graph(s.e.at.write(p.first), s.e.at.write(p.first.Add(s.e.wall))), Line: s.e.c.line}
	item.Event["recurrence"] = rec.JSON()
	kept := 0
	for o := range series.Expand(p.first, s.horizon) {
		if _, want := s.wanted[o.Start]; !want || covered[o.Start] {
			item.Cancelled = append(item.Cancelled, o.Date)
			continue
		}
		kept++
		covered[o.Start] = true
		if other := replacing[o.Start]; other != nil {
			s.replace(&item, series, o, other)
		}
	}
	s.tellOfClocks(p, series)
	last, ends := series.Last()
	return item, kept > 0 || !ends || !last.Start.Before(s.horizon)
}

// tellOfClocks names what changing clocks make of a series: dates that are left
// out, and ends that come sooner or later than the file says.
func (s *schedule) tellOfClocks(p plan, series *recur.Series) {
	skipped, drifting := 0, 0
	for o := range series.Expand(p.first, s.horizon) {
		if !s.e.at.Shows(o.Start) {
			skipped++
		} else if !s.e.allDay && !s.e.at.instant(o.End).Equal(s.e.end(o.Start, s.e.span)) {
			drifting++
		}
	}
	if skipped > 0 {
		s.add(Adapted, p.line, "RRULE", "clocks skip the hour of %d of its dates; Exchange would move them, iCalendar leaves them out; they are cancelled", skipped)
	}
	if drifting > 0 {
		s.add(Adapted, p.line, "RRULE", "clocks change during %d of its occurrences; Exchange keeps the wall clock of the end, iCalendar the length", drifting)
	}
}

// replace makes an exception of an occurrence. One that Exchange would refuse,
// because it crosses its neighbours (graph-facts §7), is cancelled and becomes
// a single event instead.
func (s *schedule) replace(item *Item, series *recur.Series, o recur.Occurrence, other *entry) {
	start, end := other.at.instant(other.start), other.end(other.start, other.span)
	before, after := series.Neighbours(o.Date)
	crosses := before != nil && start.Before(s.e.at.instant(before.End)) ||
		after != nil && end.After(s.e.at.instant(after.Start))
	if crosses {
		s.add(Adapted, other.c.line, "RECURRENCE-ID", "moved across its neighbour, which Exchange refuses; it is cancelled and became a single event")
		item.Cancelled = append(item.Cancelled, o.Date)
		s.apart = append(s.apart, other)
		return
	}
	item.Exceptions = append(item.Exceptions, Exception{o.Date, s.difference(o, other)})
}

// difference returns the members in which an exception differs from the
// occurrence of its series.
func (s *schedule) difference(o recur.Occurrence, other *entry) map[string]any {
	patch := map[string]any{}
	replaced := other.single(other.start, other.span)
	original := s.e.single(o.Start, s.e.span)
	for member, value := range replaced {
		if was, there := original[member]; !there || !reflect.DeepEqual(was, value) {
			patch[member] = value
		}
	}
	for member := range original {
		if _, there := replaced[member]; !there && member == "reminderMinutesBeforeStart" {
			delete(patch, member)
		}
	}
	if !reflect.DeepEqual(replaced["start"], original["start"]) || !reflect.DeepEqual(replaced["end"], original["end"]) {
		patch["start"], patch["end"] = replaced["start"], replaced["end"]
	}
	return patch
}
