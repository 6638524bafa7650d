package proxy_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
)

const (
	events  = "GET /users/{id}/events"
	event   = "GET /users/{id}/events/{id}"
	create  = "POST /users/{id}/events"
	change  = "PATCH /users/{id}/events/{id}"
	remove  = "DELETE /users/{id}/events/{id}"
	view    = "GET /users/{id}/calendarView"
	delta   = "GET /users/{id}/calendarView/delta"
	folders = "GET /users/{id}/mailFolders"
	free    = "POST /users/{id}/calendar/getSchedule"
)

// TestAnswersAreMicrosoftsOwn: what is let through is answered byte for byte as it
// is without Graphwarden.
func TestAnswersAreMicrosoftsOwn(t *testing.T) {
	h := open(t, events, event, view, folders)
	anna := h.inside[0]
	for _, path := range []string{
		"/users/" + anna.ID + "/events",
		"/users/" + anna.Name + "/events?$select=id,subject&$top=3",
		"/users('" + anna.Name + "')/events?$filter=isCancelled%20eq%20false&$orderby=start/dateTime",
		"/users(userPrincipalName='" + anna.Name + "')/Events?select=subject",
		"/users/" + anna.ID + "/calendarView?startDateTime=2026-01-01T00:00:00Z&endDateTime=2026-02-01T00:00:00Z&$top=500",
		"/users/" + anna.ID + "/mailFolders?$top=2&$count=true",
		"/users/" + anna.ID + "/events?$filter=subject%20eq%20'gw1.x'", // is no link of ours
		"/users/" + anna.ID + "/events/AAMkAGI1AAAoZCfHAAA=",           // is not there
	} {
		for _, prefer := range []string{`IdType="ImmutableId"`, `outlook.timezone="W. Europe Standard Time", outlook.body-content-type="text"`} {
			got, want := h.asks("gwk_crm", "GET", path, "", "Prefer", prefer), h.direct("GET", canonical(path, anna.ID), "", "Prefer", prefer)
			if got.status != want.status || unlinked(t, got.body) != unlinked(t, want.body) {
				t.Errorf("%s\n got %d %.400s\nwant %d %.400s", path, got.status, got.body, want.status, want.body)
			}
			if strings.Contains(got.body, "skiptoken=") && !strings.Contains(got.body, "skiptoken=gw1.") {
				t.Errorf("%s: Microsoft's own token is shown: %s", path, got.body)
			}
		}
	}
}

// canonical is where the proxy asks.
func canonical(path, id string) string {
	path = path[strings.IndexByte(path[1:], '/')+1:]
	if strings.HasPrefix(path, "/events") || strings.HasPrefix(path, "/Events") || strings.HasPrefix(path, "/calendarView") || strings.HasPrefix(path, "/mailFolders") {
		return "/users/" + id + path
	}
	return "/users/" + id + path[strings.IndexByte(path[1:], '/')+1:]
}

