package presence

import (
	"time"

	"github.com/graphwarden/graphwarden/zone"
)

// wallLayout is how Graph writes a time whose zone stands beside it
// (dateTimeTimeZone); fractions may follow.
const wallLayout = "2006-01-02T15:04:05"

// parseWall reads a time on a clock; as a time.Time it is as if in UTC.
func parseWall(text string) (time.Time, bool) {
	t, err := time.Parse(wallLayout, text)
	return t, err == nil
}

// instant gives when the clocks of a zone show a time. A time that a clock change
// leaves out is moved on by as much as the clocks are; of one that comes twice the
// first is meant (RFC 5545 §3.3.5).
func instant(wall time.Time, loc *time.Location) time.Time {
	// No zone is further than a day from UTC, nor changes its clocks twice in three
	// days: the offsets before and after tell all that can be meant.
	before, after := offset(wall.AddDate(0, 0, -1), loc), offset(wall.AddDate(0, 0, 1), loc)
	first, second := wall.Add(-before), wall.Add(-after)
	if second.Before(first) {
		first, second = second, first
	}
	for _, t := range []time.Time{first, second} {
		if t.Add(offset(t, loc)).Equal(wall) {
			return t
		}
	}
	return wall.Add(-before)
}

// offset is how far the clocks of a zone are ahead of UTC at a moment.
func offset(t time.Time, loc *time.Location) time.Duration {
	_, seconds := t.In(loc).Zone()
	return time.Duration(seconds) * time.Second
}

// midnight gives when the day begins, in a zone, that a time on a clock lies in.
func midnight(wall time.Time, loc *time.Location) time.Time {
	return instant(time.Date(wall.Year(), wall.Month(), wall.Day(), 0, 0, 0, 0, time.UTC), loc)
}

// zoneNamed finds a zone by its Windows or IANA name; nil when nobody knows it.
func zoneNamed(name string) *time.Location {
	loc, err := zone.Load(name)
	if err != nil {
		return nil
	}
	return loc
}
