package notify_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	mathrand "math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/notify"
)

// office answers the documented wire of subscriptions (graph-facts §4.1, §4.2).
type office struct {
	mu    sync.Mutex
	made  []made
	trips int
	last  int // number given to a subscription
	deny  int // status of every answer, when set
	// slowly, when set, is called before a subscription is made, by whoever asks.
	slowly func()
}

type made struct {
	ID        string
	Resource  string    `json:"resource"`
	State     string    `json:"clientState"`
	URL       string    `json:"notificationUrl"`
	Lifecycle string    `json:"lifecycleNotificationUrl"`
	Expires   time.Time `json:"expirationDateTime"`
}

func (o *office) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && o.slowly != nil {
		o.slowly()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if r.Method == http.MethodGet {
		o.list(w)
		return
	}
	o.trips++
	var asked made
	err := json.NewDecoder(r.Body).Decode(&asked)
	if r.Method == http.MethodDelete {
		o.made = slices.DeleteFunc(o.made, func(m made) bool { return strings.HasSuffix(r.URL.Path, m.ID) })
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if err != nil || o.deny != 0 || asked.Expires.After(time.Now().Add(10_070*time.Minute)) {
		w.WriteHeader(max(o.deny, http.StatusBadRequest))
		return
	}
	id := strings.TrimPrefix(r.URL.Path, "/v1.0/subscriptions/")
	if r.Method == http.MethodPost {
		o.last++
		asked.ID = fmt.Sprintf("00000000-0000-0000-0000-%012d", o.last)
		o.made = append(o.made, asked)
		w.WriteHeader(http.StatusCreated)
		answer(w, asked)
		return
	}
	for i := range o.made {
		if s := &o.made[i]; s.ID == id && s.Expires.After(time.Now()) {
			s.Expires = asked.Expires
			answer(w, *s)
			return
		}
	}
	w.WriteHeader(http.StatusNotFound)
	fmt.Fprint(w, `{"error":{"code":"ResourceNotFound"}}`)
}

// list answers what there is; the lock is held.
func (o *office) list(w http.ResponseWriter) {
	value := []map[string]any{}
	for _, s := range o.made {
		if s.Expires.After(time.Now()) {
			value = append(value, map[string]any{"id": s.ID, "resource": s.Resource, "notificationUrl": s.URL, "expirationDateTime": s.Expires.UTC().Format(time.RFC3339Nano)})
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"value": value})
}

func answer(w http.ResponseWriter, s made) {
	fmt.Fprintf(w, `{"id":%q,"expirationDateTime":%q}`, s.ID, s.Expires.UTC().Format(time.RFC3339Nano))
}

// alive lists the subscriptions of Alice's that live at Microsoft.
func (o *office) alive() []made {
	o.mu.Lock()
	defer o.mu.Unlock()
	var out []made
	for _, s := range o.made {
		if s.Expires.After(time.Now()) && strings.Contains(s.Resource, rig.Alice) {
			out = append(out, s)
		}
	}
	return out
}

func (o *office) remove() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range o.made {
		o.made[i].Expires = time.Time{}
	}
}

func (o *office) set(deny int) (trips int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.deny = deny
	trips, o.trips = o.trips, 0
	return trips
}

// roster counts how often it was looked through.
type roster struct {
	mu    sync.Mutex // guards flow
	flow  flow.Flow
	gone  bool // the configuration has another flow instead
	looks atomic.Int64
}

func (r *roster) Declares(name string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return name == r.flow.Name && !r.gone
}

func (r *roster) Flows() []flow.Flow {
	r.looks.Add(1)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone {
		other := r.flow
		other.Name, other.Mailboxes, other.Whole = "board", r.flow.Mailboxes[:1], true
		return []flow.Flow{other}
	}
	return []flow.Flow{r.flow}
}

// remove has the configuration have another flow instead.
func (r *roster) remove() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.gone = true
}

// change changes the flow while the keeper may look.
func (r *roster) change(f func(*flow.Flow)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	f(&r.flow)
}

// house is a keeper over a rig, for Alice alone.
type house struct {
	*rig.Rig
	office *office
	roster *roster
	keeper *notify.Keeper
	marked atomic.Int64
}

