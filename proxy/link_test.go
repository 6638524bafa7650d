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

// TestALinkWithinAnAnswerIsTheProxysOwn: what continues a list that $expand brought is an
// operation of its own. What leads elsewhere, or is not listed, is no link that opens.
func TestALinkWithinAnAnswerIsTheProxysOwn(t *testing.T) {
	h := open(t, events, "GET /users/{id}/mailFolders", "GET /users/{id}/events/{id}/instances")
	anna, bob := h.inside[0].ID, h.inside[1].ID
	var page struct {
		Next string `json:"@odata.nextLink"`
	}
	if a := h.direct("GET", "/users/"+anna+"/mailFolders?$top=1", ""); json.Unmarshal([]byte(a.body), &page) != nil || page.Next == "" {
		t.Fatal(a)
	}
	theirs := strings.ReplaceAll(page.Next, "tenant.example", strings.TrimPrefix(h.rooms.Tenant.Cloud.Graph, "https://"))
	base := h.server.URL + "/graph/v1.0"
	for name, s := range map[string]struct {
		theirs string
		want   int
	}{
		"it leads on":             {theirs, http.StatusOK},
		"somebody else's":         {strings.Replace(theirs, anna, bob, 1), http.StatusForbidden},
		"somebody's outside":      {strings.Replace(theirs, anna, h.outer[0].ID, 1), http.StatusForbidden},
		"an operation not listed": {strings.Replace(theirs, "mailFolders", "messages", 1), http.StatusForbidden},
		"another host's":          {strings.Replace(theirs, "https://", "https://evil.", 1), http.StatusForbidden},
		"what nobody can read":    {"\\u0022", http.StatusForbidden},
		"a path that steps up":    {strings.Replace(theirs, anna, anna+"/../"+bob, 1), http.StatusForbidden},
		"the other version's":     {strings.Replace(theirs, "/v1.0/", "/beta/", 1), http.StatusForbidden},
	} {
		var out strings.Builder
		raw := `{"value":[{"id":"1","a":["x@odata.nextLink",{"deep":1}],"mailFolders":[{"id":"2"}],"mailFolders@odata.nextLink":"` + s.theirs + `","subject":"@odata.nextLink"}],"note":"mailFolders@odata.nextLink"}`
		if err := h.proxy.Links(&out, base, h.rooms.Flow, anna, raw); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var answer struct {
			Value []struct {
				Next string `json:"mailFolders@odata.nextLink"`
			}
		}
		if err := json.Unmarshal([]byte(out.String()), &answer); err != nil || !strings.HasPrefix(answer.Value[0].Next, base) || strings.Replace(out.String(), answer.Value[0].Next, s.theirs, 1) != raw {
			t.Errorf("%s: %v %s", name, err, out.String())
			continue
		}
		if a := h.asks("gwk_crm", "GET", answer.Value[0].Next, ""); a.status != s.want {
			t.Errorf("%s: its link answers %d %s", name, a.status, a.body)
		}
	}
}