// unlinked takes out of an answer what can differ: links, and what names the request.
func unlinked(t *testing.T, body string) string {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if e, is := doc["error"].(map[string]any); is {
		delete(e, "innerError")
	}
	if doc["@odata.nextLink"] != nil {
		doc["@odata.nextLink"] = "x"
	}
	if doc["@odata.deltaLink"] != nil {
		doc["@odata.deltaLink"] = "x"
	}
	out, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestLinksLeadOn: an app follows the proxy's links and gets everything once; nobody
// else's key opens them, and no bit of them can be changed.
func TestLinksLeadOn(t *testing.T) {
	h := open(t, events, delta)
	anna := h.inside[0].ID
	seen := map[string]bool{}
	next, first := "/users/"+anna+"/calendarView/delta?startDateTime=2026-01-01T00:00:00Z&endDateTime=2027-01-01T00:00:00Z", ""
	for pages := 0; ; pages++ {
		a := h.asks("gwk_crm", "GET", next, "", "Prefer", "odata.maxpagesize=5")
		var page struct {
			Value []struct{ ID string }
			Next  string `json:"@odata.nextLink"`
			Delta string `json:"@odata.deltaLink"`
		}
		if err := json.Unmarshal([]byte(a.body), &page); err != nil || a.status != 200 {
			t.Fatalf("page %d: %d %s", pages, a.status, a.body)
		}
		for _, e := range page.Value {
			seen[e.ID] = true
		}
		if first == "" {
			first = page.Next
		}
		if page.Delta != "" {
			if !strings.HasPrefix(page.Delta, h.server.URL+"/graph/v1.0/users/") {
				t.Errorf("the delta link is %s", page.Delta)
			}
			if again := h.asks("gwk_crm", "GET", page.Delta, ""); again.status != 200 {
				t.Errorf("the delta link answers %d %s", again.status, again.body)
			}
			break
		}
		if next = page.Next; next == "" || pages > 100 {
			t.Fatalf("page %d has no link: %s", pages, a.body)
		}
	}
	if len(seen) < 5 || first == "" {
		t.Fatalf("%d events", len(seen))
	}
	if a := h.asks("gwk_erp", "GET", first, ""); a.status != 403 || a.code() != "proxy.link" {
		t.Errorf("another app's key gets %d %s", a.status, a.body)
	}
	if a := h.asks("gwk_crm", "GET", strings.Replace(first, anna, h.inside[1].ID, 1), ""); a.status != 403 || a.code() != "proxy.link" {
		t.Errorf("for another mailbox it gives %d %s", a.status, a.body)
	}
	at := strings.Index(first, "gw1.") + 4
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	for i := at; i < len(first); i++ {
		for bit := range 6 {
			c := strings.IndexByte(alphabet, first[i]) ^ 1<<bit
			changed := first[:i] + string(alphabet[c]) + first[i+1:]
			if a := h.asks("gwk_crm", "GET", changed, ""); a.status != 403 {
				t.Fatalf("bit %d of character %d changed: %d %s", bit, i, a.status, a.body)
			}
		}
	}
}

// TestNothingElsePasses: an operation that the flow does not list, a mailbox outside,
// wherever it is named, a key that is none. Microsoft hears of none of it.
func TestNothingElsePasses(t *testing.T) {
	h := open(t, events, event, create, free, "POST /subscriptions", "GET /subscriptions", "GET /subscriptions/{id}")
	in, out := h.inside[0].Name, h.outer[0].Name
	for name, r := range map[string]struct{ key, method, path, body, code string }{
		"no such key":                  {"gwk_no", "GET", "/users/" + in + "/events", "", "api.key_unknown"},
		"a token of Microsoft's":       {"eyJ0eXAi", "GET", "/users/" + in + "/events", "", "api.key_unknown"},
		"a key that only reads":        {"gwk_reads", "POST", "/users/" + in + "/events", `{"subject":"x"}`, "api.key_scope"},
		"a key for another flow":       {"gwk_other", "GET", "/users/" + in + "/events", "", "proxy.no_flow"},
		"an operation not listed":      {"gwk_crm", "GET", "/users/" + in + "/messages", "", "proxy.operation"},
		"a method not listed":          {"gwk_crm", "DELETE", "/users/" + in + "/events/AAMkAGI1AAAoZCfHAAA=", "", "proxy.operation"},
		"a mailbox outside":            {"gwk_crm", "GET", "/users/" + out + "/events", "", "proxy.mailbox"},
		"a mailbox outside, by its id": {"gwk_crm", "GET", "/users/" + h.outer[0].ID + "/events", "", "proxy.mailbox"},
		"another tenant's":             {"gwk_crm", "GET", "/users/" + h.inside[0].ID + "@11111111-2222-3333-4444-555555555555/events", "", "proxy.mailbox"},
		"nobody is me":                 {"gwk_crm", "GET", "/me/events", "", "proxy.me"},
		"times of somebody outside":    {"gwk_crm", "POST", "/users/" + in + "/calendar/getSchedule", `{"schedules":["` + in + `","` + out + `"],` + slot, "proxy.mailbox"},
		"a subscription":               {"gwk_crm", "POST", "/subscriptions", `{"changeType":"created","notificationUrl":"https://a.example/","expirationDateTime":"2027-01-01T00:00:00Z","resource":"users/` + in + `/events"}`, "proxy.way"},
		"the list of subscriptions":    {"gwk_crm", "GET", "/Subscriptions", "", "proxy.way"},
		"one subscription":             {"gwk_crm", "GET", "/subscriptions('7f105c7d-2dc5-4530-97cd-4e7ae6534c07')", "", "proxy.way"},
		"an expansion not listed":      {"gwk_crm", "GET", "/users/" + in + "/events?$expand=attachments", "", "proxy.operation"},
		"a filter through a way":       {"gwk_crm", "GET", "/users/" + in + "/events?$filter=attachments/any(a:a/name%20eq%20'x')", "", "proxy.operation"},
		"an organizer outside":         {"gwk_crm", "POST", "/users/" + in + "/events", `{"subject":"x","organizer":{"emailAddress":{"address":"` + out + `"}}}`, "proxy.mailbox"},
		"a path that steps up":         {"gwk_crm", "GET", "/users/" + in + "/events/%2e%2e/%2e%2e/" + out + "/events", "", "proxy.path"},
		"Microsoft's own token":        {"gwk_crm", "GET", "/users/" + in + "/events?$skiptoken=x", "", "proxy.query"},
		"a token beside something":     {"gwk_crm", "GET", "/users/" + in + "/events?$top=1&$skiptoken=gw1.AAAA", "", "proxy.query"},
		"a token that is none":         {"gwk_crm", "GET", "/users/" + in + "/events?$skiptoken=gw1.AAAA", "", "proxy.link"},
	} {
		t.Run(name, func(t *testing.T) {
			before := h.heard(t)
			a := h.asks(r.key, r.method, r.path, r.body)
			if a.code() != r.code || a.status < 400 {
				t.Errorf("answered %d %s", a.status, a.body)
			}
			if now := h.heard(t); now != before {
				t.Errorf("Microsoft has heard of it: %d requests and then %d", before, now)
			}
		})
	}
	if a := h.asks("gwk_crm", "GET", "/users/"+in+"/events", ""); a.status != 200 || h.heard(t) == 0 {
		t.Errorf("what is allowed answers %d, and Microsoft has heard %d requests", a.status, h.heard(t))
	}
}

// heard counts the rows of the simulator's truth: requests that have touched anything.
func (h *house) heard(t *testing.T) (n int) {
	t.Helper()
	w := httptest.NewRecorder()
	h.tenant.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "https://tenant.example/sim/truth?after=0", nil))
	for range strings.Lines(w.Body.String()) {
		n++
	}
	return n
}

