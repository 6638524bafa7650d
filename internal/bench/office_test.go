//go:build linux

package bench_test

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

const (
	// reader is the mailbox whose calendar is large.
	reader = 0
	// standing is how many events every other calendar begins with.
	standing = 2
	// calendarID is what each mailbox's one calendar is called.
	calendarID = "AAMkADhmNDk2ZWFmLTg4ZTAtNGVjYi05MzBmLTlkNjM5YTU4MTBkMABGAAAAAAAVKsrTP6dDTp5ZJw="
	// stuffing makes a link as long as Graph's.
	stuffing = "R0usmcCM996atia_sR0usmcCM996atia_sR0usmcCM996atia_sR0usmcCM996atia_sR0usmcCM996atia_s" +
		"R0usmcCM996atia_sR0usmcCM996atia_sR0usmcCM996atia_sR0usmcCM996atia_sR0usmcCM996atia_s."
)

// office is Graph and Entra as far as a calendar flow needs them, made to cost
// the machine little: the pages of the large calendar are files, the other
// answers are put together from ready parts. It keeps no rules; the simulator
// does that, and would be what is measured here.
type office struct {
	*httptest.Server
	ca     string // its certificate, a PEM file
	people int
	dir    string // of the large calendar's pages
	pages  int

	singles map[string][]byte // answers, by how their paths begin

	mu      sync.Mutex
	news    map[int][]change // by mailbox, the oldest first
	last    map[int]int      // number of a mailbox's newest change
	tickets []ticket         // of subscriptions, by mailbox

	deltas, lists, strange, created atomic.Int64 // requests
}

// change is an event that came after a calendar's beginning.
type change struct {
	number int
	raw    []byte
}

// ticket is what a notification has to show.
type ticket struct{ id, state string }

