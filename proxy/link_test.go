package proxy_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/flow"
)

// continues asks for something, and gives the link that goes on.
func (h *house) continues(path string, headers ...string) string {
	h.Helper()
	var page struct {
		Next  string `json:"@odata.nextLink"`
		Delta string `json:"@odata.deltaLink"`
	}
	a := h.asks("gwk_crm", "GET", "/users/"+h.inside[0].ID+path, "", headers...)
	if err := json.Unmarshal([]byte(a.body), &page); err != nil || page.Next+page.Delta == "" {
		h.Fatal(a)
	}
	return page.Next + page.Delta
}

const year = "?startDateTime=2026-01-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z"

// TestALinkIsFollowedUnderItsPolicyOnly: it goes on with all that was asked, none of which
// is judged once more.
func TestALinkIsFollowedUnderItsPolicyOnly(t *testing.T) {
	h := open(t, events, event, delta)
	before := h.rooms.Flow
	without := before
	var fewer []flow.Operation
	for _, o := range before.Kind.Operations() {
		if o.Name() != event {
			fewer = append(fewer, o)
		}
	}
	without.Kind = flow.Through(fewer)
	masked, elsewhere := before, before
	masked.ShowsPrivate, elsewhere.Registration = false, "contoso/other"
	for _, path := range []string{"/events?$top=1", "/calendarView/delta" + year} {
		next := h.continues(path)
		for name, changed := range map[string]flow.Flow{"fewer operations": without, "masked": masked, "another registration": elsewhere} {
			h.rooms.Flow = changed
			if a := h.asks("gwk_crm", "GET", next, ""); a.status != http.StatusGone || a.code() != "proxy.link_old" || !strings.Contains(a.body, `"code":"syncStateNotFound"`) {
				t.Errorf("%s: the link answers %d %s", name, a.status, a.body)
			}
		}
		h.rooms.Flow = before
		if a := h.asks("gwk_crm", "GET", next, ""); a.status != http.StatusOK {
			t.Errorf("the link answers %d %s", a.status, a.body)
		}
	}
}

// TestLinksDoNotStayGood for ever: a page's for a day, a delta's for thirty.
func TestLinksDoNotStayGood(t *testing.T) {
	h := open(t, events, delta)
	for path, good := range map[string]time.Duration{"/events?$top=1": 24 * time.Hour, "/calendarView/delta" + year: 30 * 24 * time.Hour} {
		h.later = 0
		var headers []string
		if good > 24*time.Hour {
			headers = []string{"Prefer", "odata.maxpagesize=1000"}
		}
		next := h.continues(path, headers...)
		for at, want := range map[time.Duration]int{good - time.Hour: http.StatusOK, good + time.Minute: http.StatusGone} {
			h.later = at
			if a := h.asks("gwk_crm", "GET", next, ""); a.status != want {
				t.Errorf("%s: after %s it answers %d %s", path, at, a.status, a.body)
			}
		}
	}
}