// TestWritesAreWrittenAnew: an app creates, changes and deletes; what goes on is what
// was judged; the ledger has each, with its operation and mailbox.
func TestWritesAreWrittenAnew(t *testing.T) {
	h := open(t, events, event, create, change, remove, free)
	anna := h.inside[0]
	made := h.asks("gwk_crm", "POST", "/users/"+anna.Name+"/events", `{"subject":"Café <&>","start":{"dateTime":"2026-12-01T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-12-01T10:00:00","timeZone":"UTC"}}`)
	var e struct{ ID, Subject string }
	if err := json.Unmarshal([]byte(made.body), &e); err != nil || made.status != 201 || e.Subject != "Café <&>" {
		t.Fatalf("%d %s", made.status, made.body)
	}
	if to := made.header.Get("Location"); to != "" && !strings.HasPrefix(to, h.server.URL+"/graph/v1.0/") {
		t.Errorf("Location: %s", to)
	}
	at := "/users/" + anna.ID + "/events/" + e.ID
	if a := h.asks("gwk_crm", "PATCH", at, `{"subject":"y"}`); a.status != 200 {
		t.Errorf("changed: %d %s", a.status, a.body)
	}
	if a := h.asks("gwk_reads", "POST", "/users/"+anna.ID+"/calendar/getSchedule", `{"schedules":["`+h.inside[1].Name+`"],"startTime":{"dateTime":"2026-01-01T08:00:00","timeZone":"UTC"},"endTime":{"dateTime":"2026-01-01T18:00:00","timeZone":"UTC"}}`); a.status != 200 {
		t.Errorf("free and busy: %d %s", a.status, a.body)
	}
	if a := h.asks("gwk_crm", "DELETE", at, ""); a.status != 204 {
		t.Errorf("deleted: %d %s", a.status, a.body)
	}
	var told []string
	h.rooms.Store.Settle()
	err := h.rooms.Store.EntriesAfter(t.Context(), 0, 1000, func(entry graphwarden.Entry, _ [32]byte) error {
		if entry.Kind == graphwarden.Decided && entry.App == "crm" {
			told = append(told, entry.Method+" "+entry.Path+" "+entry.Mailbox+" "+entry.Rule)
		}
		return nil
	})
	if err != nil || len(told) != 4 || told[0] != "POST /v1.0/users/{mailbox}/events "+anna.ID+" flow:office" {
		t.Errorf("%v: the ledger says\n%s", err, strings.Join(told, "\n"))
	}
}

