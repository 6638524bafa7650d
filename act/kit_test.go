package act_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
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
	t      *testing.T
}

// roster is flows as they are.
type roster []flow.Flow

func (r roster) Flows() []flow.Flow { return r }

// open puts up the room with a flow that reads and writes the first mailboxes.
func open(t *testing.T, conflicts flow.Conflicts) *house {
	t.Helper()
	n := simulated.New(t)
	door := n.Door(t, "everything")
	door.Kind, door.Conflicts = flow.CalendarWriting(flow.Both), conflicts
	for _, u := range n.Ready.Users[:2] {
		door.Mailboxes = append(door.Mailboxes, graphwarden.Mailbox{ID: u.ID, UPN: u.UserPrincipalName})
	}
	rooms := n.Knock(t, door)
	h := &house{Tenant: n, rooms: rooms, flow: rooms.Flow, t: t}
	h.config = act.Config{Roster: roster{rooms.Flow}, Writer: rooms.Graph, Reader: rooms.Graph, Store: rooms.Store,
		Intents: rooms.Store, Due: rooms.Store, Shelf: rooms.Store, Log: rig.Log(), Now: time.Now, Holder: "one"}
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
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodGet, "https://tenant.example/sim/truth", nil)
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	var out []row
	d := json.NewDecoder(w.Body)
	for d.More() {
		var one row
		if err := d.Decode(&one); err != nil {
			h.t.Fatal(err)
		}
		if one.Mailbox == h.flow.Mailboxes[0].ID {
			out = append(out, one)
		}
	}
	return out
}
