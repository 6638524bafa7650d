package assemble_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/internal/answers"
	"github.com/graphwarden/graphwarden/internal/memnet"
	"github.com/graphwarden/graphwarden/sim"
)

const (
	host   = "tenant.example" // where the simulated tenant is, as far as anybody knows
	secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILA=="
)

// journey is a simulated tenant, a gateway and an app, in one process.
type journey struct {
	*testing.T
	sim   *sim.Sim
	ready sim.Ready
	// changed changes the configuration before a gateway reads it; gateway is the
	// last one that runs.
	changed func()
	gateway *assemble.Graphwarden
	serving *assemble.Serving
	app     *app
	folder  string
	net     *memnet.Network  // what is reached instead of the network, if not nil
	now     func() time.Time // the gateway's clock
	log     *slog.Logger
	cut     *atomic.Bool // no notification reaches the gateway, indoors
	others  map[string]func(ctx context.Context, network, address string) (net.Conn, error)
	operate net.Listener // where operators are answered; nil: nowhere
	apps    net.Listener // where apps are
}

// app keeps what it receives, if the signature is right.
type app struct {
	*httptest.Server
	verifier *webhooks.Webhook
	mu       sync.Mutex
	got      []graphwarden.Envelope
	seen     map[string]bool // delivery ids
	refused  int             // how often it answered status
	status   int             // answered in place of 204
	news     chan struct{}
	verify   func(body []byte, h http.Header) error
	take     func(graphwarden.Envelope) // is shown what arrives, if not nil
}

func newApp(t *testing.T) *app {
	t.Helper()
	a := newReceiver(t)
	a.Server = httptest.NewServer(http.HandlerFunc(a.receive))
	t.Cleanup(a.Close)
	return a
}

// newReceiver is an app that nobody can reach yet.
func newReceiver(t *testing.T) *app {
	t.Helper()
	verifier, err := webhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	return &app{verify: verifier.Verify, verifier: verifier, seen: map[string]bool{}, news: make(chan struct{}, 1)}
}

func (a *app) receive(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	var e graphwarden.Envelope
	switch {
	case a.status != 0:
		a.refused++
		w.WriteHeader(a.status)
	case err != nil || a.verify(body, r.Header) != nil || json.Unmarshal(body, &e) != nil || e.ID != r.Header.Get("webhook-id"):
		w.WriteHeader(http.StatusUnauthorized)
	case !a.seen[e.ID]:
		a.seen[e.ID] = true
		a.got = append(a.got, e)
		if a.take != nil {
			a.take(e)
		}
	}
	select {
	case a.news <- struct{}{}:
	default:
	}
}

// set has the app answer with a status; 0 means that it takes what comes.
func (a *app) set(status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status = status
}

// await waits until something holds of what the app has received.
func (a *app) await(t *testing.T, what string, holds func(got []graphwarden.Envelope, refused int) bool) {
	t.Helper()
	for late := time.After(2 * time.Minute); ; {
		a.mu.Lock()
		done := holds(a.got, a.refused)
		a.mu.Unlock()
		if done {
			return
		}
		select {
		case <-a.news:
		case <-late:
			t.Fatalf("the app did not receive %s", what)
		}
	}
}

// told waits until the app has been told of an event, as one of the kinds.
func (j *journey) told(event string, kinds ...graphwarden.ChangeKind) graphwarden.Envelope {
	j.Helper()
	var found graphwarden.Envelope
	j.app.await(j.T, fmt.Sprintf("%v of %s", kinds, event), func(got []graphwarden.Envelope, _ int) bool {
		i := slices.IndexFunc(got, func(e graphwarden.Envelope) bool {
			return e.Subject == event && slices.ContainsFunc(kinds, func(k graphwarden.ChangeKind) bool { return strings.HasSuffix(e.Type, "."+string(k)) })
		})
		if i >= 0 {
			found = got[i]
		}
		return i >= 0
	})
	return found
}

// begin puts up the tenant and the app.
func begin(t *testing.T, users int) *journey {
	t.Helper()
	return put(t, newApp(t), sim.Options{Users: users})
}

// put puts up a tenant beside an app.
func put(t *testing.T, a *app, o sim.Options) *journey {
	t.Helper()
	o.HTTPNotifications = true
	if o.Hosts == nil {
		o.Seed, o.Hosts, o.Record = 1, []string{host}, answers.File(t)
	}
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the simulator ended with %v", err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	j := &journey{T: t, sim: s, app: a, folder: t.TempDir()}
	if j.ready, err = s.Ready("https://" + o.Hosts[0]); err != nil {
		t.Fatal(err)
	}
	return j
}

