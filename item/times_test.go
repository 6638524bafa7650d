package item_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/item"
)

func TestWhenAnEventIs(t *testing.T) {
	const form = "2006-01-02 15:04"
	for _, s := range []struct{ name, raw, want string }{
		{"in UTC", `{"start":{"dateTime":"2026-03-02T08:00:00.0000000","timeZone":"UTC"},"end":{"dateTime":"2026-03-02T09:00:00.0000000","timeZone":"UTC"}}`, "2026-03-02 08:00 2026-03-02 09:00"},
		{"in a zone by its Windows name", `{"start":{"dateTime":"2026-07-02T08:00:00","timeZone":"W. Europe Standard Time"},"end":{"dateTime":"2026-07-02T09:00:00","timeZone":"W. Europe Standard Time"}}`, "2026-07-02 06:00 2026-07-02 07:00"},
		{"an end before its start", `{"start":{"dateTime":"2026-03-02T08:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-03-02T07:00:00","timeZone":"UTC"}}`, "2026-03-02 08:00 2026-03-02 08:00"},
		{"no end", `{"start":{"dateTime":"2026-03-02T08:00:00","timeZone":"UTC"}}`, "2026-03-02 08:00 2026-03-02 08:00"},
		{"the master of a series", `{"type":"seriesMaster","start":{"dateTime":"2026-03-02T08:00:00","timeZone":"UTC"}}`, ""},
		{"a zone that is none", `{"start":{"dateTime":"2026-03-02T08:00:00","timeZone":"Mars/Olympus"}}`, ""},
		{"a date that is none", `{"start":{"dateTime":"2026-02-30T08:00:00","timeZone":"UTC"}}`, ""},
		{"no start", `{"subject":"x"}`, ""}, {"not JSON", `{`, ""}, {"another kind", `{"start":7}`, ""},
	} {
		start, end, ok := item.Times(json.RawMessage(s.raw))
		got := ""
		if ok {
			got = start.Format(form) + " " + end.Format(form)
		}
		if got != s.want || ok && start.Location() != time.UTC {
			t.Errorf("%s: %q", s.name, got)
		}
	}
}

func TestAnOccurrenceHasWhatItsSeriesHas(t *testing.T) {
	occurrence := json.RawMessage(`{"id":"o1","type":"occurrence","seriesMasterId":"m","start":{"dateTime":"a"},"subject":"its own"}`)
	master := json.RawMessage(`{"id":"m","type":"seriesMaster","subject":"of all","sensitivity":"private","location":{"displayName":"Room"},"recurrence":{},"start":{"dateTime":"b"}}`)
	got := string(item.Fill(occurrence, master))
	if got != `{"id":"o1","type":"occurrence","seriesMasterId":"m","start":{"dateTime":"a"},"subject":"its own","sensitivity":"private","location":{"displayName":"Room"}}` {
		t.Errorf("filled: %s", got)
	}
	if !item.Private(json.RawMessage(got)) {
		t.Error("an occurrence of a private series is not private")
	}
	if item.Series(occurrence) != "m" || item.Series(master) != "" {
		t.Error("the series is not known")
	}
	if !item.Private(item.Fill(occurrence, nil)) {
		t.Error("an occurrence whose series is not known shows itself")
	}
	if got := string(item.Fill(json.RawMessage(`[`), master)); got != "{}" {
		t.Errorf("what cannot be read: %s", got)
	}
}

func TestWhatAnEventMentions(t *testing.T) {
	raw := json.RawMessage(`{"subject":"Budget Review","body":{"content":"secretly"},"location":{"displayName":"Zürich"},"locations":[{"displayName":"Room 7"}],
"organizer":{"emailAddress":{"name":"Anna","address":"anna@contoso.com"}},"attendees":[{"emailAddress":{"name":"Ben Öztürk","address":"ben@x.de"}}]}`)
	for words, want := range map[string]bool{"budget": true, "REVIEW bud": true, "zürich": true, "room 7": true, "öztürk": true, "ben@x": true, "anna": true,
		"secretly": false, "budget missing": false, "": true} {
		if got := item.Mentions(raw, words); got != want {
			t.Errorf("%q: %v", words, got)
		}
	}
	if item.Mentions(item.Mask(raw), "budget") {
		t.Error("what is masked is found")
	}
	if item.Mentions(json.RawMessage(`{`), "x") || item.Mentions(json.RawMessage(`{"subject":7}`), strings.Repeat("7", 1)) {
		t.Error("what cannot be read mentions something")
	}
}
