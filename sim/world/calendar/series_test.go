package calendar_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// standup is a series on Tuesdays at 10 in Berlin, which changes its clocks on
// 29 March 2026.
func standup(n *tenant, more doc) *calendar.Event {
	n.Helper()
	body := with(doc{"recurrence": weekly("2026-03-10", "tuesday")})
	for name, value := range more {
		body[name] = value
	}
	return n.create(n.anna, body)
}

// on gives the occurrence or exception of a series on a date.
func (n *tenant) on(master *calendar.Event, date string) *calendar.Event {
	n.Helper()
	var e *calendar.Event
	err := n.View(func(tx *state.Tx) (err error) {
		e, err = n.cal.Get(tx, master.Mailbox, master.Key+"."+date)
		return err
	})
	if err != nil {
		n.Fatalf("on %s: %v", date, err)
	}
	return e
}

func TestASeriesKeepsItsWallClock(t *testing.T) {
	n := start(t)
	master := standup(n, nil)
	n.wantStarts(n.anna, "03-10T09:00", "03-17T09:00", "03-24T09:00", "03-31T08:00", "04-07T08:00", "04-14T08:00", "04-21T08:00", "04-28T08:00")
	d := n.doc(n.on(master, "2026-03-31"))
	for name, want := range map[string]any{
		"type": "occurrence", "seriesMasterId": master.ID().Rest(), "originalStart": "2026-03-31T08:00:00Z", "recurrence": nil,
	} {
		if d[name] != want {
			t.Errorf("%s is %v, want %v", name, d[name], want)
		}
	}
	m := n.doc(master)
	if m["type"] != "seriesMaster" || m["recurrence"].(doc)["range"].(doc)["recurrenceTimeZone"] != "W. Europe Standard Time" {
		t.Errorf("the master is %v", m)
	}
	if a, b := n.doc(n.on(master, "2026-03-17"))["iCalUId"], d["iCalUId"]; a == b || a == m["iCalUId"] {
		t.Errorf("the occurrences' iCalUIds are %s and %s", a, b)
	}
	if uid := d["iCalUId"].(string); uid[32:40] != "07EA031F" {
		t.Errorf("the date in the iCalUId is %s, want 2026-03-31", uid[32:40])
	}
}

func TestAnAllDaySeriesRecursByDates(t *testing.T) {
	n := start(t)
	n.create(n.anna, with(doc{"isAllDay": true, "start": at("2026-03-10T00:00:00"), "end": at("2026-03-11T00:00:00"),
		"recurrence": weekly("2026-03-10", "tuesday")}))
	for _, e := range n.view(n.anna) {
		if d := n.doc(e)["start"].(doc)["dateTime"].(string); !strings.HasSuffix(d, "T00:00:00.0000000") {
			t.Errorf("an occurrence starts at %s", d)
		}
	}
}

func TestAnOccurrenceThatIsChangedBecomesAnException(t *testing.T) {
	n := start(t)
	master := standup(n, nil)
	occurrence := n.on(master, "2026-03-17")
	changed, err := n.patch(occurrence, doc{"subject": "Special", "start": at("2026-03-18T12:00:00"), "end": at("2026-03-18T13:00:00")})
	if err != nil {
		t.Fatal(err)
	}
	if changed.Key != occurrence.Key || changed.Kind != calendar.Exception {
		t.Errorf("the exception is %s %s, want %s", changed.Kind, changed.Key, occurrence.Key)
	}
	n.wantStarts(n.anna, "03-10T09:00", "03-18T11:00", "03-24T09:00", "03-31T08:00", "04-07T08:00", "04-14T08:00", "04-21T08:00", "04-28T08:00")
	if d := n.doc(changed); d["originalStart"] != "2026-03-17T09:00:00Z" {
		t.Errorf("originalStart is %v", d["originalStart"])
	}

	if _, err := n.patch(master, doc{"subject": "Renamed", "location": doc{"displayName": "Attic"}}); err != nil {
		t.Fatal(err)
	}
	if e := n.on(master, "2026-03-17"); e.Subject != "Special" || e.Locations[0].Name != "Attic" {
		t.Errorf("the exception is %q at %v: it keeps its own subject and follows in the rest", e.Subject, e.Locations)
	}
	if _, err := n.patch(master, doc{"start": at("2026-03-10T08:00:00"), "end": at("2026-03-10T09:00:00")}); err != nil {
		t.Fatal(err)
	}
	if e := n.on(master, "2026-03-17"); e.Kind != calendar.Occurrence || e.Subject != "Renamed" {
		t.Errorf("after the series moved, the exception is %s %q", e.Kind, e.Subject)
	}
}

