package act_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/act"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/internal/simulated"
)

// house is the room over a simulated tenant.
type house struct {
	*act.Act
	*simulated.Tenant
	rooms  simulated.Rooms
	config act.Config
	flow   flow.Flow
	clock  *clock // of the gateway
	t      *testing.T

	counted uint64 // the last row of the truth that was counted
	counts  map[string]int
	resumed int
	waits   int // for a budget
}

// roster is flows as they are.
type roster []flow.Flow

func (r roster) Flows() []flow.Flow { return r }

// open puts up the room with a flow that reads and writes the first mailboxes.
func open(t *testing.T, conflicts flow.Conflicts) *house {
	t.Helper()
	return openAs(t, conflicts, nil)
}

// openAs is open with a store whose commits can be cut.
func openAs(t *testing.T, conflicts flow.Conflicts, commit func(name string, act func() error) error) *house {
	t.Helper()
	return openFor(t, "everything", flow.CalendarWriting(flow.Both), conflicts, commit)
}

// openFor puts up the room with a flow of any kind, through an app of the tenant.
func openFor(t *testing.T, app string, kind flow.Kind, conflicts flow.Conflicts, commit func(name string, act func() error) error) *house {
	t.Helper()
	n := simulated.New(t)
	door := n.Door(t, app)
	door.Commit, door.Kind, door.Conflicts = commit, kind, conflicts
	return behind(t, n, door)
}

// behind puts up the room behind a door of a tenant.
func behind(t *testing.T, n *simulated.Tenant, door simulated.Door) *house {
	t.Helper()
	c := &clock{}
	door.Now, door.ShowsPrivate = c.now, true
	for _, u := range n.Ready.Users[:2] {
		door.Mailboxes = append(door.Mailboxes, graphwarden.Mailbox{ID: u.ID, UPN: u.UserPrincipalName})
	}
	rooms := n.Knock(t, door)
	h := &house{Tenant: n, rooms: rooms, flow: rooms.Flow, clock: c, t: t, counts: map[string]int{}}
	h.config = act.Config{Roster: roster{rooms.Flow}, Writer: rooms.Graph, Reader: rooms.Graph, Mailer: rooms.Graph, Mails: rooms.Graph, Files: rooms.Graph, Uploads: rooms.Store, Claims: rooms.Store, Store: rooms.Store,
		Intents: rooms.Store, Due: rooms.Store, Shelf: rooms.Store, Log: rig.Log(), Now: c.now, Holder: "one"}
	h.Act = act.New(h.config)
	return h
}

// to is the first mailbox as a target.
func (h *house) to(key string) act.Target {
	return act.Target{App: "crm", Tenant: "contoso", Mailbox: h.flow.Mailboxes[0].UPN, Key: key}
}

// path is where the first mailbox is at Microsoft.
func (h *house) path(rest string) string { return "/v1.0/users/" + h.flow.Mailboxes[0].ID + rest }

// plain is an event without anything special.
func plain(subject string) json.RawMessage {
	return json.RawMessage(fmt.Sprintf(`{"subject":%q,"start":{"dateTime":"2027-03-01T09:00:00","timeZone":"Europe/Berlin"},"end":{"dateTime":"2027-03-01T10:00:00","timeZone":"Europe/Berlin"}}`, subject))
}

// create makes an event that must come about.
func (h *house) create(key, reference string, event json.RawMessage) graphwarden.Intent {
	h.t.Helper()
	in, err := h.Create(h.t.Context(), act.Create{Target: h.to(key), Reference: reference, Event: event})
	if err != nil || in.Outcome.State != graphwarden.IntentDone {
		h.t.Fatalf("creating gave %+v, %v", in.Outcome, err)
	}
	return in
}

// code gives the code of a refusal.
func code(err error) string {
	var r *graphwarden.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return fmt.Sprint(err)
}

// sky has the next requests that match cut.
func (h *house) sky(match, cut string, times int) {
	h.t.Helper()
	h.Ask(h.t, http.MethodPost, "/sim/faults", map[string]any{"seed": 1, "rules": []any{map[string]any{"match": match, "cut": cut, "times": times}}})
}

// effects counts what the simulator did to the first mailbox's events, by effect.
func (h *house) effects() map[string]int {
	h.t.Helper()
	out := map[string]int{}
	for _, row := range h.truth() {
		if row.Effect != "read" && row.Effect != "none" {
			out[row.Effect]++
		}
	}
	return out
}

// row is a row of the simulator's truth.
type row struct {
	Seq                           uint64
	Mailbox, Object, Effect, Path string
}

// truth gives the simulator's rows about the first mailbox.
func (h *house) truth() []row {
	h.t.Helper()
	return slices.DeleteFunc(h.rows(0), func(r row) bool { return r.Mailbox != h.flow.Mailboxes[0].ID })
}

// rows gives the simulator's rows after a number.
func (h *house) rows(after uint64) (out []row) {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, fmt.Sprintf("https://tenant.example/sim/truth?after=%d", after), nil)
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	d := json.NewDecoder(w.Body)
	for d.More() {
		var one row
		if err := d.Decode(&one); err != nil {
			h.t.Fatal(err)
		}
		out = append(out, one)
	}
	return out
}

// clock is a clock that a test moves on.
type clock struct {
	mu    sync.Mutex
	ahead time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

// request sends the tenant a request with the token for everything.
func (h *house) request(t *testing.T, method, path string, body any) *httptest.ResponseRecorder {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), method, "https://tenant.example"+path, bytes.NewReader(raw))
	r.Header.Set("Authorization", "Bearer "+h.Ready.Tokens.Everything)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Prefer", `IdType="ImmutableId"`)
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	return w
}

// all counts what the simulator did in all mailboxes, by effect.
func (h *house) all() map[string]int {
	h.t.Helper()
	for _, row := range h.rows(h.counted) {
		h.counted = row.Seq
		if row.Effect != "read" && row.Effect != "none" {
			h.counts[row.Effect]++
		}
	}
	return maps.Clone(h.counts)
}

// truthNow is the model's event as Microsoft has it; nil when there is none.
func (x *two) truthNow() []byte {
	if x.id == "" {
		return nil
	}
	w := x.request(x.t, http.MethodGet, x.path("/events/"+x.id), nil)
	if w.Code != http.StatusOK {
		return nil
	}
	return w.Body.Bytes()
}

// count counts the events at Microsoft that have a reference.
func (x *two) count(reference string) int {
	x.t.Helper()
	list, err := x.rooms.Graph.FindEvents(x.t.Context(), x.flow, x.flow.Mailboxes[0], "", act.Reference, reference)
	if err != nil {
		x.t.Fatal(err)
	}
	return len(list)
}

// sink is the app's, which knows all that was before this model.
func (h *house) sink(t *testing.T) string {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.rooms.Store.EnsureSink(ctx, tx, graphwarden.Sink{Name: "app", App: "crm", Flow: h.flow.Name, Kind: graphwarden.Webhook, URL: "http://app.test/"})
	})
	return "app"
}

func (h *house) advanceSink(t *testing.T, upTo int64) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		return h.rooms.Store.AdvanceSink(ctx, tx, "app", upTo, nil)
	})
}
