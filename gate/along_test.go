package gate_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"testing/synctest"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/seal"
)

// beside notes a mailbox in the transaction that it is run in.
func beside(r *rig.Rig) func(context.Context, graphwarden.Tx) error {
	return func(ctx context.Context, tx graphwarden.Tx) error {
		return r.Store.PinMailbox(ctx, tx, "contoso", graphwarden.Mailbox{ID: rig.Alice, UPN: "alice@contoso.example"})
	}
}

func noted(t *testing.T, r *rig.Rig) bool {
	t.Helper()
	_, there, err := r.Store.Mailbox(t.Context(), "contoso", "alice@contoso.example")
	if err != nil {
		t.Fatal(err)
	}
	return there
}

// TestWhatGoesAlongIsOnDiskBeforeACallIsSent cuts the one commit of a decision and what
// goes along with it, before and after: both are on disk or neither, and nothing is sent
// past them.
func TestWhatGoesAlongIsOnDiskBeforeACallIsSent(t *testing.T) {
	write, read := subscribe("users/"+rig.Alice+"/events"), list(rig.Alice)
	for _, test := range []struct {
		situation string
		call      gate.Call
		at        faulty.Moment
		there     bool
	}{
		{"a write, neither stored", write, faulty.Before, false},
		{"a write, both stored, the word of it lost", write, faulty.After, true},
		{"a read, neither stored", read, faulty.Before, false},
		{"a read, both stored, the word of it lost", read, faulty.After, true},
	} {
		t.Run(test.situation, func(t *testing.T) {
			r, m := put(t, faulty.NewPlan(t, faulty.Cut{Step: "commit", At: test.at}))
			ctx, kept := gate.Along(t.Context(), beside(r))
			if _, err := r.Gate.Do(ctx, test.call); err == nil || kept() {
				t.Fatalf("the call gave %v, kept %v", err, kept())
			}
			if n := len(m.Requests()); n > 0 {
				t.Errorf("%d requests were sent", n)
			}
			if there, entries := noted(t, r), r.Entries(t); there != test.there || (len(entries) == 1) != test.there {
				t.Errorf("noted %v, recorded %+v", there, entries)
			}
			if test.there {
				return
			}
			answer, err := r.Gate.Do(ctx, test.call)
			finish(t, answer, err)
			if !kept() || !noted(t, r) {
				t.Error("the next call took nothing along")
			}
		})
	}
}

var errObjects = errors.New("somebody was quicker")

func TestWhatGoesAlongRefusesACallWithoutATrace(t *testing.T) {
	r, m := put(t, faulty.NewPlan(t, faulty.Cut{Step: "commit", At: faulty.Before, Nth: 2})) // the first has nothing in it
	ctx, kept := gate.Along(t.Context(), func(context.Context, graphwarden.Tx) error { return errObjects })
	if _, err := r.Gate.Do(ctx, subscribe("users/"+rig.Alice+"/events")); !errors.Is(err, errObjects) || kept() {
		t.Fatalf("the call gave %v, kept %v", err, kept())
	}
	if n, entries := len(m.Requests()), r.Entries(t); n > 0 || len(entries) > 0 {
		t.Fatalf("%d requests were sent, recorded %+v", n, entries)
	}
	// The ledger is not ill for that: a read is sent while its decision is stored.
	if _, err := r.Gate.Do(t.Context(), list(rig.Alice)); err == nil || len(m.Requests()) != 1 {
		t.Errorf("a read whose decision was cut gave %v, %d requests", err, len(m.Requests()))
	}
}

func TestARefusedCallTakesNothingAlong(t *testing.T) {
	r, m := put(t, nil)
	ctx, kept := gate.Along(t.Context(), beside(r))
	var refusal *graphwarden.Refusal
	if _, err := r.Gate.Do(ctx, list(carol)); !errors.As(err, &refusal) || refusal.Kind != graphwarden.Denied {
		t.Fatalf("the call gave %v", err)
	}
	if kept() || noted(t, r) || len(m.Requests()) > 0 {
		t.Errorf("kept %v, noted %v, %d requests", kept(), noted(t, r), len(m.Requests()))
	}
}

// lends is a name that the interface's own method leaves free.
type lends = gate.Bearer

// obtaining is a token's custody that asks for each token through a gate, with the
// context of the call that wants it.
type obtaining struct {
	lends
	t *testing.T
	r *rig.Rig
}

func (o obtaining) Bearer(ctx context.Context, _ graphwarden.Registration) (seal.Secret, error) {
	answer, err := o.r.Gate.Do(ctx, obtain())
	finish(o.t, answer, err)
	if noted(o.t, o.r) {
		o.t.Error("the token's call took along what was another one's")
	}
	return seal.FromString(rig.Token), nil
}

func TestATokenIsObtainedBeforeAnythingGoesAlong(t *testing.T) {
	r, m := put(t, nil)
	runs := 0
	note := beside(r)
	ctx, kept := gate.Along(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error { runs++; return note(ctx, tx) })
	for range 2 {
		g := r.Gate
		if !kept() {
			g = r.Gate.With(obtaining{t: t, r: r})
		}
		answer, err := g.Do(ctx, subscribe("users/"+rig.Alice+"/events"))
		finish(t, answer, err)
	}
	if !kept() || runs != 1 || !noted(t, r) {
		t.Errorf("kept %v, run %d times", kept(), runs)
	}
	if n := len(m.Requests()); n != 3 || m.Requests()[0].Method != http.MethodPost {
		t.Errorf("%d requests were sent", n)
	}
}

// TestWhatGoesAlongSharesTheCommitOfAPlace has the call take a place among those of
// other processes, too.
func TestWhatGoesAlongSharesTheCommitOfAPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, m := put(t, nil)
		g, stop := member(t, r, "one")
		defer stop()
		ctx, kept := gate.Along(t.Context(), func(context.Context, graphwarden.Tx) error { return errObjects })
		for range 5 { // four places: one that is refused leaves none taken
			if _, err := g.Do(ctx, list(rig.Alice)); !errors.Is(err, errObjects) || kept() {
				t.Fatalf("the call gave %v, kept %v", err, kept())
			}
		}
		ctx, kept = gate.Along(t.Context(), beside(r))
		answer, err := g.Do(ctx, list(rig.Alice))
		finish(t, answer, err)
		if !kept() || !noted(t, r) || len(m.Requests()) != 1 {
			t.Errorf("kept %v, noted %v, %d requests", kept(), noted(t, r), len(m.Requests()))
		}
	})
}