// run builds a gateway over the journey's folder and runs it until the test ends
// or the given function is called.
func (j *journey) run(sweep string) (stop func()) {
	j.Helper()
	listener := j.listen()
	path := j.configuration(sweep, listener.Addr().String())
	if j.changed != nil {
		j.changed()
	}
	config, err := assemble.Load(path)
	if err != nil {
		j.Fatal(err)
	}
	outside := assemble.Outside{Dial: j.dial, Listener: listener, Now: j.now, Log: j.log, Operate: j.operate, Apps: j.apps}
	g, err := assemble.Build(j.Context(), config, outside)
	if err != nil {
		j.Fatal(err)
	}
	j.gateway = g
	if err := g.Check(j.Context()); err != nil {
		j.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	j.serving = assemble.NewServing(g, outside)
	go func() { ended <- j.serving.Run(ctx) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			j.Errorf("the gateway ended with %v", err)
		}
		if err := g.Close(); err != nil {
			j.Error(err)
		}
	})
	j.Cleanup(stop)
	return stop
}

func (j *journey) listen() net.Listener {
	j.Helper()
	if j.net != nil {
		return j.net.Listen(received)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		j.Fatal(err)
	}
	return l
}

// dial reaches the tenant within the process, and everything else as usual.
func (j *journey) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if address == host+":443" {
		return j.sim.Dial(ctx, network, address)
	}
	if other := j.others[address]; other != nil {
		return other(ctx, network, address)
	}
	if j.net != nil {
		return j.net.Dial(ctx, network, address)
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// configuration writes the configuration of a gateway that watches the first two
// people, and gives its path.
func (j *journey) configuration(sweep, listen string) string {
	j.Helper()
	files := map[string]string{"sink.secret": secret,
		"ca.pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: j.sim.Authority().Raw}))}
	var registrations strings.Builder
	for _, a := range j.ready.Apps {
		if a.Name == "reader" || a.Name == "calendar" {
			files[a.Name+".secret"] = a.ClientSecret
			fmt.Fprintf(&registrations, "      %s: {client_id: %s, secret_file: %s.secret}\n", a.Name, a.ClientID, a.Name)
		}
	}
	files["graphwarden.yaml"] = fmt.Sprintf(`
listen: %s
public_url: http://%s
sweep: {woken: %s, alone: %s}
admit: ["%s:443", %q]
tenants:
  contoso:
    id: %s
    cloud: {login: "https://%s", graph: "https://%s"}
    ca: ca.pem
    registrations:
%sflows:
  office:
    app: portal
    kind: calendar
    tenant: contoso
    registration: calendar
    mailboxes: [%s, %s]
    sink: {url: %q, secret_file: sink.secret}
`, listen, listen, sweep, sweep, host, strings.TrimPrefix(j.app.URL, "http://"), j.ready.Tenant.ID, host, host, registrations.String(),
		j.ready.Users[0].UserPrincipalName, j.ready.Users[1].UserPrincipalName, j.app.URL)
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(j.folder, name), []byte(content), 0o600); err != nil {
			j.Fatal(err)
		}
	}
	return filepath.Join(j.folder, "graphwarden.yaml")
}

// outlook does something to a calendar, past the gateway, and gives the answer.
func (j *journey) outlook(method, path string, body any) map[string]any {
	j.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		j.Fatal(err)
	}
	r := httptest.NewRequestWithContext(j.Context(), method, "https://"+host+path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+j.ready.Tokens.Everything)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Prefer", `IdType="ImmutableId"`)
	w := httptest.NewRecorder()
	j.sim.Handler().ServeHTTP(w, r)
	if w.Code >= 300 {
		j.Fatalf("%s %s answered %d %s", method, path, w.Code, w.Body)
	}
	var d map[string]any
	if w.Body.Len() > 0 {
		if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil {
			j.Fatal(err)
		}
	}
	return d
}

// meeting makes a meeting of the first person and gives its id.
func (j *journey) meeting(subject string) string {
	j.Helper()
	start := time.Now().UTC().AddDate(0, 0, 3).Truncate(time.Hour)
	at := func(t time.Time) map[string]any {
		return map[string]any{"dateTime": t.Format("2006-01-02T15:04:05"), "timeZone": "UTC"}
	}
	made := j.outlook(http.MethodPost, "/v1.0/users/"+j.ready.Users[0].ID+"/events",
		map[string]any{"subject": subject, "start": at(start), "end": at(start.Add(time.Hour))})
	return made["id"].(string)
}

func (j *journey) event(id string) string {
	return "/v1.0/users/" + j.ready.Users[0].ID + "/events/" + url.PathEscape(id)
}

func TestAChangeReachesTheApp(t *testing.T) {
	j := begin(t, 4)
	j.run("1h") // so that only notifications wake
	first := j.meeting("Before the first round or after")
	j.told(first, graphwarden.Created)
	id := j.meeting("Lunch")
	e := j.told(id, graphwarden.Created)
	var item struct{ Subject, ID, Type string }
	if err := json.Unmarshal(e.Data.Item, &item); err != nil || item.Subject != "Lunch" || item.ID != id || item.Type != "singleInstance" {
		t.Errorf("the item is %s (%v)", e.Data.Item, err)
	}
	if !strings.EqualFold(e.Data.Mailbox, j.ready.Users[0].UserPrincipalName) || e.Data.Calendar == "" || e.SpecVersion != "1.0" {
		t.Errorf("the envelope is %+v", e)
	}
	j.outlook(http.MethodPatch, j.event(id), map[string]any{"subject": "Late lunch"})
	j.told(id, graphwarden.Updated)
	j.outlook(http.MethodDelete, j.event(id), nil)
	j.told(id, graphwarden.Deleted)
}

