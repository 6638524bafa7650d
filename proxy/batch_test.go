package proxy_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// item is one request of a batch.
type item struct {
	ID        string          `json:"id"`
	Method    string          `json:"method"`
	URL       string          `json:"url"`
	Headers   map[string]any  `json:"headers,omitempty"`
	Body      json.RawMessage `json:"body,omitempty"`
	DependsOn []string        `json:"dependsOn,omitempty"`
}

// answered is the answer to an item.
type answered struct {
	ID      string
	Status  int
	Headers map[string]string
	Body    json.RawMessage
}

func (a answered) code() string { return answer{body: string(a.Body)}.code() }

// batch sends items, and gives their answers.
func (h *house) batch(key string, items ...item) []answered {
	h.Helper()
	raw, err := json.Marshal(map[string]any{"requests": items})
	if err != nil {
		h.Fatal(err)
	}
	a := h.asks(key, "POST", "/$batch", string(raw))
	var out struct{ Responses []answered }
	if err := json.Unmarshal([]byte(a.body), &out); err != nil || a.status != 200 || len(out.Responses) != len(items) {
		h.Fatalf("%d %s", a.status, a.body)
	}
	for i, r := range out.Responses {
		if r.ID != items[i].ID {
			h.Errorf("answer %d is to %q, want %q", i, r.ID, items[i].ID)
		}
	}
	return out.Responses
}

var typed = map[string]any{"Content-Type": "application/json"}

const meeting = `{"subject":"in a <batch>","start":{"dateTime":"2026-12-01T09:00:00","timeZone":"UTC"},"end":{"dateTime":"2026-12-01T10:00:00","timeZone":"UTC"}}`

// TestABatchIsJudgedItemByItem: each item is answered as if it had come alone, in the
// order and under the id that the app gave; what fails leaves its neighbours alone.
func TestABatchIsJudgedItemByItem(t *testing.T) {
	h := open(t, events, event, create)
	in, out := h.inside[0].ID, h.outer[0].ID
	got := h.batch("gwk_crm",
		item{ID: "read", Method: "GET", URL: "/users/" + in + "/events?$top=2"},
		item{ID: "outside", Method: "GET", URL: "/users/" + out + "/events"},
		item{ID: "made", Method: "POST", URL: "users/" + in + "/events", Headers: typed, Body: []byte(meeting)},
		item{ID: "after", Method: "GET", URL: "/users/" + in + "/events?$top=1", DependsOn: []string{"made", "READ"}},
		item{ID: "never", Method: "POST", URL: "/users/" + in + "/events", Headers: typed, Body: []byte(meeting), DependsOn: []string{"made", "outside"}},
		item{ID: "nor this", Method: "GET", URL: "/users/" + in + "/events", DependsOn: []string{"never"}},
		item{ID: "forward", Method: "GET", URL: "/users/" + in + "/events", DependsOn: []string{"later"}},
		item{ID: "READ", Method: "GET", URL: "/users/" + in + "/events"},
		item{ID: "whose", Method: "GET", URL: "/users/" + in + "/events", Headers: map[string]any{"authorization": "Bearer x"}},
		item{ID: "nested", Method: "POST", URL: "/$batch", Headers: typed, Body: []byte(`{"requests":[]}`)},
		item{ID: "absolute", Method: "GET", URL: h.server.URL + "/graph/v1.0/users/" + in + "/events"},
		item{ID: "prefers", Method: "GET", URL: "/users/" + in + "/events", Headers: map[string]any{"Prefer": "respond-async"}},
		item{ID: "untyped", Method: "POST", URL: "/users/" + in + "/events", Body: []byte(meeting)},
		item{ID: "later", Method: "DELETE", URL: "/users/" + in + "/events/AAMkAGI1AAAoZCfHAAA="},
	)
	for i, want := range []string{"200 ", "403 proxy.mailbox", "201 ", "200 ", "424 proxy.depends", "424 proxy.depends", "400 proxy.batch", "400 proxy.batch", "400 proxy.batch",
		"400 proxy.batch_nested", "400 proxy.path", "400 proxy.header", "400 proxy.body_kind", "403 proxy.operation"} {
		if is := fmt.Sprint(got[i].Status, " ", got[i].code()); is != want {
			t.Errorf("%s: %s, want %s: %s", got[i].ID, is, want, got[i].Body)
		}
	}
	if kind := got[1].Headers["Content-Type"]; kind != "application/json" || !strings.Contains(string(got[1].Body), `"page":"`+h.server.URL+"/errors/proxy.mailbox") {
		t.Errorf("a refusal is %v %s", got[1].Headers, got[1].Body)
	}
	if !strings.Contains(string(got[2].Body), "in a <batch>") {
		t.Errorf("what was made is %s", got[2].Body)
	}
	var made []string
	for _, e := range h.entries() {
		if e.Kind == graphwarden.Decided && e.App == "crm" {
			made = append(made, fmt.Sprint(e.Allowed, " ", e.Method, " ", e.Path, " ", e.Mailbox == in, " ", e.Rule))
		}
	}
	slices.Sort(made)
	want := []string{
		"false   false proxy.batch", "false   false proxy.batch", "false   false proxy.batch", "false   false proxy.body_kind", "false   false proxy.depends",
		"false   false proxy.depends", "false   false proxy.header", "false   false proxy.path",
		"false DELETE /v1.0/users/{mailbox}/events/{id} false proxy.operation", "false GET /v1.0/users/{mailbox}/events false proxy.mailbox", "false POST /v1.0/$batch false proxy.batch_nested",
		"true GET /v1.0/users/{mailbox}/events true flow:office", "true GET /v1.0/users/{mailbox}/events true flow:office", "true POST /v1.0/users/{mailbox}/events true flow:office"}
	if !slices.Equal(made, want) {
		t.Errorf("the ledger says\n%s\nwant\n%s", strings.Join(made, "\n"), strings.Join(want, "\n"))
	}
}

