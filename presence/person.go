package presence

import (
	"encoding/json"
	"time"
)

// horizon is how far ahead a person's items are kept in memory. They are read
// anew from the store before the last week of it is reached.
const (
	horizon = 9 * 24 * time.Hour
	promise = 7 * 24 * time.Hour // how far ahead what comes next is known
)

// person is somebody whose state is told, with the items that matter.
type person struct {
	items map[key]entry
	home  *time.Location // the zone of the mailbox; nil when nobody says
}

// put takes an item up, or what has become of it; nil is that it is gone.
func (p *person) put(id string, body json.RawMessage, subjects bool) {
	k := keyOf(id)
	if len(body) == 0 {
		delete(p.items, k)
		return
	}
	e, ok := read(body, subjects)
	if !ok {
		delete(p.items, k)
		return
	}
	p.items[k] = e
}

// spans gives what takes up the person's time between two moments.
func (p *person) spans(from, to time.Time) []span {
	var out []span
	for _, e := range p.items {
		if s, takes := e.span(p.series, p.home); takes && s.to.After(from) && s.from.Before(to) {
			out = append(out, s)
		}
	}
	return out
}

func (p *person) series(k key) (entry, bool) {
	e, known := p.items[k]
	return e, known && e.master
}

// forget drops items that lie outside of what matters between two moments, by a
// day and more so that no zone matters.
func (p *person) forget(from, to time.Time) {
	const slack = 2 * 24 * time.Hour
	for k, e := range p.items {
		if !e.master && (e.end.Before(from.Add(-slack)) || e.start.After(to.Add(slack))) {
			delete(p.items, k)
		}
	}
}
