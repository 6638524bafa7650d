package ics

import (
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/zone"
)

// named returns the zone of a name, or of the end of a path such as
// /mozilla.org/20070129_1/Europe/Berlin.
func (z *zones) named(id string) (*place, bool) {
	for id = strings.Trim(id, "/ "); id != ""; {
		if place, ok := z.lookUp(id); ok {
			return place, true
		}
		var more bool
		if _, id, more = strings.Cut(id, "/"); !more {
			break
		}
	}
	return nil, false
}

// lookUp returns the zone of a name that Graph takes. It goes by its Windows
// name, as Graph answers, wherever that zone's clock is the same: Windows keeps
// fewer zones apart.
func (z *zones) lookUp(id string) (*place, bool) {
	loc, err := zone.Load(id)
	if err != nil {
		return nil, false
	}
	if windows, ok := zone.Windows(id); ok {
		if clock, err := zone.Load(windows); err == nil {
			if same, _ := sameClock(clock, loc, z.from, z.to); same {
				return &place{clock, windows}, true
			}
		}
	}
	return &place{loc, id}, true
}

// equal returns a zone of Windows whose clock is that of loc as long as the
// calendar's events take place.
func (z *zones) equal(loc *time.Location) (*place, bool) {
	for name := range zone.WindowsNames() {
		clock, err := zone.Load(name)
		if err != nil {
			continue
		}
		if same, _ := sameClock(clock, loc, z.from, z.to); same {
			return &place{clock, name}, true
		}
	}
	return nil, false
}