// entries reads the ledger.
func (h *house) entries() (out []graphwarden.Entry) {
	h.Helper()
	h.rooms.Store.Settle()
	err := h.rooms.Store.EntriesAfter(h.Context(), 0, 1_000_000, func(e graphwarden.Entry, _ [32]byte) error {
		out = append(out, e)
		return nil
	})
	if err != nil {
		h.Fatal(err)
	}
	return out
}

// TestLinksOfABatchLeadOn: a link in an item's answer is sealed, and opens alone or in
// another batch, for its own app only.
func TestLinksOfABatchLeadOn(t *testing.T) {
	h := open(t, events)
	path := "/users/" + h.inside[0].ID + "/events"
	first := h.batch("gwk_crm", item{ID: "1", Method: "GET", URL: path + "?$top=1&$select=id"})[0]
	var page struct {
		Next string `json:"@odata.nextLink"`
	}
	if err := json.Unmarshal(first.Body, &page); err != nil || !strings.HasPrefix(page.Next, h.server.URL+"/graph/v1.0"+path+"?$skiptoken=gw1.") {
		t.Fatalf("%d %s", first.Status, first.Body)
	}
	alone := h.asks("gwk_crm", "GET", page.Next, "")
	next := strings.TrimPrefix(page.Next, h.server.URL+"/graph/v1.0")
	again := item{ID: "1", Method: "GET", URL: next}
	if got := h.batch("gwk_crm", again)[0]; alone.status != 200 || got.Status != 200 || unlinked(t, string(got.Body)) != unlinked(t, alone.body) {
		t.Errorf("alone %d %s, in a batch %d %s", alone.status, alone.body, got.Status, got.Body)
	}
	if got := h.batch("gwk_erp", again)[0]; got.Status != 403 || got.code() != "proxy.link" {
		t.Errorf("another app gets %d %s", got.Status, got.Body)
	}
}

