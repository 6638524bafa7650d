package ics_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/graphwarden/graphwarden/sim/world/ics/rrule"
	"github.com/graphwarden/graphwarden/sim/world/recur"
	"github.com/graphwarden/graphwarden/zone"
)

// berlin is the clock of Berlin, as a rule needs it.
type berlin struct{ *time.Location }

func (b berlin) Wall(instant time.Time) time.Time {
	_, offset := instant.In(b.Location).Zone()
	return instant.UTC().Add(time.Duration(offset) * time.Second)
}

func (b berlin) Shows(wall time.Time) bool {
	return b.Wall(recur.WallTime(wall, b.Location)).Equal(wall)
}

// rules draws RRULEs with and without a pattern of Graph's.
func rules() *rapid.Generator[string] {
	days := []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	return rapid.Custom(func(t *rapid.T) string {
		day := func() string { return rapid.SampledFrom(days).Draw(t, "day") }
		n := func(most int) string { return fmt.Sprint(rapid.IntRange(1, most).Draw(t, "n")) }
		rule := rapid.SampledFrom([]string{
			"FREQ=DAILY;INTERVAL=" + n(9), "FREQ=DAILY;BYDAY=" + day() + "," + day(), "FREQ=DAILY;INTERVAL=2;BYDAY=" + day(),
			"FREQ=WEEKLY;INTERVAL=" + n(3) + ";BYDAY=" + day() + "," + day() + ";WKST=" + day(), "FREQ=MONTHLY",
			"FREQ=MONTHLY;BYMONTHDAY=" + n(31) + "," + n(31), "FREQ=MONTHLY;BYMONTHDAY=-" + n(31), "FREQ=MONTHLY;BYDAY=" + n(5) + day(),
			"FREQ=MONTHLY;BYDAY=-" + n(3) + day(), "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "FREQ=YEARLY;BYMONTH=" + n(12),
			"FREQ=YEARLY;BYYEARDAY=" + n(366), "FREQ=DAILY;BYHOUR=" + n(23) + "," + n(23), "FREQ=HOURLY;INTERVAL=" + n(50) + ";COUNT=" + n(80),
		}).Draw(t, "rule")
		if !strings.Contains(rule, "COUNT") && rapid.Bool().Draw(t, "ends") {
			rule += ";COUNT=" + n(60)
		}
		return rule
	})
}

// Whatever series and single events a calendar becomes, together they take
// place exactly when its rules, further and excepted dates say.
func TestItemsTakePlaceWhenTheCalendarSays(t *testing.T) {
	loc, err := zone.Load("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	clock := berlin{loc}
	const layout = "20060102T150405"
	rapid.Check(t, func(t *rapid.T) {
		start := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 400*96).Draw(t, "start")) * 15 * time.Minute)
		if !clock.Shows(start) {
			t.Skip("the clock skips the start")
		}
		wanted := map[time.Time]bool{start: true}
		lines := []string{"BEGIN:VEVENT", "UID:u1", "SUMMARY:Meeting", "DTSTART;TZID=Europe/Berlin:" + start.Format(layout)}
		for range rapid.IntRange(1, 2).Draw(t, "rules") {
			value := rules().Draw(t, "RRULE")
			lines = append(lines, "RRULE:"+value)
			r, err := rrule.Parse(value, clock)
			if err != nil {
				t.Fatal(err)
			}
			for wall := range r.Expand(start, horizon(), clock) {
				wanted[wall] = true
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "further") {
			wall := start.AddDate(0, 0, rapid.IntRange(1, 200).Draw(t, "days"))
			if clock.Shows(wall) {
				wanted[wall] = true
				lines = append(lines, "RDATE;TZID=Europe/Berlin:"+wall.Format(layout))
			}
		}
		for range rapid.IntRange(0, 3).Draw(t, "excepted") {
			wall := start.AddDate(0, 0, rapid.IntRange(0, 60).Draw(t, "days"))
			delete(wanted, wall)
			lines = append(lines, "EXDATE;TZID=Europe/Berlin:"+wall.Format(layout))
		}

		items, _ := parse(t, append(lines, "END:VEVENT")...)
		var want []string
		for wall := range wanted {
			at := recur.WallTime(wall, loc).UTC()
			if !at.Before(time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)) && at.Before(time.Date(2027, 12, 1, 0, 0, 0, 0, time.UTC)) {
				want = append(want, at.Format("2006-01-02T15:04")+"+")
			}
		}
		slices.Sort(want)
		if got := instances(t, items); !slices.Equal(got, want) {
			t.Fatalf("%s\ntakes place\n%v, want\n%v", strings.Join(lines, "\n"), got, want)
		}
	})
}

func TestFoldingChangesNothing(t *testing.T) {
	lines := event("RRULE:FREQ=WEEKLY;COUNT=3", `DESCRIPTION:Grüße\, und noch mehr`, `ATTENDEE;CN="A: B";PARTSTAT=ACCEPTED:mailto:a@b.example`)
	whole, _ := parse(t, lines...)
	rapid.Check(t, func(t *rapid.T) {
		folded := make([]string, len(lines))
		for i, line := range lines {
			at := rapid.IntRange(1, len(line)-1).Draw(t, "at")
			folded[i] = line[:at] + "\r\n " + line[at:]
		}
		items, found := parse(t, folded...)
		if fmt.Sprint(items) != fmt.Sprint(whole) && len(items) == 1 {
			items[0].Line = whole[0].Line // folding moves the lines on
		}
		if fmt.Sprint(items) != fmt.Sprint(whole) || len(found) > 0 {
			t.Fatalf("%q became %v (%v)", folded, items, found)
		}
	})
}

func TestAZoneDefinedInTheFileShowsTheSameClock(t *testing.T) {
	definition := vtimezone("Our Office", "+0100", "+0200")
	rapid.Check(t, func(t *rapid.T) {
		wall := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 390*24*4).Draw(t, "quarter")) * 15 * time.Minute).Format("20060102T150405")
		own, _ := parse(t, append(definition, event("DTSTART;TZID=Our Office:"+wall, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=200")...)...)
		named, _ := parse(t, event("DTSTART;TZID=Europe/Berlin:"+wall, "DURATION:PT1H", "RRULE:FREQ=DAILY;COUNT=200")...)
		if got, want := instances(t, own), instances(t, named); !slices.Equal(got, want) {
			t.Fatalf("from %s: %v, want %v", wall, got, want)
		}
	})
}
