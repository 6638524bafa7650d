package presence

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/item"
)

// key stands for an item's id: half a SHA-256, so that thousands of people's items
// take little room.
type key [16]byte

func keyOf(id string) key {
	sum := sha256.Sum256([]byte(id))
	return key(sum[:16])
}

// entry is as much of an event as presence needs. What a delta leaves out of an
// occurrence stands in its series.
type entry struct {
	start, end time.Time // as a clock shows them, which is UTC's unless zone says otherwise
	zone       *time.Location
	series     key // zero: of none
	state      State
	class      Class
	subject    string
	home       *time.Location // of who made it; nil when nobody knows
	allDay     bool
	void       bool // cancelled or declined: it takes up no time
	master     bool // a series, whose occurrences have rows of their own
	whole      bool // state and what follows were said; else the series says them
}

// longestSubject is how much of a subject is kept, in bytes.
const longestSubject = 200

// read reads an event as Graph sent it; false means that it has no time that can
// be read.
func read(body json.RawMessage, subjects bool) (entry, bool) {
	var e struct {
		Type           string
		Series         string `json:"seriesMasterId"`
		ShowAs         *string
		Sensitivity    *string
		Subject        string
		IsAllDay       *bool
		IsCancelled    bool
		ResponseStatus struct{ Response string }
		Start, End     struct{ DateTime, TimeZone string }
		Home           string `json:"originalStartTimeZone"`
	}
	err := json.Unmarshal(body, &e)
	odd := errors.As(err, new(*json.UnmarshalTypeError)) // the rest has been read all the same
	if err != nil && !odd {
		return entry{}, false
	}
	out := entry{master: e.Type == "seriesMaster", void: e.IsCancelled || e.ResponseStatus.Response == "declined", zone: time.UTC}
	var ok1, ok2 bool
	out.start, ok1 = parseWall(e.Start.DateTime)
	out.end, ok2 = parseWall(e.End.DateTime)
	if !ok1 || !ok2 {
		return entry{}, false
	}
	if e.Start.TimeZone != "" {
		out.zone = zoneNamed(e.Start.TimeZone) // nil: on the clock of whose calendar it is
	}
	if e.Series != "" {
		out.series = keyOf(e.Series)
	}
	if e.Home != "" {
		out.home = zoneNamed(e.Home)
	}
	switch {
	case odd:
		out.whole, out.state, out.class = true, Unknown, Private
		return out, true
	case e.ShowAs == nil && e.Series != "":
		return out, true // an occurrence as a delta shows it
	case e.ShowAs == nil:
		e.ShowAs = new(string)
	}
	out.whole, out.state = true, stateOf(*e.ShowAs)
	out.allDay = e.IsAllDay != nil && *e.IsAllDay
	out.class = classOf(body, e.Sensitivity)
	if subjects && !out.class.hidden() {
		out.subject = shorten(e.Subject)
	}
	return out, true
}

// classOf is an event's class. One that is new to us is private.
func classOf(body json.RawMessage, sensitivity *string) Class {
	switch c := Class(deref(sensitivity)); {
	case !item.Private(body) && c == Personal:
		return Personal
	case !item.Private(body):
		return Normal
	case c == Confidential:
		return Confidential
	}
	return Private
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// shorten cuts a subject where a letter ends; the copy lets the body go.
func shorten(s string) string {
	if len(s) > longestSubject {
		s = strings.ToValidUTF8(s[:longestSubject], "")
	}
	return strings.Clone(s)
}

// span is a time that an item takes up, [from, to).
type span struct {
	from, to time.Time
	state    State
	class    Class
	subject  string
	allDay   bool
	source   Source
}

// span gives the time that an entry takes up. series gives the series of an
// occurrence; home is the zone of the mailbox, nil when nobody says: then an
// all-day event is in the zone of who made it, or else in UTC.
func (e entry) span(series func(key) (entry, bool), home *time.Location) (span, bool) {
	how := e
	if e.master || e.void {
		return span{}, false
	}
	if !e.whole {
		s, known := series(e.series)
		switch {
		case known && s.void:
			return span{}, false
		case known:
			how = s
		default:
			how = entry{state: Unknown, class: Private} // its series has not been read yet
		}
	}
	out := span{state: how.state, class: how.class, subject: how.subject, allDay: how.allDay, source: FromCalendar}
	if how.allDay {
		at := firstOf(home, how.home, e.home)
		out.from, out.to = midnight(e.start, at), midnight(e.end, at)
		if !e.end.After(e.start) {
			out.to = midnight(e.start.AddDate(0, 0, 1), at)
		}
	} else {
		at := firstOf(e.zone, home, how.home)
		out.from, out.to = instant(e.start, at), instant(e.end, at)
	}
	return out, out.state != Available && out.from.Before(out.to)
}

// firstOf is the first zone that is known, or UTC.
func firstOf(zones ...*time.Location) *time.Location {
	for _, z := range zones {
		if z != nil {
			return z
		}
	}
	return time.UTC
}
