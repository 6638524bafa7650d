package outlook

import (
	"net/http"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
	"github.com/graphwarden/graphwarden/zone"
)

// Moment is an instant with the zone whose clock its owner reads.
type Moment struct {
	At   time.Time `json:"at"`   // in UTC
	Zone string    `json:"zone"` // as its owner named it
}

// Zone is a time zone as a client named it; the zero Zone is UTC.
type Zone struct {
	Name     string
	Location *time.Location
}

// at gives the zone's name and what its clock shows.
func (z Zone) at(t time.Time) (name string, wall time.Time) {
	if z.Location == nil {
		z = UTC()
	}
	return z.Name, t.In(z.Location)
}

// UTC is the zone that clients get who do not ask for one (graph-facts §7).
func UTC() Zone { return Zone{"UTC", time.UTC} }

// FindZone gives the zone that has a Windows or IANA name.
func FindZone(name string) (Zone, error) {
	loc, err := zone.Load(name)
	if err != nil {
		return Zone{}, Refuse(http.StatusBadRequest, "TimeZoneNotSupportedException",
			"A valid TimeZone value must be specified. The following TimeZone value is not supported: '%s'.", name)
	}
	return Zone{name, loc}, nil
}

// Clock is the location of a zone that was checked when it was stored.
func Clock(name string) *time.Location {
	loc, err := zone.Load(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

// WindowsName is how answers name a zone: as Windows does, where it has the zone
// (graph-facts §7).
func WindowsName(name string) string {
	if windows, ok := zone.Windows(name); ok {
		return windows
	}
	return name
}

// Local is the moment on the clock of its own zone.
func (m Moment) Local() time.Time { return m.At.In(Clock(m.Zone)) }

// momentLayout has no offset: the zone stands beside it (Microsoft Graph,
// dateTimeTimeZone).
const momentLayout = "2006-01-02T15:04:05.0000000"

// Doc writes the moment on the clock of a zone.
func (m Moment) Doc(z Zone) Doc {
	name, wall := z.at(m.At)
	return Doc{"dateTime": wall.Format(momentLayout), "timeZone": name}
}

// DateDoc writes the moment of an all-day event, which is midnight whatever
// zone the client asks for (microsoftgraph/microsoft-graph-docs issues 1802 and
// 6003: "midnight-to-midnight regardless of time zone").
func (m Moment) DateDoc(z Zone) Doc {
	name, _ := z.at(m.At)
	return Doc{"dateTime": m.Local().Format(momentLayout), "timeZone": name}
}

// ReadMoment reads a dateTimeTimeZone. Of a time that a clock change leaves out
// or repeats, recur.WallTime says what is meant.
func ReadMoment(name string, v any) (Moment, error) {
	d, ok := v.(Doc)
	if !ok {
		return Moment{}, BadProperty(name, "a date and time with its time zone is expected.")
	}
	text, _ := d["dateTime"].(string)
	zoneName, _ := d["timeZone"].(string)
	z, err := FindZone(zoneName)
	if err != nil {
		return Moment{}, err
	}
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return Moment{t.UTC(), z.Name}, nil
	}
	wall, err := parseWall(text)
	if err != nil {
		return Moment{}, BadProperty(name, "'%s' is not a date and time such as 2026-11-21T09:00:00.", text)
	}
	return Moment{recur.WallTime(wall, z.Location).UTC(), z.Name}, nil
}

// parseWall reads a date and time without offset, as ISO 8601 allows to shorten
// it.
func parseWall(text string) (t time.Time, err error) {
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02T15:04", time.DateOnly} {
		if t, err = time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return t, err
}

// ReadInstant reads a parameter such as startDateTime: an offset in it counts,
// without one it is UTC (documentation of List calendarView).
func ReadInstant(name, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, Refuse(http.StatusBadRequest, "ErrorInvalidParameter",
			"This request requires a time window specified by the query string parameters StartDateTime and EndDateTime.")
	}
	// An offset's plus arrives as a blank where the client did not escape it.
	if t, err := time.Parse(time.RFC3339, strings.ReplaceAll(text, " ", "+")); err == nil {
		return t.UTC(), nil
	}
	t, err := parseWall(text)
	if err != nil {
		return t, Refuse(http.StatusBadRequest, "ErrorInvalidParameter",
			"The value '%s' of parameter '%s' is invalid.", text, name)
	}
	return t, nil
}

// Timestamp writes an instant as Exchange does, to a tenth of a microsecond.
func Timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.9999999Z07:00") }

// ReadZone reads the name of a zone that is known.
func ReadZone(name string, v any) (string, error) {
	given, err := String(name, v)
	if err == nil {
		_, err = FindZone(given)
	}
	return given, err
}