// TestHeadersStayBehind: nothing that could mean something to Microsoft goes along.
func TestHeadersStayBehind(t *testing.T) {
	h := open(t, events)
	path := "/users/" + h.inside[0].ID + "/events?$top=1"
	for _, bad := range [][]string{{"Prefer", "respond-async"}, {"Prefer", `IdType="Other"`}, {"ConsistencyLevel", "session"}, {"If-Match", ""}, {"Content-Encoding", "br"}} {
		if a := h.asks("gwk_crm", "GET", path, "", bad...); a.status != 400 {
			t.Errorf("%v: %d %s", bad, a.status, a.body)
		}
	}
	for _, quiet := range [][]string{{"X-HTTP-Method-Override", "DELETE"}, {"X_Forwarded_For", "1.2.3.4"}, {"X-Forwarded-Host", "evil"}, {"X-AnchorMailbox", h.outer[0].Name}, {"Connection", "Authorization"}, {"Cookie", "a=b"}} {
		h.heads = nil
		if a := h.asks("gwk_crm", "GET", path, "", quiet...); a.status != 200 {
			t.Errorf("%v: %d %s", quiet, a.status, a.body)
		}
		if len(h.heads) != 1 || len(h.heads[0]) != 0 {
			t.Errorf("%v: what goes on is %v", quiet, h.heads)
		}
	}
	h.heads = nil
	h.asks("gwk_crm", "GET", path, "", "Prefer", `IdType="ImmutableId"`, "X-AnchorMailbox", h.outer[0].Name)
	if len(h.heads) != 1 || len(h.heads[0]) != 1 || h.heads[0].Get("Prefer") == "" {
		t.Errorf("of a preference and more, what goes on is %v", h.heads)
	}
}

// TestPackedBodiesAreRead: Go's SDK packs what it sends; what unpacks to more than Graph
// takes is refused before it is held.
func TestPackedBodiesAreRead(t *testing.T) {
	h := open(t, events, create)
	path := "/users/" + h.inside[0].ID + "/events"
	for body, want := range map[string]int{
		`{"subject":"x","start":{"dateTime":"2026-12-01T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-12-01T10:00:00","timeZone":"UTC"}}`: 201, `{"subject":"` + strings.Repeat("x", 5<<20) + `"}`: 413,
	} {
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write([]byte(body)); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		if a := h.asks("gwk_crm", "POST", path, packed.String(), "Content-Encoding", "gzip"); a.status != want {
			t.Errorf("%d bytes: %d %s, want %d", len(body), a.status, a.body, want)
		}
	}
	if a := h.asks("gwk_crm", "POST", path, `{"subject":"x"}`, "Content-Encoding", "gzip"); a.code() != "proxy.body_kind" {
		t.Errorf("not packed: %d %s", a.status, a.body)
	}
}

// TestARefusalIsOnRecordBeforeItIsAnswered: with its rule and what it is about, but not
// with whatever an app would like to stand there. Where the ledger takes nothing, nothing
// is answered but that.
func TestARefusalIsOnRecordBeforeItIsAnswered(t *testing.T) {
	h := open(t, events, create)
	in, out := "/users/"+h.inside[0].ID+"/events", "/users/"+h.outer[0].ID+"/events"
	h.asks("gwk_crm", "GET", out, "")
	h.asks("gwk_crm", "POST", in, `{"`+strings.Repeat("x", 1000)+`":1}`)
	h.asks("gwk_no", "GET", out, "") // a stranger writes nothing
	var told []string
	for _, e := range h.entries() {
		if e.Kind == graphwarden.Decided && !e.Allowed {
			told = append(told, strings.Join([]string{e.App, e.Flow, e.Method, e.Path, e.Mailbox, e.Rule, e.Note}, "|"))
		}
	}
	if want := []string{"crm|office|GET|/v1.0/users/{mailbox}/events||proxy.mailbox|path; by 1", "crm|||||proxy.body|by 1"}; len(told) != 2 || told[0] != want[0] || told[1] != want[1] {
		t.Errorf("the ledger says %q", told)
	}
	if err := h.rooms.Store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{in, out, "/me"} {
		if a := h.asks("gwk_crm", "GET", path, ""); a.status != http.StatusServiceUnavailable || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%s without a ledger: %d %s", path, a.status, a.body)
		}
	}
	for _, a := range h.batch("gwk_crm", item{ID: "1", Method: "GET", URL: in}, item{ID: "2", Method: "GET", URL: out}) {
		if a.Status != http.StatusServiceUnavailable {
			t.Errorf("an item without a ledger: %d %s", a.Status, a.Body)
		}
	}
}
