package ics

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// place is a zone in which a wall clock hangs.
type place struct {
	loc *time.Location
	// name is what Graph calls the zone, or "" when Graph has no equal for it
	// and times must be told in UTC.
	name string
}

func utc() *place { return &place{time.UTC, "UTC"} }

// instant returns the moment at which the clock shows wall.
func (p *place) instant(wall time.Time) time.Time { return recur.WallTime(wall, p.loc) }

// Wall returns what the clock shows at an instant, as a time in UTC.
func (p *place) Wall(instant time.Time) time.Time {
	_, offset := instant.In(p.loc).Zone()
	return instant.UTC().Add(time.Duration(offset) * time.Second)
}

// Shows tells whether the clock ever shows a wall time: it skips some when it
// goes forward.
func (p *place) Shows(wall time.Time) bool { return p.Wall(p.instant(wall)).Equal(wall) }

// fixed tells whether the clock is never changed from a time on, and how far it
// is then ahead of UTC.
func (p *place) fixed(from time.Time) (ahead time.Duration, ok bool) {
	_, changes := from.In(p.loc).ZoneBounds()
	_, offset := from.In(p.loc).Zone()
	return time.Duration(offset) * time.Second, changes.IsZero()
}

// sameClock tells whether two zones show the same from one time to another,
// and when they first differ.
func sameClock(a, b *time.Location, from, to time.Time) (bool, time.Time) {
	for t := from; t.Before(to); {
		_, ofA := t.In(a).Zone()
		_, ofB := t.In(b).Zone()
		if ofA != ofB {
			return false, t
		}
		_, next := t.In(a).ZoneBounds()
		if _, end := t.In(b).ZoneBounds(); next.IsZero() || !end.IsZero() && end.Before(next) {
			next = end
		}
		if next.IsZero() || !next.After(t) {
			return true, time.Time{}
		}
		t = next
	}
	return true, time.Time{}
}

// stamp writes an instant as Graph's dateTimeTimeZone: in the zone's own time,
// or in UTC where Graph does not know the zone or its clock shows that time
// twice and means the other.
func (p *place) stamp(instant time.Time) map[string]any {
	wall := p.Wall(instant)
	if p.name == "" || !p.instant(wall).Equal(instant) {
		return utc().write(instant.UTC())
	}
	return p.write(wall)
}

// write writes a wall time as Graph's dateTimeTimeZone.
func (p *place) write(wall time.Time) map[string]any {
	return map[string]any{"dateTime": wall.Format("2006-01-02T15:04:05.0000000"), "timeZone": p.name}
}