func TestAnExceptionStaysBetweenItsNeighbours(t *testing.T) {
	for name, c := range map[string]struct {
		start, end string
		code       string
	}{
		"the day after the one before":    {"2026-03-11T10:00:00", "2026-03-11T11:00:00", ""},
		"the day of the one before":       {"2026-03-10T15:00:00", "2026-03-10T16:00:00", "ErrorOccurrenceCrossingBoundary"},
		"before the one before":           {"2026-03-09T15:00:00", "2026-03-09T16:00:00", "ErrorOccurrenceCrossingBoundary"},
		"the day before the one after":    {"2026-03-23T15:00:00", "2026-03-23T16:00:00", ""},
		"the day of the one after":        {"2026-03-24T06:00:00", "2026-03-24T07:00:00", "ErrorOccurrenceCrossingBoundary"},
		"reaching into the one after":     {"2026-03-23T15:00:00", "2026-03-24T12:00:00", "ErrorOccurrenceCrossingBoundary"},
		"past the one that was dropped":   {"2026-04-08T10:00:00", "2026-04-08T11:00:00", "ErrorOccurrenceCrossingBoundary"},
		"behind the end of the one after": {"2026-05-08T10:00:00", "2026-05-08T11:00:00", "ErrorOccurrenceCrossingBoundary"},
	} {
		t.Run(name, func(t *testing.T) {
			n := start(t)
			master := standup(n, nil)
			_, err := n.patch(n.on(master, "2026-03-17"), doc{"start": at(c.start), "end": at(c.end)})
			if code(err) != c.code {
				t.Errorf("the answer is %v, want %q", err, c.code)
			}
		})
	}
	t.Run("into the place of a dropped neighbour", func(t *testing.T) {
		n := start(t)
		master := standup(n, nil)
		n.remove(n.on(master, "2026-03-24"))
		if _, err := n.patch(n.on(master, "2026-03-17"), doc{"start": at("2026-03-24T10:00:00"), "end": at("2026-03-24T11:00:00")}); err != nil {
			t.Error(err)
		}
	})
}

func TestADeletedOccurrenceIsDropped(t *testing.T) {
	n := start(t)
	master := standup(n, nil)
	n.remove(n.on(master, "2026-03-17"))
	n.wantStarts(n.anna, "03-10T09:00", "03-24T09:00", "03-31T08:00", "04-07T08:00", "04-14T08:00", "04-21T08:00", "04-28T08:00")
	_ = n.View(func(tx *state.Tx) error {
		m, _ := n.cal.Get(tx, n.anna, master.Key)
		want := []any{"OID." + master.ID().Rest() + ".2026-03-17"}
		if got := n.doc(m)["cancelledOccurrences"].([]any); !slices.Equal(got, want) {
			t.Errorf("cancelledOccurrences is %v", got)
		}
		if _, err := n.cal.Get(tx, n.anna, master.Key+".2026-03-17"); code(err) != "ErrorItemNotFound" {
			t.Errorf("the dropped occurrence: %v", err)
		}
		if _, err := n.cal.Get(tx, n.anna, master.Key+".2026-03-18"); code(err) != "ErrorItemNotFound" {
			t.Errorf("an occurrence that never was: %v", err)
		}
		return nil
	})
}

func TestASeriesThatMovesStartsThere(t *testing.T) {
	n := start(t)
	master := standup(n, nil)
	if _, err := n.patch(n.on(master, "2026-03-17"), doc{"recurrence": weekly("2026-03-17", "tuesday")}); code(err) != "ErrorInvalidRequest" {
		t.Errorf("a recurrence for one occurrence: %v", err)
	}
	moved, err := n.patch(master, doc{"start": at("2026-04-14T14:00:00"), "end": at("2026-04-14T15:00:00")})
	if err != nil || moved.Recurrence.Range.StartDate != "2026-04-14" {
		t.Fatalf("the series starts on %+v: %v", moved, err)
	}
	n.wantStarts(n.anna, "04-14T12:00", "04-21T12:00", "04-28T12:00")
	single, err := n.patch(master, doc{"recurrence": nil})
	if err != nil || single.Kind != calendar.Single {
		t.Fatalf("without recurrence it is %+v: %v", single, err)
	}
	n.wantStarts(n.anna, "04-14T12:00")
}

func TestAViewHoldsWhatLiesInIt(t *testing.T) {
	for name, c := range map[string]struct {
		start, end string
		in         bool
	}{
		"before":                           {"2026-03-09T10:00:00", "2026-03-09T11:00:00", false},
		"up to its beginning":              {"2026-03-09T23:00:00", "2026-03-10T00:00:00", false},
		"into its beginning":               {"2026-03-09T23:00:00", "2026-03-10T00:30:00", true},
		"around it":                        {"2025-01-01T00:00:00", "2027-01-01T00:00:00", true},
		"within":                           {"2026-03-10T10:00:00", "2026-03-10T11:00:00", true},
		"without length, at the beginning": {"2026-03-10T00:00:00", "2026-03-10T00:00:00", true},
		"from its end on":                  {"2026-03-11T00:00:00", "2026-03-11T01:00:00", false},
	} {
		t.Run(name, func(t *testing.T) {
			n := start(t)
			utc := func(text string) doc { return doc{"dateTime": text, "timeZone": "UTC"} }
			e := n.create(n.anna, doc{"start": utc(c.start), "end": utc(c.end)})
			_ = n.View(func(tx *state.Tx) error {
				if got := n.cal.View(tx, e.Calendar, day("2026-03-10"), day("2026-03-11")); len(got) != map[bool]int{true: 1}[c.in] {
					t.Errorf("%d events in the view", len(got))
				}
				return nil
			})
		})
	}
}
