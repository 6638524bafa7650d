package item_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/item"
)

const canary = "written by a person"

// shown are the properties of a private event that anybody may see.
var shown = []string{"@odata.etag", "@odata.type", "end", "id", "isAllDay", "isCancelled", "occurrenceId", "sensitivity", "seriesMasterId", "showAs", "start", "type"}

// whole is an event with every property that Graph's schema knows, a person's
// words wherever they fit, and some that it does not know.
func whole(t testing.TB) map[string]any {
	t.Helper()
	event, ok := edm.Load().Type("event")
	if !ok {
		t.Fatal("the schema has no event")
	}
	all := map[string]any{}
	for _, p := range event.Properties() {
		all[p.Name] = map[string]any{"content": canary, "list": []string{canary}}
	}
	for _, n := range event.Navigations() {
		all[n.Name] = []any{map[string]any{"name": canary}}
	}
	if len(all) < 45 {
		t.Fatalf("only %d properties", len(all))
	}
	for name, v := range map[string]any{
		"id": "AAMk=", "@odata.type": "#microsoft.graph.event", "@odata.etag": `W/"1"`, "type": "occurrence", "showAs": "busy",
		"sensitivity": "private", "seriesMasterId": "AAMkSeries", "occurrenceId": "OID.1", "isAllDay": true, "isCancelled": false,
		"start": map[string]any{"dateTime": "2026-03-02T08:00:00.0000000", "timeZone": "UTC", "note": canary},
		"end":   map[string]any{"dateTime": "2026-03-02T09:00:00.0000000", "timeZone": "UTC", "note": canary},
		// unknown to the schema
		"aiSummary": canary, "subject@odata.comment": canary, "Subject": canary, "ID": canary, "extension_1": canary,
	} {
		all[name] = v
	}
	return all
}

func write(t testing.TB, v any) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestAPrivateEventShowsItsTimeAndNothingThatAPersonWrote(t *testing.T) {
	got := item.Mask(write(t, whole(t)))
	if strings.Contains(string(got), canary) {
		t.Errorf("it shows what a person wrote: %s", got)
	}
	var left map[string]any
	if err := json.Unmarshal(got, &left); err != nil {
		t.Fatal(err)
	}
	var names []string
	for name := range left {
		names = append(names, name)
	}
	slices.Sort(names)
	if !slices.Equal(names, shown) {
		t.Errorf("it shows %v, want %v", names, shown)
	}
	if start := fmt.Sprint(left["start"]); start != "map[dateTime:2026-03-02T08:00:00.0000000 timeZone:UTC]" {
		t.Errorf("it starts at %s", start)
	}
}

// TestAValueOfAnotherKindIsHidden puts a person's words, as an object, in place
// of every property, those that are shown among them.
func TestAValueOfAnotherKindIsHidden(t *testing.T) {
	for name := range whole(t) {
		all := whole(t)
		for _, wrong := range []any{map[string]any{"x": canary}, []any{canary}} {
			all[name] = wrong
			if got := item.Mask(write(t, all)); strings.Contains(string(got), canary) {
				t.Errorf("%s shows %s", name, got)
			}
		}
	}
}

func TestWhatIsPrivate(t *testing.T) {
	for _, s := range []struct {
		raw     string
		private bool
	}{
		{`{"sensitivity":"private"}`, true},
		{`{"sensitivity":"confidential"}`, true},
		{`{"sensitivity":"normal"}`, false},
		{`{"sensitivity":"personal"}`, false},
		{`{"subject":"x"}`, false},
		{`{"sensitivity":null}`, false},
		{`{"sensitivity":"unknownFutureValue"}`, true},
		{`{"sensitivity":"Private"}`, true},
		{`{"sensitivity":""}`, true},
		{`{"sensitivity":2}`, true},
		{`{"Sensitivity":"private"}`, true},
		{`{"sensitivity":"normal","sensitivity":"private"}`, true},
		{`{"sensitivity":"private","sensitivity":"normal"}`, true},
		{`{"\u0073ensitivity":"private"}`, true},
		{`{"location":{"sensitivity":"private"}}`, false},
		{`{"subject":"\"sensitivity\":\"private\""}`, false},
		{``, true}, {`null`, true}, {`[]`, true}, {`"x"`, true}, {`{`, true}, {`{"a":}`, true}, {`{"a":1`, true}, {`{} {}`, true},
	} {
		if got := item.Private(json.RawMessage(s.raw)); got != s.private {
			t.Errorf("Private(%s) = %v", s.raw, got)
		}
	}
}

func TestWhatCannotBeReadShowsNothing(t *testing.T) {
	for _, raw := range []string{``, `null`, `[1]`, `{`, `{"id":"a"`, `"` + canary + `"`} {
		if got := string(item.Mask(json.RawMessage(raw))); got != "{}" {
			t.Errorf("Mask(%s) = %s", raw, got)
		}
		if got := string(item.Select(json.RawMessage(raw), []string{"id"})); got != "{}" {
			t.Errorf("Select(%s) = %s", raw, got)
		}
	}
}

func TestChosenFieldsAndTheIDAreKept(t *testing.T) {
	raw := json.RawMessage(`{"@odata.etag":"W/\"1\"","id":"a","subject":"<b>&","start":{"dateTime":"x"},"body":{"content":"y"}}`)
	if got := string(item.Select(raw, []string{"subject", "nothing"})); got != `{"@odata.etag":"W/\"1\"","id":"a","subject":"<b>&"}` {
		t.Errorf("chosen: %s", got)
	}
	if got := string(item.Select(raw, nil)); got != string(raw) {
		t.Errorf("without a choice: %s", got)
	}
	if got := item.ETag(raw); got != `W/"1"` {
		t.Errorf("the version is %s", got)
	}
}

func FuzzMaskNeverShowsMore(f *testing.F) {
	f.Add(`{"id":"a","subject":"s","sensitivity":"private"}`)
	f.Add(`{"start":{"dateTime":1},"start":{"dateTime":"x"}}`)
	f.Fuzz(func(t *testing.T, raw string) {
		got := item.Mask(json.RawMessage(raw))
		var left map[string]json.RawMessage
		if err := json.Unmarshal(got, &left); err != nil {
			t.Fatalf("Mask(%q) = %q: %v", raw, got, err)
		}
		for name := range left {
			if !slices.Contains(shown, name) {
				t.Errorf("Mask(%q) shows %s", raw, name)
			}
		}
	})
}
