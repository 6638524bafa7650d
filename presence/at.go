package presence

import (
	"encoding/json"
	"time"
)

// Event is an event as the store keeps it.
type Event struct {
	ID   string
	Body json.RawMessage // as Graph sent it
}

// At says what the events of one calendar make of a moment, and what comes next;
// more is false when nothing known comes after. home is the zone of the mailbox,
// in which all-day events begin and end; nil when nobody says. It is the rule by
// which the room tells people's states, as a function.
func At(events []Event, home *time.Location, at time.Time) (now, next Spell, more bool) {
	p := person{items: map[key]entry{}, home: home}
	for _, e := range events {
		p.put(e.ID, e.Body, false)
	}
	return look(p.spans(at, at.Add(horizon)), at)
}