// update runs do in one update that must succeed.
func (h *house) update(t *testing.T, do func(context.Context, graphwarden.Tx) error) {
	t.Helper()
	if err := h.Store.Update(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

func keep(t *testing.T, plan *faulty.Plan, address string) *house {
	t.Helper()
	h := &house{Rig: rig.New(t, plan), office: &office{}}
	h.Microsoft.Answer(h.office.ServeHTTP)
	h.at(address)
	return h
}

// at has another keeper, as after a restart, that is reached at an address.
func (h *house) at(address string) {
	f := h.Flow
	f.Mailboxes = f.Mailboxes[:1]
	h.roster = &roster{flow: f}
	h.keeper = notify.NewKeeper(notify.KeeperConfig{
		Holds: h.Store, Holder: rand.Text(),
		Roster: h.roster, Source: graph.New(h.Gate), Store: h.Store, Marks: h.Store, Subscriptions: h.Store, Feeds: h.Store,
		Log: rig.Log(), Now: time.Now, Random: mathrand.New(mathrand.NewPCG(1, 2)), States: rand.Reader,
		Address: address, Life: 30 * 24 * time.Hour, // more than Microsoft allows
		Marked: func() { h.marked.Add(1) },
	})
}

const address = "https://warden.example" + notify.Path

func (h *house) run(t *testing.T) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- h.keeper.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	}
}

// stored is the only subscription that the store knows.
func (h *house) stored(t *testing.T) graphwarden.Subscription {
	t.Helper()
	all, err := h.Store.Subscriptions(t.Context(), "")
	if err != nil || len(all) != 1 {
		t.Fatalf("stored are %+v, %v", all, err)
	}
	return all[0]
}

// TestWhatIsNewIsNotPutOffByWhatFailedBefore: an attempt that began before somebody
// asked to try again, and fails after it, is tried again at once.
func TestWhatIsNewIsNotPutOffByWhatFailedBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		h.office.set(http.StatusForbidden)
		first := true
		h.office.slowly = func() {
			if first {
				first = false
				time.Sleep(2 * time.Second)
				return
			}
			h.office.set(0) // whoever comes now is taken
		}
		stop := h.run(t)
		defer stop()
		time.Sleep(time.Second) // it is about to be refused
		h.keeper.Retry("office", h.Flow.Mailboxes[0].ID)
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if len(h.office.alive()) != 1 {
			t.Errorf("alive are %+v", h.office.alive())
		}
	})
}

func TestASubscriptionLivesForWeeks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		if h.keeper.Awake("office", rig.Alice) {
			t.Error("awake before there is a subscription")
		}
		stop := h.run(t)
		defer stop()
		time.Sleep(time.Second)
		s, alive := h.stored(t), h.office.alive()
		if len(alive) != 1 || alive[0].URL != address || alive[0].Lifecycle != address || alive[0].State != s.ClientState || len(s.ClientState) < 32 {
			t.Fatalf("made %+v, stored %+v", alive, s)
		}
		if !h.keeper.Awake("office", rig.Alice) || h.keeper.Awake("office", rig.Bob) {
			t.Error("awake is not who has a subscription")
		}
		if h.marked.Load() != 1 {
			t.Error("what changed before the subscription is not looked for")
		}
		for range 21 {
			time.Sleep(24 * time.Hour)
			if len(h.office.alive()) != 1 || h.stored(t).ID != s.ID {
				t.Fatal("the subscription did not live on")
			}
		}
		if n := h.office.set(0); n < 4 || n > 8 {
			t.Errorf("%d calls in three weeks, want about one in four days", n)
		}
		if h.marked.Load() != 1 {
			t.Error("a renewal marked the mailbox")
		}
	})
}

func TestASubscriptionThatIsGoneIsMadeAnewAndTheGapRead(t *testing.T) {
	for situation, lose := range map[string]func(t *testing.T, h *house){
		"Microsoft forgot it, and the renewal finds out": func(t *testing.T, h *house) {
			h.office.remove()
			s := h.stored(t)
			s.RenewAt = time.Now()
			put(t, h, func(ctx context.Context, tx graphwarden.Tx) error { return h.Store.PutSubscription(ctx, tx, s) })
		},
		"Microsoft said that it was removed": func(t *testing.T, h *house) {
			h.office.remove()
			id := h.stored(t).ID
			put(t, h, func(ctx context.Context, tx graphwarden.Tx) error { return h.Store.DeleteSubscription(ctx, tx, id) })
		},
		"it expired while we were away": func(t *testing.T, h *house) {
			h.office.set(http.StatusServiceUnavailable)
			time.Sleep(8 * 24 * time.Hour)
			h.office.set(0)
		},
	} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := keep(t, nil, address)
				stop := h.run(t)
				defer stop()
				time.Sleep(time.Second)
				old := h.stored(t)
				lose(t, h)
				h.keeper.Wake()
				time.Sleep(20 * time.Minute)
				if s := h.stored(t); s.ID == old.ID || s.ClientState == old.ClientState || !s.ExpiresAt.After(time.Now()) {
					t.Errorf("stored is %+v", s)
				}
				if len(h.office.alive()) != 1 || h.marked.Load() != 2 || !h.keeper.Awake("office", rig.Alice) {
					t.Errorf("%d live, marked %d times", len(h.office.alive()), h.marked.Load())
				}
			})
		})
	}
}

