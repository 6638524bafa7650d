package proxy_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
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

// TestWhatALinkContinuesIsJudgedAgain: an earlier release may have sealed what this one does
// not let through.
func TestWhatALinkContinuesIsJudgedAgain(t *testing.T) {
	h := open(t, "GET /users/{id}/calendars")
	anna := h.inside[0].ID
	for query, code := range map[string]string{"$top=1": "", "$expand=events": "proxy.operation", "$filter=events/any(e:e/subject%20eq%20'x')": "proxy.operation"} {
		var out strings.Builder
		theirs := `{"@odata.nextLink":"` + h.rooms.Tenant.Cloud.Graph + "/v1.0/users/" + anna + `/calendars?$top=1"}`
		if err := h.proxy.Links(&out, h.server.URL+"/graph/v1.0", h.rooms.Flow, anna, query, theirs); err != nil {
			t.Fatal(err)
		}
		if a := h.asks("gwk_crm", "GET", strings.Split(out.String(), `"`)[3], ""); a.code() != code || (a.status == http.StatusOK) != (code == "") {
			t.Errorf("%s: it answers %d %s", query, a.status, a.body)
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
// operation of its own, with what it asks. What leads elsewhere, is not listed, was not
// expanded or asks what the app may not is no link that opens: an app may have written it.
func TestALinkWithinAnAnswerIsTheProxysOwn(t *testing.T) {
	h, _ := secrets(t)
	anna, bob := h.inside[0].ID, h.inside[1].ID
	var calendars struct{ Value []struct{ ID string } }
	if a := h.direct("GET", "/users/"+anna+"/calendars", ""); json.Unmarshal([]byte(a.body), &calendars) != nil || len(calendars.Value) == 0 {
		t.Fatal(a)
	}
	theirs := h.rooms.Tenant.Cloud.Graph + "/v1.0/users('" + anna + "')/calendars('" + calendars.Value[0].ID + "')/events?$top=500&$skip=0&$select=subject"
	base := h.server.URL + "/graph/v1.0"
	var sent string
	h.says = func(c gate.Call) string {
		sent = c.Link
		return "" // the tenant answers
	}
	for name, s := range map[string]struct {
		member, theirs string
		want           int
	}{
		"it leads on":                      {"events", theirs, http.StatusOK},
		"in other words":                   {"events", strings.Replace(theirs, "$select", "%24SELECT", 1), http.StatusOK},
		"with a filter of times":           {"events", theirs + "&$filter=start/dateTime%20ge%20'2026'", http.StatusOK},
		"somebody else's":                  {"events", strings.Replace(theirs, anna, bob, 1), http.StatusForbidden},
		"somebody's outside":               {"events", strings.Replace(theirs, anna, h.outer[0].ID, 1), http.StatusForbidden},
		"an operation not listed":          {"events", strings.Replace(theirs, "/events?", "/calendarView?", 1), http.StatusForbidden},
		"another host's":                   {"events", strings.Replace(theirs, "https://", "https://evil.", 1), http.StatusForbidden},
		"what nobody can read":             {"events", "\\u0022", http.StatusForbidden},
		"a path that steps up":             {"events", strings.Replace(theirs, anna, anna+"/../"+bob, 1), http.StatusForbidden},
		"the other version's":              {"events", strings.Replace(theirs, "/v1.0/", "/beta/", 1), http.StatusForbidden},
		"what was not expanded":            {"calendars", h.rooms.Tenant.Cloud.Graph + "/v1.0/users/" + anna + "/calendars?$top=1", http.StatusForbidden},
		"something else by its name":       {"events", h.rooms.Tenant.Cloud.Graph + "/v1.0/users/" + anna + "/calendars?$top=1", http.StatusForbidden},
		"a name that is none":              {"", theirs, http.StatusForbidden},
		"by what is hidden":                {"events", theirs + "&$filter=startswith(subject,'Z')", http.StatusForbidden},
		"by what is hidden, escaped":       {"events", theirs + "&%24f%69lter=startswith(subject,'Z')", http.StatusForbidden},
		"in an order by what is hidden":    {"events", theirs + "&orderby=subject", http.StatusForbidden},
		"with words that are hidden":       {"events", theirs + "&$search=%22Zebrafink%22", http.StatusForbidden},
		"with an expansion not listed":     {"events", theirs + "&$expand=extensions", http.StatusForbidden},
		"with an option that is none":      {"events", theirs + "&$apply=groupby((subject))", http.StatusForbidden},
		"with one behind two tokens":       {"events", theirs + "&$skiptoken=x&$deltatoken=y", http.StatusForbidden},
		"with one that a token shall hide": {"events", theirs + "&$skiptoken=x%26$filter=startswith(subject,'Z')", http.StatusBadRequest},
	} {
		var out strings.Builder
		raw := `{"value":[{"id":"1","a":["x@odata.nextLink",{"deep":1}],"events":[{"id":"2"}],"` + s.member + `@odata.nextLink":"` + s.theirs + `","subject":"@odata.nextLink"}],"note":"events@odata.nextLink"}`
		if err := h.proxy.Links(&out, base, h.rooms.Flow, anna, "$expand=events", raw); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var answer struct{ Value []map[string]any }
		err := json.Unmarshal([]byte(out.String()), &answer)
		own := ""
		if err == nil {
			own, _ = answer.Value[0][s.member+"@odata.nextLink"].(string)
		}
		if !strings.HasPrefix(own, base) || strings.Replace(out.String(), own, s.theirs, 1) != raw {
			t.Errorf("%s: %v %s", name, err, out.String())
			continue
		}
		if dead := strings.HasSuffix(own, "=gw1."); dead != (s.want == http.StatusForbidden) {
			t.Errorf("%s: its link is %s", name, own)
		}
		a := h.asks("gwk_crm", "GET", own, "")
		if a.status != s.want || strings.Contains(a.body, canary) || strings.Contains(sent, "&$filter=startswith") {
			t.Errorf("%s: its link answers %d %s", name, a.status, a.body)
		}
		if s.want == http.StatusOK && !strings.Contains(a.body, "Amsel") {
			t.Errorf("%s: its link does not lead on: %s", name, a.body)
		}
	}
}

// TestAPageIsMaskedAsTheFirst: what continues an answer holds what the first request asked
// for, however Microsoft writes its link.
func TestAPageIsMaskedAsTheFirst(t *testing.T) {
	h, _ := secrets(t)
	anna := "/users/" + h.inside[0].ID
	page := func(more string) string {
		return `{"value":[{"id":"c","events":[{"id":"1","subject":"Zebrafink","sensitivity":"private"},{"id":"2","subject":"Amsel","sensitivity":"normal"}]}],"` + more + `":"` + h.rooms.Tenant.Cloud.Graph + "/v1.0" + anna + `/calendars?`
	}
	h.says = func(c gate.Call) string { // the simulator does not expand the events of calendars
		switch {
		case !strings.HasSuffix(c.Args["path"], "/calendars"):
			return ""
		case c.Link == "":
			return page("@odata.nextLink") + `$expand=events&$skip=1"}`
		case strings.HasSuffix(c.Link, "&$skip=1"):
			return page("@odata.nextLink") + `$skiptoken=x"}`
		}
		return page("@odata.deltaLink") + `$deltatoken=x"}`
	}
	next := anna + "/calendars?$expand=events&$top=1"
	for n := range 5 {
		a := h.asks("gwk_crm", "GET", next, "")
		var answer struct {
			Next  string `json:"@odata.nextLink"`
			Delta string `json:"@odata.deltaLink"`
		}
		if err := json.Unmarshal([]byte(a.body), &answer); err != nil || a.status != http.StatusOK || strings.Contains(a.body, canary) || !strings.Contains(a.body, "Amsel") {
			t.Errorf("page %d: %d %s", n+1, a.status, a.body)
		}
		next = answer.Next + answer.Delta
	}
}

// TestNoLinkIsSealedThatSomebodyWrote: in what is no answer of Graph's own writing, and at
// the end of what is no list.
func TestNoLinkIsSealedThatSomebodyWrote(t *testing.T) {
	const attach, one, value = "POST /users/{id}/events/{id}/attachments", "GET /users/{id}/events/{id}/attachments/{id}", "GET /users/{id}/events/{id}/attachments/{id}/$value"
	h := open(t, events, event, create, attach, one, value)
	anna := "/users/" + h.inside[0].ID
	written := `{"@odata.nextLink":"` + h.rooms.Tenant.Cloud.Graph + "/v1.0" + anna + `/events?$filter=startswith(subject,'Z')","value":[{"x@odata.nextLink":"` + h.rooms.Tenant.Cloud.Graph + "/v1.0" + anna + `/events?$expand=attachments"}]}`
	made := func(a answer) string {
		var e struct{ ID string }
		if err := json.Unmarshal([]byte(a.body), &e); err != nil || a.status != http.StatusCreated {
			t.Fatal(a)
		}
		return url.PathEscape(e.ID)
	}
	at := anna + "/events/" + made(h.asks("gwk_crm", "POST", anna+"/events", `{"subject":"x","start":{"dateTime":"2026-12-01T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-12-01T10:00:00","timeZone":"UTC"}}`))
	file := at + "/attachments/" + made(h.asks("gwk_crm", "POST", at+"/attachments", `{"@odata.type":"#microsoft.graph.fileAttachment","name":"x.json","contentType":"application/json","contentBytes":"`+base64.StdEncoding.EncodeToString([]byte(written))+`"}`))
	a := h.asks("gwk_crm", "GET", file+"/$value", "")
	if a.status != http.StatusOK || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") || a.body != written {
		t.Errorf("a file is answered %d %s %s", a.status, a.header.Get("Content-Type"), a.body)
	}
	h.says = func(gate.Call) string {
		return strings.Replace(written, anna+"/events?$filter=startswith(subject,'Z')", at+"?$expand=attachments", 1)
	}
	a = h.asks("gwk_crm", "GET", at, "")
	links := regexp.MustCompile(`nextLink":"([^"]*)"`).FindAllStringSubmatch(a.body, -1)
	if h.says = nil; len(links) != 2 {
		t.Fatal(a)
	}
	for _, link := range links {
		if b := h.asks("gwk_crm", "GET", link[1], ""); b.status != http.StatusForbidden {
			t.Errorf("%s answers %d %s", link[1], b.status, b.body)
		}
	}
}
