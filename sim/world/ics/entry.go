package ics

import (
	"iter"
	"strconv"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/ics/rrule"
	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// entry is one VEVENT.
type entry struct {
	c     *component
	uid   string
	at    *place    // the zone in which it recurs
	start time.Time // wall clock at that zone
	// ahead is how far the clock that the rules are written for is ahead of
	// that zone's. It is not zero where Graph does not know the zone, whose
	// clock is never changed: such an event recurs in UTC.
	ahead   time.Duration
	allDay  bool
	span    length        // of an occurrence, exactly
	wall    time.Duration // of an occurrence, by the wall clock
	body    map[string]any
	replace moment // RECURRENCE-ID
	onwards bool   // RANGE=THISANDFUTURE
	version int    // SEQUENCE
}

// readEntry reads a VEVENT, or returns nil when it cannot be on a calendar.
func (r *reader) readEntry(c *component) *entry {
	p, ok := c.first("DTSTART")
	if !ok {
		r.add(Lost, c.line, "VEVENT", "it has no DTSTART, so it has no place on a calendar")
		return nil
	}
	start, ok := r.moment(p)
	if !ok {
		return nil
	}
	e := &entry{c: c, uid: c.text("UID"), allDay: start.date, start: start.wall, at: start.at}
	if e.uid == "" {
		r.add(Adapted, c.line, "UID", "missing, which iCalendar does not allow; the mailbox gives the event its own")
	}
	if start.date || start.at == nil {
		e.at = utc()
		start.at = e.at
	}
	if ahead, ok := e.at.fixed(start.wall); ok && e.at.name == "" {
		e.at, e.ahead, e.start = r.zones.utc, ahead, start.wall.Add(-ahead)
	}
	r.readEnd(e, start)
	e.version, _ = strconv.Atoi(c.text("SEQUENCE"))
	if p, ok := c.first("RECURRENCE-ID"); ok {
		if e.replace, ok = r.moment(p); !ok {
			return nil
		}
		e.onwards = isOne(p.param("RANGE"), "THISANDFUTURE")
	}
	e.body = r.readBody(c, start, e.span)
	if e.uid != "" {
		e.body["iCalUId"] = e.uid
	}
	return e
}

// readEnd finds how long the event takes (RFC 5545 §3.6.1: without an end, a
// DATE takes its day and a time takes no time).
func (r *reader) readEnd(e *entry, start moment) {
	end, hasEnd := e.c.first("DTEND")
	long, hasLength := e.c.first("DURATION")
	if e.allDay {
		e.span.days = 1
	}
	switch {
	case hasEnd:
		if hasLength {
			r.lost(long, "DTEND is given, too, and was taken")
		}
		r.readDTEND(e, start, end)
	case hasLength:
		r.readDURATION(e, long)
	}
	if e.wall == 0 {
		e.wall = e.start.AddDate(0, 0, e.span.days).Add(e.span.exact).Sub(e.start)
	}
	if p, ok := e.c.first("X-MICROSOFT-CDO-ALLDAYEVENT"); ok && isOne(p.value, "TRUE") && !e.allDay {
		e.allDay = e.start.Equal(recur.DateOf(e.start)) && e.wall > 0 && e.wall%(24*time.Hour) == 0
	}
}

func (r *reader) readDTEND(e *entry, start moment, p property) {
	end, ok := r.moment(p)
	if !ok {
		return
	}
	if end.date != e.allDay {
		r.adapted(p, "it is a date where DTSTART is a time, or the other way round; it was read as DTSTART is")
		end.date = e.allDay
	}
	if end.at == nil {
		end.at = e.at
	}
	if end.at.name != start.at.name && !e.allDay {
		r.adapted(p, "it hangs in another zone than DTSTART; the end is told in the zone of the start")
	}
	wallEnd := end.in(e.at)
	switch {
	case e.allDay && recur.DateOf(wallEnd).After(e.start):
		e.span.days = int(recur.DateOf(wallEnd).Sub(e.start) / (24 * time.Hour))
	case e.allDay:
		r.adapted(p, "it does not come after DTSTART; the event takes its one day")
	case end.instant().Before(start.instant()):
		r.adapted(p, "it comes before DTSTART; the event takes no time")
	default:
		e.span.exact = end.instant().Sub(start.instant())
		e.wall = max(0, wallEnd.Sub(e.start))
	}
}

func (r *reader) readDURATION(e *entry, p property) {
	span, err := parseLength(p.value)
	switch {
	case err != nil || span.days < 0 || span.exact < 0:
		r.lost(p, "%q is not the duration of an event", shorten(p.value))
	case e.allDay && span.exact > 0:
		day := 24 * time.Hour
		e.span.days = max(1, span.days+int((span.exact+day-1)/day))
		r.adapted(p, "an event of whole days was given hours; they were rounded up to days")
	case e.allDay:
		e.span.days = max(1, span.days)
	default:
		e.span = span
	}
}

// clock is the zone that the rules are written for.
func (e *entry) clock() *place {
	if e.ahead == 0 {
		return e.at
	}
	return &place{loc: time.FixedZone("", int(e.ahead/time.Second))}
}

// parseRule reads one of the event's rules.
func (e *entry) parseRule(p property) (*rrule.Rule, error) { return rrule.Parse(p.value, e.clock()) }

// expand yields the wall times of one of the event's rules before a limit.
func (e *entry) expand(r *rrule.Rule, limit time.Time) iter.Seq[time.Time] {
	return func(yield func(time.Time) bool) {
		for wall := range r.Expand(e.start.Add(e.ahead), limit.Add(e.ahead), e.clock()) {
			if !yield(wall.Add(-e.ahead)) {
				return
			}
		}
	}
}

// end returns when an occurrence ends that starts at a wall time.
func (e *entry) end(wall time.Time, span length) time.Time { return span.end(wall, e.at) }

// graph returns the event's body with its times, as Graph takes it.
func (e *entry) graph(start, end map[string]any) map[string]any {
	event := clone(e.body).(map[string]any)
	event["isAllDay"] = e.allDay
	event["start"] = start
	event["end"] = end
	return event
}

// single returns the event as one that takes place once, at a wall time.
func (e *entry) single(wall time.Time, span length) map[string]any {
	return e.graph(e.at.stamp(e.at.instant(wall)), e.at.stamp(e.end(wall, span)))
}

// clone copies a JSON value, so that no two events share a part.
func clone(value any) any {
	switch v := value.(type) {
	case map[string]any:
		c := make(map[string]any, len(v)+4)
		for member, inner := range v {
			c[member] = clone(inner)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, inner := range v {
			c[i] = clone(inner)
		}
		return c
	}
	return value
}
