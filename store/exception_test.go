package store_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/graphwarden/graphwarden"
)

// TestAnExceptionIsToldWhenItsSeriesWasWritten: a write of a series changes exceptions,
// too, and the app cannot know in what. Its other dates follow from the series.
func TestAnExceptionIsToldWhenItsSeriesWasWritten(t *testing.T) {
	h := open(t)
	in, _ := h.put(t, write(h, "s"))
	in.Outcome = graphwarden.Outcome{State: graphwarden.IntentDone, ETag: `W/"7"`}
	h.endIntent(t, in, nil)
	for kind, want := range map[string]string{"occurrence": "wrt_s", "exception": ""} {
		body := json.RawMessage(fmt.Sprintf(`{"@odata.etag":"W/\"7\"","type":%q,"seriesMasterId":"event-1"}`, kind))
		list, err := h.Origins(t.Context(), "office-calendars", []graphwarden.Delivery{{Mailbox: in.Mailbox, Change: graphwarden.Change{Item: "event-1.1", Kind: graphwarden.Updated, Body: body}}})
		if err != nil || list[0].Write != want {
			t.Errorf("an %s is of the write %q, want %q: %v", kind, list[0].Write, want, err)
		}
	}
}
