package ics

import (
	"time"
)

// lookUp returns the zone of a name that Graph takes.
func lookUp(id string) (*place, bool) {
	if id == "" || id == "Local" {
		return nil, false
	}
	loc, err := time.LoadLocation(id)
	if err != nil {
		return nil, false
	}
	return &place{loc, id}, true
}

// equal returns a zone of Graph's whose clock is that of loc over a span.
func equal(loc *time.Location, from, to time.Time) (*place, bool) {
	for _, name := range []string{"UTC"} {
		p, ok := lookUp(name)
		if !ok {
			continue
		}
		if same, _ := sameClock(p.loc, loc, from, to); same {
			return p, true
		}
	}
	return nil, false
}
