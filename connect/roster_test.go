package connect_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/policy"
)

// directory answers GET /users/{name} for the names it knows.
func directory(users map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		name := path.Base(r.URL.Path)
		id, known := users[name]
		if !known {
			w.WriteHeader(http.StatusNotFound)
			_, _ = w.Write([]byte(`{"error":{"code":"Request_ResourceNotFound"}}`))
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"id": id, "userPrincipalName": name})
	}
}

// roster puts up a roster for the named mailboxes.
func roster(t *testing.T, r *rig.Rig, names ...string) *connect.Roster {
	t.Helper()
	declared := r.Flow
	declared.Mailboxes = nil
	for _, name := range names {
		declared.Mailboxes = append(declared.Mailboxes, graphwarden.Mailbox{UPN: name})
	}
	out, err := connect.NewRoster(connect.RosterConfig{
		Declared: []flow.Flow{declared},
		House:    []flow.Flow{flow.ForReader(r.Registration), flow.ForSignIn(r.Registration)},
		Pinned:   r.Store, Users: graph.New(r.Gate), InForce: r.Policy, Log: rig.Log(),
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func allowed(r *rig.Rig, mailbox string) bool {
	return r.Policy.Judge("crm", "office", flow.CalendarDelta(), mailbox, policy.Circumstances{}).Allowed
}

func TestAMailboxMayBeTouchedOnceItIsPinned(t *testing.T) {
	r := rig.New(t, nil)
	r.Microsoft.Answer(directory(map[string]string{"alice@contoso.com": rig.Alice}))
	o := roster(t, r, "alice@contoso.com", "nobody@contoso.com")
	var changed atomic.Int64
	o.OnChange(func() { changed.Add(1) })
	if allowed(r, rig.Alice) || len(o.Flows()) != 0 || len(o.FlowsOf("crm")) != 0 {
		t.Fatal("a mailbox may be touched before it is pinned")
	}
	err := o.Pin(t.Context())
	if !graph.Is(err, graph.CodeUserUnknown) || !strings.Contains(err.Error(), "nobody@contoso.com") {
		t.Errorf("Pin = %v, want the unknown name", err)
	}
	if !allowed(r, rig.Alice) || allowed(r, rig.Bob) {
		t.Error("the policy in force is not that of the pinned mailboxes")
	}
	f, known := o.Flow("office")
	if !known || len(f.Mailboxes) != 1 || f.Mailboxes[0] != (graphwarden.Mailbox{ID: rig.Alice, UPN: "alice@contoso.com"}) {
		t.Errorf("the flow has %+v", f.Mailboxes)
	}
	if of := o.FlowsOf("crm"); len(of) != 1 || !slices.Equal(of[0].Mailboxes, f.Mailboxes) || len(o.FlowsOf("erp")) != 0 {
		t.Errorf("the app has %+v, and another %+v", of, o.FlowsOf("erp"))
	}
	_ = o.Pin(t.Context())
	if changed.Load() != 1 {
		t.Errorf("announced %d times", changed.Load())
	}
	if _, known := o.Flow("other"); known {
		t.Error("found a flow that nobody declared")
	}
}

// TestAPinnedNameStaysWithItsMailbox: the tenant gives the name to somebody else
// (R6).
func TestAPinnedNameStaysWithItsMailbox(t *testing.T) {
	r := rig.New(t, nil)
	r.Microsoft.Answer(directory(map[string]string{"alice@contoso.com": rig.Alice}))
	if err := roster(t, r, "alice@contoso.com").Pin(t.Context()); err != nil {
		t.Fatal(err)
	}
	r.Microsoft.Answer(directory(map[string]string{"alice@contoso.com": rig.Bob}))
	o := roster(t, r, "Alice@contoso.com") // after a restart, and written otherwise
	if err := o.Pin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !allowed(r, rig.Alice) || allowed(r, rig.Bob) {
		t.Error("the name's new owner inherited the old one's place")
	}
}

func TestPinningWaitsForADirectoryThatDoesNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rig.New(t, nil)
		r.Microsoft.Answer(rig.Says(http.StatusServiceUnavailable, ""))
		o := roster(t, r, "alice@contoso.com")
		done := make(chan error)
		ctx, stop := contextOf(t)
		go func() { done <- o.Run(ctx) }()
		time.Sleep(time.Minute)
		r.Microsoft.Answer(directory(map[string]string{"alice@contoso.com": rig.Alice}))
		time.Sleep(5 * time.Minute)
		if !allowed(r, rig.Alice) {
			t.Error("the name was not tried again")
		}
		stop()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	})
}

func TestAPinIsOnDiskBeforeItCounts(t *testing.T) {
	// The commits of pinning are the decision's and the pin's; the close may come later.
	for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
		t.Run(string(at), func(t *testing.T) {
			r := rig.New(t, faulty.NewPlan(t, faulty.Cut{Step: "commit", Nth: 2, At: at}))
			r.Microsoft.Answer(directory(map[string]string{"alice@contoso.com": rig.Alice}))
			o := roster(t, r, "alice@contoso.com")
			if err := o.Pin(t.Context()); err == nil || at == faulty.Before && allowed(r, rig.Alice) {
				t.Fatalf("Pin = %v, and the mailbox may be touched: %t", err, allowed(r, rig.Alice))
			}
			if err := o.Pin(t.Context()); err != nil || !allowed(r, rig.Alice) {
				t.Errorf("Pin = %v the second time", err)
			}
		})
	}
}

func TestATenantWithoutAReaderSaysSo(t *testing.T) {
	r := rig.New(t, nil)
	o, err := connect.NewRoster(connect.RosterConfig{
		Declared: []flow.Flow{r.Flow}, Pinned: r.Store, Users: graph.New(r.Gate), InForce: r.Policy, Log: rig.Log(),
	})
	if err != nil {
		t.Fatal(err)
	}
	var refusal *graphwarden.Refusal
	if err := o.Pin(t.Context()); !errors.As(err, &refusal) || refusal.Code != "connect.reader_missing" {
		t.Errorf("Pin = %v", err)
	}
}
