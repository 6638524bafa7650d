package mirror

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/graph"
)

// TestASeriesWithoutDatesIsNotReadForAgainAndAgain stands inside the package: from
// outside the difference is only how often the calendar is read.
func TestASeriesWithoutDatesIsNotReadForAgainAndAgain(t *testing.T) {
	feed := graphwarden.Feed{Resource: "c", Window: graphwarden.Window{Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)}}
	body := func(kind, key string) json.RawMessage {
		return json.RawMessage(`{"type":"` + kind + `","changeKey":"` + key + `","start":{"dateTime":"2026-05-01T09:00:00"},"end":{"dateTime":"2026-05-01T10:00:00"}}`)
	}
	for kind, want := range map[string]graphwarden.Verdict{"seriesMaster": graphwarden.Stays, "singleInstance": graphwarden.Reread} {
		r := graphwarden.Removal{Feed: feed, Item: "a", Body: body(kind, "old")}
		got, told, err := judge(r, graph.Sight{There: true, Calendar: "c", Body: body(kind, "new")})
		if err != nil || got != want || told != nil {
			t.Errorf("%s: %s, %s, %v", kind, got, told, err)
		}
	}
}
