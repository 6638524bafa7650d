package item

import (
	"encoding/json"
	"time"

	"github.com/graphwarden/graphwarden/odata/page"
	"github.com/graphwarden/graphwarden/zone"
)

// Times gives when an event is. The master of a series has no time of its own,
// nor has what cannot be read: false. Every event that is stored comes by here, so
// nothing else of it is decoded.
func Times(raw json.RawMessage) (start, end time.Time, ok bool) {
	var from, to moment
	var master bool
	err := page.Members(raw, func(name, value []byte) {
		switch string(name) {
		case "type":
			kind, _ := text(value)
			master = kind == "seriesMaster"
		case "start":
			from = momentOf(value)
		case "end":
			to = momentOf(value)
		}
	})
	if err != nil || master {
		return start, end, false
	}
	if start, ok = from.time(); !ok {
		return start, end, false
	}
	if end, ok = to.time(); !ok || end.Before(start) {
		end = start
	}
	return start, end, true
}

// moment is Graph's dateTimeTimeZone.
type moment struct{ dateTime, timeZone string }

// momentOf reads one; what is none has no time.
func momentOf(raw []byte) (m moment) {
	err := page.Members(raw, func(name, value []byte) {
		switch string(name) {
		case "dateTime":
			m.dateTime, _ = text(value)
		case "timeZone":
			m.timeZone, _ = text(value)
		}
	})
	if err != nil {
		return moment{}
	}
	return m
}

func (m moment) time() (time.Time, bool) {
	where, err := zone.Load(m.timeZone)
	if err != nil {
		return time.Time{}, false
	}
	at, err := time.ParseInLocation("2006-01-02T15:04:05.9999999", m.dateTime, where)
	return at.UTC(), err == nil && at.Year() > 1 && at.Year() < 9000
}

// Series gives the id of the master of the series that an occurrence belongs to;
// "" for what is none.
func Series(raw json.RawMessage) string { return textOf(raw, "seriesMasterId") }

// Fill gives an occurrence what it has of its series: a delta tells of an
// occurrence its id and times only (graph-facts §1.7), the rest stands in the
// master. What the occurrence has itself stays. Without its master it is private,
// because nobody knows whether the series is.
func Fill(occurrence, master json.RawMessage) json.RawMessage {
	own, err := properties(occurrence)
	if err != nil {
		return json.RawMessage("{}")
	}
	has := map[string]bool{}
	for _, p := range own {
		has[p.name] = true
	}
	all, err := properties(master)
	if err != nil {
		if !has["sensitivity"] {
			own = append(own, property{"sensitivity", json.RawMessage(`"private"`)})
		}
		return object(own)
	}
	for _, p := range all {
		switch p.name {
		case "id", "recurrence", "type", "start", "end", "originalStart", "occurrenceId", "uid", "webLink", "cancelledOccurrences", "transactionId":
			continue // the master's own
		}
		if !has[p.name] {
			own = append(own, p)
		}
	}
	return object(own)
}
