// Package zone knows the names of time zones in the two standards that
// Microsoft Graph accepts: those of Windows ("W. Europe Standard Time") and
// those of IANA ("Europe/Berlin"), and translates between them after Unicode's
// CLDR. The zone data itself is in the program, so that it is the same on every
// machine that has none.
//
// It accepts only names that its table has: no file is opened by a name that a
// stranger sent, and neither the machine's own zone nor an empty name is a zone.
package zone

import (
	_ "embed"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // for machines without zone data
)

// names is the table as internal/gen writes it from CLDR, which is fetched from
// npm first; its table function documents the format.
//
//go:embed zones.txt
var names string

// UnknownError says that a name is in neither standard.
type UnknownError struct{ Name string }

// Error names the zone that is not known.
func (e UnknownError) Error() string {
	return fmt.Sprintf("time zone %q is not known: use a Windows name such as %q or an IANA name such as %q",
		e.Name, "W. Europe Standard Time", "Europe/Berlin")
}

// entry is what a name, in lower case, stands for.
type entry struct {
	iana    string // today's IANA name of the zone
	windows string // the Windows zone, empty if Windows has none
	load    string // the IANA name whose data is loaded
}

// table is the table of names, with the zones loaded so far.
type table struct {
	entries map[string]entry
	windows []string
	iana    []string
	loaded  sync.Map // lower-case name -> *time.Location
}

// zones is read the first time that somebody asks.
var zones = sync.OnceValue(func() *table { return read(names) })

// utc is the one zone that Load returns as time.UTC.
const utc = "Etc/UTC"

func read(text string) *table {
	t := &table{entries: map[string]entry{}}
	for line := range strings.Lines(text) {
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		switch fields[0] {
		case "W":
			t.windows = append(t.windows, fields[1])
			t.entries[strings.ToLower(fields[1])] = entry{fields[2], fields[1], fields[2]}
		case "I":
			t.iana = append(t.iana, fields[1])
			windows := strings.TrimPrefix(fields[2], "-")
			for _, name := range slices.Concat(fields[1:2], fields[3:]) {
				t.entries[strings.ToLower(name)] = entry{fields[1], windows, name}
			}
		}
	}
	// Exchange's own name, seen in originalStartTimeZone of events that were
	// created in UTC (Microsoft Graph documentation, event resource).
	t.entries["tzone://microsoft/utc"] = entry{utc, "UTC", utc}
	return t
}

func (t *table) find(name string) (entry, bool) {
	e, ok := t.entries[strings.ToLower(name)]
	return e, ok
}

// Load returns the zone of a name in either standard, whatever the case of its
// letters. The error is an UnknownError if no standard has the name.
func Load(name string) (*time.Location, error) {
	t := zones()
	e, ok := t.find(name)
	if !ok {
		return nil, UnknownError{name}
	}
	if e.iana == utc {
		return time.UTC, nil
	}
	if l, ok := t.loaded.Load(e.load); ok {
		return l.(*time.Location), nil
	}
	l, err := time.LoadLocation(e.load)
	if err != nil {
		return nil, fmt.Errorf("loading time zone %s: %w", e.load, err)
	}
	t.loaded.Store(e.load, l)
	return l, nil
}

// Windows returns the Windows name for a name in either standard. False means
// that the name is unknown or that Windows has no such zone.
func Windows(name string) (string, bool) {
	e, ok := zones().find(name)
	return e.windows, ok && e.windows != ""
}

// IANA returns today's IANA name for a name in either standard: the main zone
// of a Windows name, the present name of a zone that was renamed. False means
// that the name is unknown.
func IANA(name string) (string, bool) {
	e, ok := zones().find(name)
	return e.iana, ok
}

// WindowsNames yields all Windows names in alphabetical order.
func WindowsNames() iter.Seq[string] { return slices.Values(zones().windows) }

// IANANames yields the present names of all IANA zones in alphabetical order.
func IANANames() iter.Seq[string] { return slices.Values(zones().iana) }
