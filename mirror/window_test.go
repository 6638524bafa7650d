package mirror

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// These tests stand inside the package: what a window leaves out shows outside
// only after weeks.

var around = graphwarden.Reach{Past: 30 * 24 * time.Hour, Future: 365 * 24 * time.Hour}

func TestAWindowMovesOnceADay(t *testing.T) {
	begin := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	first, moved := window(begin, around, "c"), 0
	last := first
	for hour := range 10 * 7 * 24 {
		now := begin.Add(time.Duration(hour) * time.Hour)
		w := window(now, around, "c")
		if w.Start.After(now.Add(-around.Past)) || w.End.Before(now.Add(around.Future)) {
			t.Fatalf("at %s the window is %v", now, w)
		}
		if w != last {
			moved++
			last = w
		}
	}
	if moved < 68 || moved > 142 { // its start and its end each once
		t.Errorf("the window moved %d times in ten weeks", moved)
	}
}

func TestWindowsDoNotMoveTogether(t *testing.T) {
	hours := map[int]int{}
	for i := range 1000 {
		hours[window(time.Unix(0, 0), around, fmt.Sprint(i)).Start.Hour()]++
	}
	for hour := range 24 {
		if hours[hour] < 15 || hours[hour] > 80 {
			t.Errorf("at %d o'clock %d of 1000 windows move", hour, hours[hour])
		}
	}
}

func TestAFixedWindowStays(t *testing.T) {
	fixed := graphwarden.Window{Start: time.Unix(0, 0), End: time.Unix(1e9, 0)}
	for _, now := range []time.Time{time.Unix(0, 0), time.Unix(5e9, 0)} {
		if got := window(now, graphwarden.Reach{Past: time.Hour, Fixed: fixed}, "c"); got != fixed {
			t.Errorf("the window is %v", got)
		}
	}
}

func TestOnlyWhatLiesOutsideIsForgotten(t *testing.T) {
	w := window(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC), around, "c")
	event := func(kind, start, end, recurrence string) string {
		return fmt.Sprintf(`{"type":%q,"start":{"dateTime":"%s","timeZone":"UTC"},"end":{"dateTime":"%s","timeZone":"UTC"}%s}`, kind, start, end, recurrence)
	}
	for _, test := range []struct {
		situation string
		body      string
		outside   bool
	}{
		{"within", event("singleInstance", "2026-03-10T09:00:00.0000000", "2026-03-10T10:00:00.0000000", ""), false},
		{"long over", event("singleInstance", "2025-03-10T09:00:00.0000000", "2025-03-10T10:00:00.0000000", ""), true},
		{"far ahead", event("occurrence", "2028-03-10T09:00:00.0000000", "2028-03-10T10:00:00.0000000", ""), true},
		{"reaching in", event("singleInstance", "2025-03-10T09:00:00.0000000", "2026-03-10T10:00:00.0000000", ""), false},
		{"an endless series", event("seriesMaster", "2020-03-10T09:00:00.0000000", "2020-03-10T10:00:00.0000000", `,"recurrence":{"range":{"type":"noEnd","endDate":"0001-01-01"}}`), false},
		{"a counted series", event("seriesMaster", "2020-03-10T09:00:00.0000000", "2020-03-10T10:00:00.0000000", `,"recurrence":{"range":{"type":"numbered","endDate":"0001-01-01"}}`), false},
		{"a series that ended", event("seriesMaster", "2020-03-10T09:00:00.0000000", "2020-03-10T10:00:00.0000000", `,"recurrence":{"range":{"type":"endDate","endDate":"2021-01-01"}}`), true},
		{"a series that goes on", event("seriesMaster", "2020-03-10T09:00:00.0000000", "2020-03-10T10:00:00.0000000", `,"recurrence":{"range":{"type":"endDate","endDate":"2026-06-01"}}`), false},
		{"a series to come", event("seriesMaster", "2029-03-10T09:00:00.0000000", "2029-03-10T10:00:00.0000000", `,"recurrence":{"range":{"type":"noEnd"}}`), true},
		{"no times", `{"id":"x"}`, false},
		{"no event", `[]`, false},
		{"nothing", ``, false},
	} {
		if got := outside(w)(json.RawMessage(test.body)); got != test.outside {
			t.Errorf("%s: outside = %t", test.situation, got)
		}
	}
}