func TestALostNotificationIsMadeGood(t *testing.T) {
	j := begin(t, 4)
	j.run("1s")
	j.outlook(http.MethodPost, "/sim/faults", map[string]any{"rules": []any{map[string]any{"match": "NOTIFY *", "drop": true}}})
	j.told(j.meeting("Nobody was told"), graphwarden.Created)
}

func TestWhatHappensWhileTheAppIsDownReachesItLater(t *testing.T) {
	j := begin(t, 4)
	j.run("1h")
	j.told(j.meeting("Up"), graphwarden.Created)
	j.app.set(http.StatusServiceUnavailable)
	ids := []string{j.meeting("Down 1"), j.meeting("Down 2")}
	j.app.await(t, "an attempt while it was down", func(_ []graphwarden.Envelope, refused int) bool { return refused > 0 })
	j.app.set(0)
	for _, id := range ids {
		j.told(id, graphwarden.Created)
	}
}

func TestWhatHappensWhileTheGatewayIsDownReachesTheAppOnce(t *testing.T) {
	j := begin(t, 4)
	stop := j.run("1h")
	before := j.meeting("Before")
	j.told(before, graphwarden.Created)
	stop()
	meanwhile := j.meeting("Meanwhile")
	j.outlook(http.MethodDelete, j.event(before), nil)
	j.run("1s")
	j.told(meanwhile, graphwarden.Created)
	j.told(before, graphwarden.Deleted)
	created := 0
	j.app.await(t, "anything", func(got []graphwarden.Envelope, _ int) bool {
		for _, e := range got {
			if e.Subject == before && strings.HasSuffix(e.Type, ".created") {
				created++
			}
		}
		return true
	})
	if created != 1 {
		t.Errorf("created was told %d times", created)
	}
}

func TestAnExpiredDeltaLinkLeadsToAFullReadWithoutEcho(t *testing.T) {
	j := begin(t, 4)
	j.run("1s")
	id := j.meeting("Stays")
	j.told(id, graphwarden.Created)
	j.outlook(http.MethodPost, "/sim/faults", map[string]any{"rules": []any{
		map[string]any{"match": "GET /users/*/calendars/*/calendarView/delta*", "status": 410, "times": 2}}})
	j.told(j.meeting("After the full read"), graphwarden.Created)
	j.app.await(t, "the state", func(got []graphwarden.Envelope, _ int) bool {
		for i, e := range got {
			again := slices.ContainsFunc(got[:i], func(b graphwarden.Envelope) bool { return b.Subject == e.Subject && b.Type == e.Type })
			if again && strings.HasSuffix(e.Type, ".created") || e.Subject == id && strings.HasSuffix(e.Type, ".deleted") {
				t.Errorf("after the full read the app was told again: %s %s", e.Type, e.Subject)
			}
		}
		return true
	})
}

func TestOnlyDeclaredMailboxesAreTouched(t *testing.T) {
	j := begin(t, 6)
	j.run("1s")
	j.told(j.meeting("Mine"), graphwarden.Created)
	client := ""
	for _, a := range j.ready.Apps {
		if a.Name == "calendar" {
			client = a.ClientID
		}
	}
	rows := 0
	err := j.sim.Truth.After(0, func(line []byte) bool {
		var row struct{ App, Mailbox, Path string }
		if err := json.Unmarshal(line, &row); err != nil {
			t.Fatal(err)
		}
		if row.App != client {
			return true
		}
		rows++
		own := row.Mailbox == "" && row.Path == "/subscriptions" // the registration's list of its own
		if !own && row.Mailbox != j.ready.Users[0].ID && row.Mailbox != j.ready.Users[1].ID {
			t.Errorf("the calendar registration touched %q by %s", row.Mailbox, row.Path)
		}
		return true
	})
	if err != nil || rows == 0 {
		t.Errorf("%d rows of the truth ledger are about the gateway: %v", rows, err)
	}
}

func TestHardWeatherDelaysAndLosesNothing(t *testing.T) {
	t.Parallel()
	j := begin(t, 4)
	j.run("1s")
	j.told(j.meeting("Fair"), graphwarden.Created)
	j.outlook(http.MethodPost, "/sim/faults", map[string]any{"rules": []any{
		map[string]any{"match": "GET /users/**", "status": 503, "times": 1},
		map[string]any{"match": "GET /users/**", "cut": "after", "times": 1},
		map[string]any{"match": "GET /users/**", "cut": "before", "times": 1},
		map[string]any{"match": "GET /users/**", "status": 429, "retryAfter": 1, "times": 2},
		map[string]any{"match": "NOTIFY *", "drop": true, "times": 1},
		map[string]any{"match": "NOTIFY *", "repeat": 3, "times": 2}}})
	for i := range 5 {
		j.told(j.meeting(fmt.Sprintf("Storm %d", i)), graphwarden.Created)
	}
}