// TestWhatIsNoBatchIsRefusedWhole, in Graph's words where it has some.
func TestWhatIsNoBatchIsRefusedWhole(t *testing.T) {
	h := open(t, events)
	one := `{"id":"%d","method":"GET","url":"/users/` + h.inside[0].ID + `/events?$top=1"},`
	many := func(n int) string {
		var out strings.Builder
		for i := range n {
			fmt.Fprintf(&out, one, i)
		}
		return `{"requests":[` + strings.TrimSuffix(out.String(), ",") + `]}`
	}
	before := h.heard(t)
	for body, want := range map[string]string{many(21): "proxy.batch_long", `{}`: "proxy.batch", `{"requests":[{"method":"GET","url":"/users"}]}`: "proxy.batch", `[`: "proxy.body"} {
		a := h.asks("gwk_crm", "POST", "/$batch", body)
		if a.status != 400 || a.code() != want || want == "proxy.batch_long" && !strings.Contains(a.body, `"code":"MaximumValueExceeded"`) {
			t.Errorf("%.60s: %d %s", body, a.status, a.body)
		}
	}
	if h.heard(t) != before {
		t.Error("Microsoft has heard of them")
	}
	if a := h.asks("gwk_crm", "POST", "/$batch", many(20)); a.status != 200 || strings.Count(a.body, `"status":200`) != 20 {
		t.Errorf("twenty: %d %.300s", a.status, a.body)
	}
	if a := h.asks("gwk_reads", "POST", "/$batch", many(2)); a.status != 200 || strings.Count(a.body, `"status":200`) != 2 {
		t.Errorf("with a key that only reads: %d %.300s", a.status, a.body)
	}
	if a := h.asks("gwk_no", "POST", "/$batch", many(2)); a.status != 401 {
		t.Errorf("with no key: %d %s", a.status, a.body)
	}
}

// TestAReadingKeyWritesInNoBatch.
func TestAReadingKeyWritesInNoBatch(t *testing.T) {
	h := open(t, events, create)
	got := h.batch("gwk_reads", item{ID: "1", Method: "POST", URL: "/users/" + h.inside[0].ID + "/events", Headers: typed, Body: []byte(meeting)})
	if got[0].Status != 403 || got[0].code() != "api.key_scope" {
		t.Errorf("%d %s", got[0].Status, got[0].Body)
	}
}

// TestAKeyThatIsRevokedEndsABatch: items after that are refused (R19).
func TestAKeyThatIsRevokedEndsABatch(t *testing.T) {
	h := open(t, events)
	h.revokes = func(admitted int) bool { return admitted > 3 } // once for the batch, once for each item
	reads := func(id string) item {
		return item{ID: id, Method: "GET", URL: "/users/" + h.inside[0].ID + "/events?$top=1"}
	}
	second := reads("2")
	second.DependsOn = []string{"1"}
	third := reads("3")
	third.DependsOn = []string{"2"}
	got := h.batch("gwk_crm", reads("1"), second, third)
	if got[0].Status != 200 || got[1].Status != 200 || got[2].Status != 401 {
		t.Errorf("%d, %d, %d %s", got[0].Status, got[1].Status, got[2].Status, got[2].Body)
	}
}

// TestABatchBeginsNothingLate: what would no longer be answered is not begun.
func TestABatchBeginsNothingLate(t *testing.T) {
	h := open(t, events, create)
	h.bound(0, 1<<20)
	before := h.heard(t)
	got := h.batch("gwk_crm", item{ID: "1", Method: "POST", URL: "/users/" + h.inside[0].ID + "/events", Headers: typed, Body: []byte(meeting)})
	if got[0].Status != http.StatusServiceUnavailable || got[0].code() != "proxy.batch_late" || h.heard(t) != before {
		t.Errorf("%d %s", got[0].Status, got[0].Body)
	}
}

// TestTheAnswersToABatchHaveABound: what does not fit is refused by itself.
func TestTheAnswersToABatchHaveABound(t *testing.T) {
	h := open(t, event, create)
	h.bound(time.Minute, 50_000)
	path := "/users/" + h.inside[0].ID + "/events"
	long := strings.Replace(meeting, `"subject"`, `"body":{"contentType":"text","content":"`+strings.Repeat("x", 9000)+`"},"subject"`, 1)
	made := h.asks("gwk_crm", "POST", path, long)
	var e struct{ ID string }
	if err := json.Unmarshal([]byte(made.body), &e); err != nil || made.status != 201 {
		t.Fatalf("%d %.300s", made.status, made.body)
	}
	var items []item
	for i := range 8 {
		items = append(items, item{ID: fmt.Sprint(i), Method: "GET", URL: path + "/" + e.ID})
	}
	fits := 0
	for _, a := range h.batch("gwk_crm", items...) {
		switch {
		case a.Status == 200:
			fits++
		case a.code() != "proxy.broke_off":
			t.Errorf("%d %.300s", a.Status, a.Body)
		}
	}
	if fits == 0 || fits == 8 {
		t.Errorf("%d of 8 answers of 9 kB and a bit fit into 50 kB", fits)
	}
}
