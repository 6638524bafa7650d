// Package ics reads iCalendar files (RFC 5545) into Graph events.
//
// It promises that nothing of a file is dropped silently: what Graph cannot
// say in one event is said with several where that is possible, and every such
// adaptation, and every loss, is a Finding with its line. It reads what real
// calendars write, also where the RFC forbids it, and refuses only what is not
// iCalendar at all. It invites nobody and stores nothing: that is the tenant's.
package ics

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/ics/rrule"
)

// Options of Parse.
type Options struct {
	// File is the name that findings carry.
	File string
	// Zone is the zone of times without one, where the file names no zone for
	// the whole calendar either (X-WR-TIMEZONE). Empty means UTC.
	Zone string
	// Horizon is until when single events stand for what Graph has no pattern
	// for, and until when the dates that a pattern has too many are cancelled.
	// Zero means five years after the start of each event.
	Horizon time.Time
}

// Item is one Graph event to be put on a calendar.
type Item struct {
	// Event is the body as Graph takes it, with iCalUId, organizer and the
	// attendees' responses besides.
	Event map[string]any
	// Cancelled are the dates (midnights in UTC, recur.Occurrence.Date) of the
	// series on which it does not take place.
	Cancelled []time.Time
	// Exceptions are the occurrences that differ from their series.
	Exceptions []Exception
	// Line is where the VEVENT begins that the event comes from.
	Line int
}

// Exception is a change to one occurrence of a series.
type Exception struct {
	Date  time.Time      // recur.Occurrence.Date
	Event map[string]any // the members that differ, as a PATCH has them
}

// ErrNotCalendar is returned for a file without a VCALENDAR.
var ErrNotCalendar = errors.New("no VCALENDAR in it: not an iCalendar file")

// reader reads one file.
type reader struct {
	*findings
	opt   Options
	zones *zones
}

// Parse reads the events of an iCalendar file. Findings are in the order of
// their lines, each once. The error is the reader's, or ErrNotCalendar.
func Parse(from io.Reader, opt Options) ([]Item, []Finding, error) {
	found := &findings{file: opt.File}
	root, err := readTree(from, found)
	if err != nil {
		return nil, nil, fmt.Errorf("reading %s: %w", opt.File, err)
	}
	var items []Item
	calendars := 0
	for _, c := range root.children {
		if c.name != "VCALENDAR" {
			found.add(Lost, c.line, c.name, "it stands outside a VCALENDAR")
			continue
		}
		calendars++
		r := &reader{found, opt, nil}
		r.zones = newZones(c, opt, found)
		items = append(items, r.calendar(c)...)
	}
	if calendars == 0 {
		return nil, nil, fmt.Errorf("reading %s: %w", opt.File, ErrNotCalendar)
	}
	slices.SortStableFunc(found.list, func(a, b Finding) int { return a.Line - b.Line })
	return items, slices.Compact(found.list), nil
}

// calendar reads the events of one VCALENDAR.
func (r *reader) calendar(c *component) []Item {
	for _, p := range c.properties {
		switch p.name {
		case "PRODID", "VERSION", "CALSCALE", "METHOD", "X-WR-TIMEZONE":
		default:
			r.lost(p, "it describes the calendar, and the events go to an existing one: %s", shorten(p.value))
		}
	}
	var masters []*entry
	replacing := map[string][]*entry{}
	for _, child := range c.children {
		switch child.name {
		case "VEVENT":
			e := r.readEntry(child)
			switch {
			case e == nil:
			case e.replace.wall.IsZero():
				masters = append(masters, e)
			default:
				replacing[e.uid] = append(replacing[e.uid], e)
			}
		case "VTIMEZONE":
		default:
			r.add(Lost, child.line, child.name, "a calendar of Microsoft 365 holds events only")
		}
	}
	var items []Item
	for _, e := range masters {
		items = append(items, r.master(e, replacing[e.uid])...)
		delete(replacing, e.uid)
	}
	return append(items, r.orphans(replacing)...)
}

// master makes the items of a VEVENT and of those that replace parts of it.
func (r *reader) master(e *entry, replaced []*entry) []Item {
	s := r.newSchedule(e, replaced)
	replacing := map[time.Time]*entry{}
	var items []Item
	for _, o := range inForce(replaced) {
		wall := s.onClock(o.replace)
		_, takesPlace := s.wanted[wall]
		switch {
		case o.onwards:
			items = append(items, s.cut(wall, o)...)
		case !takesPlace:
			r.add(Adapted, o.c.line, "RECURRENCE-ID", "the event does not take place then; it became a single event")
			s.apart = append(s.apart, o)
		case o.body["isCancelled"] == true:
			delete(s.wanted, wall)
		default:
			replacing[wall] = o
		}
	}
	items = append(s.items(replacing), items...)
	for _, o := range s.apart {
		items = append(items, Item{Event: o.single(o.start, o.span), Line: o.c.line})
	}
	if len(items) == 0 {
		r.add(Adapted, e.c.line, "VEVENT", "every one of its dates is taken out; nothing is left to put on a calendar")
	}
	return items
}

// inForce returns the replacements, of several for the same date the one with
// the highest SEQUENCE, or the later one.
func inForce(replaced []*entry) []*entry {
	var list []*entry
	for _, o := range replaced {
		i := slices.IndexFunc(list, func(e *entry) bool {
			return e.onwards == o.onwards && e.replace.instant().Equal(o.replace.instant())
		})
		switch {
		case i < 0:
			list = append(list, o)
		case o.version >= list[i].version:
			list[i] = o
		}
	}
	return list
}

// orphans makes single events of the VEVENTs that replace an occurrence of an
// event which the file does not have.
func (r *reader) orphans(replacing map[string][]*entry) []Item {
	var items []Item
	for _, list := range replacing {
		for _, o := range list {
			r.add(Adapted, o.c.line, "RECURRENCE-ID", "the event that it belongs to is not in the file; it became a single event")
			items = append(items, Item{Event: o.single(o.start, o.span), Line: o.c.line})
		}
	}
	slices.SortFunc(items, func(a, b Item) int { return a.Line - b.Line })
	return items
}

// moment reads a DATE or DATE-TIME with its zone. What cannot be read is a
// finding.
func (r *reader) moment(p property) (moment, bool) {
	wall, date, inUTC, err := rrule.ParseStamp(p.value)
	if err != nil {
		r.lost(p, "%q is not a date or time", shorten(p.value))
		return moment{}, false
	}
	if date && strings.HasSuffix(strings.ToUpper(p.value), "Z") {
		r.adapted(p, "%q is neither a date nor a time; it was read as a date", shorten(p.value))
	}
	m := moment{wall: wall, date: date}
	switch {
	case date:
	case inUTC:
		m.at = r.zones.utc
	default:
		m.at = r.zones.of(p)
	}
	return m, true
}

// horizonOf returns the wall time until which an event is laid out date by date.
func (r *reader) horizonOf(e *entry) time.Time {
	if r.opt.Horizon.IsZero() {
		return e.start.AddDate(5, 0, 0)
	}
	if horizon := e.at.Wall(r.opt.Horizon); horizon.After(e.start) {
		return horizon
	}
	return e.start.Add(time.Second)
}