// openOffice puts up an office of so many people, one with a large calendar of
// items events in pages of size.
func openOffice(tb testing.TB, people, items, size int) *office {
	tb.Helper()
	o := &office{people: people, dir: tb.TempDir(), news: map[int][]change{}, last: map[int]int{}, tickets: make([]ticket, people),
		singles: map[string][]byte{"event": event(1), "messa": message(100 << 10)}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{tenant}/oauth2/v2.0/token", o.token)
	mux.HandleFunc("GET /v1.0/users/{user}", o.user)
	mux.HandleFunc("GET /v1.0/users/{user}/calendars", o.calendars)
	mux.HandleFunc("GET /v1.0/users/{user}/calendars/{calendar}/calendarView/delta", o.delta)
	mux.HandleFunc("GET /v1.0/users/{user}/calendars/{calendar}/calendarView/delta()", o.delta) // as the SDK writes it
	mux.HandleFunc("POST /v1.0/subscriptions", o.subscribe)
	mux.HandleFunc("POST /v1.0/users/{user}/events", o.create)
	mux.HandleFunc("GET /v1.0/users/{user}/{rest...}", o.single)
	mux.HandleFunc("/", o.unknown)
	o.Server = httptest.NewUnstartedServer(mux)
	o.EnableHTTP2 = false
	o.StartTLS()
	tb.Cleanup(o.Close)
	o.ca = filepath.Join(o.dir, "ca.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.Certificate().Raw})
	if err := os.WriteFile(o.ca, certificate, 0o600); err != nil {
		tb.Fatal(err)
	}
	if items > 0 {
		o.render(tb, items, size)
	}
	return o
}

// render writes the large calendar's pages, so that they take no room on the heap
// and next to no time when they are asked for.
func (o *office) render(tb testing.TB, items, size int) {
	tb.Helper()
	o.pages = (items + size - 1) / size
	for n := range o.pages {
		var events [][]byte
		for i := n * size; i < min(items, (n+1)*size); i++ {
			events = append(events, event(i))
		}
		link := o.link(reader, "$skiptoken", n+1)
		if n == o.pages-1 {
			link = o.link(reader, "$deltatoken", 0)
		}
		if err := os.WriteFile(o.page(n), o.answer(events, link), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
}

func (o *office) page(n int) string { return filepath.Join(o.dir, "page"+strconv.Itoa(n)) }

// start is where the reading of a mailbox's calendar begins.
func (o *office) start(mailbox int) string {
	return o.URL + "/v1.0/users/" + mailboxID(mailbox) + "/calendars/" + calendarID + "/calendarView/delta"
}

// link is one that goes on from a place.
func (o *office) link(mailbox int, token string, place int) string {
	return o.start(mailbox) + "?" + token + "=" + stuffing + strconv.Itoa(place)
}

// answer is a delta page; the link says by itself which one it is.
func (o *office) answer(events [][]byte, link string) []byte {
	name := "@odata.deltaLink"
	if strings.Contains(link, "$skiptoken") {
		name = "@odata.nextLink"
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, `{"@odata.context":"%s/v1.0/$metadata#Collection(event)","%s":"%s","value":[`, o.URL, name, link)
	out.Write(bytes.Join(events, []byte(",")))
	out.WriteString("]}")
	return out.Bytes()
}

// mailboxID is a mailbox's object id; its last twelve digits are its number.
func mailboxID(n int) string { return fmt.Sprintf("5a1f0c2e-8b7d-4e11-9c55-%012d", n) }

func mailboxName(n int) string { return fmt.Sprintf("user%d@contoso.example", n) }

// mailboxOf is the number of the mailbox with an id, -1 if it is none.
func mailboxOf(id string) int {
	n, err := strconv.Atoi(id[max(0, len(id)-12):])
	if err != nil || id != mailboxID(n) {
		return -1
	}
	return n
}

func (o *office) say(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// single answers with an event or a message, which was put together before; a gateway
// writes the path in OData's other form, events('id').
func (o *office) single(w http.ResponseWriter, r *http.Request) {
	body, known := o.singles[r.PathValue("rest")[:min(5, len(r.PathValue("rest")))]]
	if !known {
		o.unknown(w, r)
		return
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	o.say(w, http.StatusOK, body)
}

// message is one whose answer has so many bytes, nearly all of them its body.
func message(size int) []byte {
	return fmt.Appendf(nil, `{"id":"AAMkADhmNDk2ZWFmLTg4ZTAt","subject":"Minutes","body":{"contentType":"text","content":"%s"}}`, strings.Repeat("All hands on deck. ", size/19))
}

func (o *office) token(w http.ResponseWriter, _ *http.Request) {
	o.say(w, http.StatusOK, []byte(`{"token_type":"Bearer","expires_in":86399,"ext_expires_in":86399,"access_token":"`+strings.Repeat("a-token.", 200)+`"}`))
}

func (o *office) user(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("user")
	n, err := strconv.Atoi(strings.TrimSuffix(strings.TrimPrefix(name, "user"), "@contoso.example"))
	if err != nil {
		n = mailboxOf(name)
	}
	o.say(w, http.StatusOK, fmt.Appendf(nil, `{"id":"%s","userPrincipalName":"%s"}`, mailboxID(n), mailboxName(n)))
}

func (o *office) calendars(w http.ResponseWriter, _ *http.Request) {
	o.lists.Add(1)
	o.say(w, http.StatusOK, []byte(`{"value":[{"id":"`+calendarID+`","name":"Calendar","isDefaultCalendar":true}]}`))
}

func (o *office) delta(w http.ResponseWriter, r *http.Request) {
	asked := o.deltas.Add(1)
	n, query := mailboxOf(r.PathValue("user")), r.URL.Query()
	_, place, since := strings.Cut(query.Get("$deltatoken")+query.Get("$skiptoken"), ".")
	if n == reader && o.pages > 0 && !query.Has("$deltatoken") {
		w.Header().Set("Content-Type", "application/json")
		if !since {
			place = "0"
		}
		http.ServeFile(w, r, filepath.Join(o.dir, "page"+place))
		return
	}
	place, _, _ = strings.Cut(place, ".")
	seen, _ := strconv.Atoi(place)
	o.mu.Lock()
	var events [][]byte
	for _, c := range o.news[n] {
		if c.number > seen {
			events = append(events, c.raw)
		}
	}
	last := o.last[n]
	o.mu.Unlock()
	for i := range standing {
		if !since {
			events = append(events, event(1_000_000+n*standing+i))
		}
	}
	// Graph's link is another one each time, also when nothing has happened.
	o.say(w, http.StatusOK, o.answer(events, o.link(n, "$deltatoken", last)+"."+strconv.FormatInt(asked, 10)))
}

// add puts an event into a calendar. What a reader was given is forgotten with
// the next one, so that a long measurement does not grow.
func (o *office) add(mailbox int, raw []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.last[mailbox]++
	kept := o.news[mailbox]
	if len(kept) > 64 {
		kept = append([]change(nil), kept[32:]...)
	}
	o.news[mailbox] = append(kept, change{o.last[mailbox], raw})
}

// create makes an event, of which nothing is kept.
func (o *office) create(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	o.say(w, http.StatusCreated, event(int(o.created.Add(1))))
}

func (o *office) subscribe(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	var asked struct {
		Resource    string `json:"resource"`
		ClientState string `json:"clientState"`
		Expires     string `json:"expirationDateTime"`
	}
	err := json.Unmarshal(body, &asked)
	n := mailboxOf(strings.TrimSuffix(strings.TrimPrefix(strings.TrimPrefix(asked.Resource, "/"), "users/"), "/events"))
	if err != nil || n < 0 || n >= o.people {
		o.unknown(w, r)
		return
	}
	id := fmt.Sprintf("7c5a3b10-0000-4000-8000-%012d", n)
	o.mu.Lock()
	o.tickets[n] = ticket{id, asked.ClientState}
	o.mu.Unlock()
	o.say(w, http.StatusCreated, fmt.Appendf(nil, `{"id":"%s","resource":"%s","expirationDateTime":"%s"}`, id, asked.Resource, asked.Expires))
}

// subscribed says how many mailboxes have a subscription.
func (o *office) subscribed() (n int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, t := range o.tickets {
		if t.id != "" {
			n++
		}
	}
	return n
}

// notification is what Microsoft posts when a mailbox has news (graph-facts §4.4).
func (o *office) notification(mailbox int) []byte {
	o.mu.Lock()
	t := o.tickets[mailbox]
	o.mu.Unlock()
	return fmt.Appendf(nil, `{"value":[{"subscriptionId":"%s","subscriptionExpirationDateTime":"%s","clientState":"%s","changeType":"updated",`+
		`"resource":"Users/%s/Events/%s","tenantId":"%s","resourceData":{"@odata.type":"#Microsoft.Graph.Event","@odata.id":"Users/%[4]s/Events/%[5]s",`+
		`"@odata.etag":"W/\"fwbYt6dCT0mAkbvo5GnXg==\"","id":"%[5]s"}}]}`,
		t.id, time.Now().Add(24*time.Hour).UTC().Format(time.RFC3339), t.state, mailboxID(mailbox), stuffing[:80], tenantID)
}

func (o *office) unknown(w http.ResponseWriter, r *http.Request) {
	o.strange.Add(1)
	o.say(w, http.StatusNotFound, fmt.Appendf(nil, `{"error":{"code":"ResourceNotFound","message":"The office knows no %s %s."}}`, r.Method, r.URL.Path))
}
