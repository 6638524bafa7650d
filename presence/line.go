package presence

import (
	"slices"
	"time"
)

// Spell is a time in which a person's state is one and the same, whatever items
// follow each other in it.
type Spell struct {
	State State `json:"state"`
	// At is when it begins; of the present spell it is left out.
	At time.Time `json:"at,omitzero"`
	// Until is when another state begins; left out when nothing known ends it.
	Until time.Time `json:"until,omitzero"`
	// Source and Permission say who says so, and by which right we know.
	Source     Source `json:"source,omitempty"`
	Permission string `json:"permission,omitempty"`
	// Class is that of the item that decides when the spell begins, or now: the
	// strictest, where several do. Of private and confidential items nothing else is
	// told but their time.
	Class   Class  `json:"class,omitempty"`
	AllDay  bool   `json:"allDay,omitempty"`
	Subject string `json:"subject,omitempty"`

	turn time.Time // when another item decides, with the same state; zero: none does
}

// look gives the spell at a moment and the one after it; false means that nothing
// known comes after.
func look(spans []span, at time.Time) (now, next Spell, more bool) {
	spans = slices.DeleteFunc(slices.Clone(spans), func(s span) bool { return !s.to.After(at) })
	edges := make([]time.Time, 0, 2*len(spans))
	for _, s := range spans {
		for _, t := range []time.Time{s.from, s.to} {
			if t.After(at) {
				edges = append(edges, t)
			}
		}
	}
	slices.SortFunc(edges, time.Time.Compare)
	edges = slices.CompactFunc(edges, time.Time.Equal)
	now = spell(spans, at)
	rest := until(spans, &now, edges)
	if now.Until.IsZero() {
		return now, Spell{}, false
	}
	next = spell(spans, now.Until)
	next.At = now.Until
	until(spans, &next, rest)
	return now, next, true
}

// until finds where a spell ends among the edges after its beginning, and gives the
// edges after that.
func until(spans []span, s *Spell, edges []time.Time) []time.Time {
	for i, t := range edges {
		there := spell(spans, t)
		if there.State != s.State {
			s.Until = t
			return edges[i+1:]
		}
		if s.turn.IsZero() && (there.Class != s.Class || there.AllDay != s.AllDay || there.Subject != s.Subject) {
			s.turn = t
		}
	}
	return nil
}

// spell says what the spans make of a moment.
func spell(spans []span, at time.Time) Spell {
	out := Spell{State: Available}
	deciding := 0
	for _, s := range spans {
		if s.from.After(at) || !s.to.After(at) {
			continue
		}
		switch {
		case s.state.hides(out.State):
			out = Spell{State: s.state, Source: s.source, Class: s.class, AllDay: s.allDay, Subject: s.subject}
			deciding = 1
		case s.state == out.State && deciding > 0:
			out.Class, out.AllDay = stricter(out.Class, s.class), out.AllDay && s.allDay
			if deciding++; out.Subject == "" && !s.class.hidden() {
				out.Subject = s.subject
			}
		}
	}
	if out.Class.hidden() {
		out.Subject = ""
	}
	return out
}