func put(t *testing.T, h *house, f func(context.Context, graphwarden.Tx) error) {
	t.Helper()
	if err := h.Store.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// TestANewAddressTakesTheSubscriptionOver: the server has moved, and Microsoft
// notifies where nobody is.
func TestANewAddressTakesTheSubscriptionOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		stop := h.run(t)
		time.Sleep(time.Second)
		old := h.stored(t)
		stop()
		h.at("https://moved.example" + notify.Path)
		stop = h.run(t)
		defer stop()
		time.Sleep(time.Second)
		s, alive := h.stored(t), h.office.alive()
		if s.ID == old.ID || len(alive) != 1 || alive[0].ID != s.ID || alive[0].URL != "https://moved.example"+notify.Path {
			t.Errorf("stored %+v, alive %+v", s, alive)
		}
		if h.marked.Load() != 2 {
			t.Error("what changed meanwhile is not looked for")
		}
	})
}

func TestASubscriptionOfAnotherAddressWakesNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		stop := h.run(t)
		time.Sleep(time.Second)
		stop()
		h.office.set(http.StatusServiceUnavailable)
		h.at("https://moved.example" + notify.Path)
		stop = h.run(t)
		defer stop()
		time.Sleep(time.Second)
		if h.keeper.Awake("office", rig.Alice) {
			t.Error("awake by notifications that arrive elsewhere")
		}
	})
}

func TestWhatCannotBeMadeIsTriedSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, address)
		h.office.set(http.StatusForbidden)
		stop := h.run(t)
		defer stop()
		time.Sleep(10 * time.Minute)
		if n := h.office.set(http.StatusForbidden); n < 3 || n > 7 {
			t.Errorf("tried %d times in ten minutes", n)
		}
		time.Sleep(2 * time.Hour)
		if n := h.office.set(0); n < 7 || n > 9 {
			t.Errorf("tried %d times in two hours", n)
		}
		if h.keeper.Awake("office", rig.Alice) {
			t.Error("awake without a subscription")
		}
		time.Sleep(16 * time.Minute)
		if len(h.office.alive()) != 1 {
			t.Error("not made when it could be")
		}
		h.office.set(http.StatusForbidden)
		put(t, h, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.Store.DeleteSubscription(ctx, tx, h.stored(t).ID)
		})
		h.keeper.Wake()
		time.Sleep(time.Minute)
		if n := h.office.set(0); n != 3 {
			t.Errorf("tried %d times in the first minute of the next trouble, want 3", n)
		}
	})
}

func TestWithoutAPublicAddressThereAreNoSubscriptions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := keep(t, nil, "")
		stop := h.run(t)
		time.Sleep(time.Hour)
		stop()
		if n := h.office.set(0); n != 0 {
			t.Errorf("%d calls", n)
		}
	})
}

// TestACutLeavesOneLivingSubscription cuts the making and the storing of a
// subscription, and the storing of its renewal.
func TestACutLeavesOneLivingSubscription(t *testing.T) {
	const post = "POST /v1.0/subscriptions"
	patch := "PATCH /v1.0/subscriptions/00000000-0000-0000-0000-000000000001"
	// The commits are the decision's, the close's and the subscription's, and the
	// same again for the renewal.
	for _, cut := range []faulty.Cut{
		{Step: post, At: faulty.Before}, {Step: post, At: faulty.After},
		{Step: "commit", Nth: 3, At: faulty.Before}, {Step: "commit", Nth: 3, At: faulty.After},
		{Step: patch, At: faulty.Before}, {Step: patch, At: faulty.After},
		{Step: "commit", Nth: 6, At: faulty.Before}, {Step: "commit", Nth: 6, At: faulty.After},
	} {
		t.Run(fmt.Sprintf("%s %d %s", cut.Step[:5], cut.Nth, cut.At), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := keep(t, faulty.NewPlan(t, cut), address)
				stop := h.run(t)
				defer stop()
				for range 5 {
					time.Sleep(24 * time.Hour)
					s := h.stored(t)
					found := false
					for _, there := range h.office.alive() {
						found = found || there.ID == s.ID && there.State == s.ClientState
					}
					if !found || !h.keeper.Awake("office", rig.Alice) {
						t.Fatalf("stored is %+v, alive %+v", s, h.office.alive())
					}
				}
				if n := h.roster.looks.Load(); n > 2*5*24*12+50 {
					t.Errorf("looked through %d times in five days", n)
				}
			})
		})
	}
}
