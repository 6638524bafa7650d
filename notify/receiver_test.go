package notify_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/notify"
)

const (
	first  = "7f105c7d-2dc5-4530-97cd-4e7ae6534c07"
	second = "b1e7a3c4-0d7d-4f7e-9a77-0f6d1b1f2a55"
	state  = "a-state-that-only-microsoft-knows"
)

// door is a receiver over a rig with one feed and one subscription of Alice's.
type door struct {
	*rig.Rig
	receiver       *notify.Receiver
	marked, lapsed atomic.Int64
}

func open(t *testing.T, plan *faulty.Plan) *door {
	t.Helper()
	d := &door{Rig: rig.New(t, plan)}
	d.receiver = notify.NewReceiver(d.Store, d.Store, rig.Log(),
		func() { d.marked.Add(1) }, func() { d.lapsed.Add(1) })
	d.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		feed := graphwarden.Feed{Flow: "office", Tenant: "contoso", Mailbox: d.Flow.Mailboxes[0], Resource: "calendar", Title: "Calendar"}
		if _, err := d.Store.EnsureFeed(ctx, tx, feed); err != nil {
			return err
		}
		if err := d.Store.PutSubscription(ctx, tx, subscription(first, d.Flow.Mailboxes[0], state, tx.Now())); err != nil {
			return err
		}
		return d.Store.PutSubscription(ctx, tx, subscription(second, d.Flow.Mailboxes[1], "", tx.Now()))
	})
	return d
}

func subscription(id string, m graphwarden.Mailbox, state string, now time.Time) graphwarden.Subscription {
	return graphwarden.Subscription{
		ID: id, Flow: "office", Tenant: "contoso", Mailbox: m, Resource: "users/" + m.ID + "/events", Address: address,
		ClientState: state, ExpiresAt: now.Add(24 * time.Hour), RenewAt: now.Add(12 * time.Hour),
	}
}

func (d *door) update(t *testing.T, f func(context.Context, graphwarden.Tx) error) {
	t.Helper()
	if err := d.Store.Update(t.Context(), f); err != nil {
		t.Fatal(err)
	}
}

// dirty says whether Alice's feed has a mark.
func (d *door) dirty(t *testing.T) bool {
	t.Helper()
	feeds, err := d.Store.Feeds(t.Context(), "office")
	if err != nil || len(feeds) != 1 {
		t.Fatal(feeds, err)
	}
	return feeds[0].Dirty
}

func (d *door) post(t *testing.T, body string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	d.receiver.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, notify.Path, strings.NewReader(body)))
	return w
}

// told writes a notification as Microsoft does (graph-facts §4.4).
func told(id, state string) string {
	return fmt.Sprintf(`{"subscriptionId":%q,"subscriptionExpirationDateTime":"2026-11-22T09:00:00+00:00","clientState":%q,"changeType":"updated",
"resource":"Users/x/Events/AAMk","tenantId":%q,"resourceData":{"@odata.type":"#Microsoft.Graph.Event","id":"AAMk"}}`, id, state, rig.Tenant)
}

func lifecycle(id, state, event string) string {
	return fmt.Sprintf(`{"subscriptionId":%q,"clientState":%q,"tenantId":%q,"lifecycleEvent":%q}`, id, state, rig.Tenant, event)
}

func batch(items ...string) string { return `{"value":[` + strings.Join(items, ",") + `]}` }

func TestTheHandshakeIsAnsweredAsText(t *testing.T) {
	d := open(t, nil)
	for _, test := range []struct {
		situation, token, answer string
		status                   int
	}{
		{"Microsoft's", "Validation: Testing client application reachability for subscription Request-Id: 4fd7a5a1-63ab", "", 200},
		{"markup", `<script>alert("x")</script>`, "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;", 200},
		{"as long as allowed", strings.Repeat("x", 2048), "", 200},
		{"too long", strings.Repeat("x", 2049), "not a validation token\n", 400},
		{"empty", "", "not a validation token\n", 400},
	} {
		t.Run(test.situation, func(t *testing.T) {
			w := httptest.NewRecorder()
			d.receiver.ServeHTTP(w, httptest.NewRequest(http.MethodPost, notify.Path+"?validationToken="+url.QueryEscape(test.token), nil))
			want := test.answer
			if want == "" {
				want = test.token
			}
			if w.Code != test.status || w.Body.String() != want {
				t.Errorf("answered %d %q", w.Code, w.Body)
			}
			if h := w.Header(); h.Get("Content-Type") != "text/plain; charset=utf-8" || h.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("answered with %v", h)
			}
		})
	}
}

func TestOnlyAGenuineNotificationMarks(t *testing.T) {
	for _, test := range []struct {
		situation string
		body      string
		status    int
		marks     bool
	}{
		{"genuine", batch(told(first, state)), 202, true},
		{"genuine among forged", batch(told(first, "x"), told(first, state), told(second, state)), 202, true},
		{"doubled", batch(told(first, state), told(first, state)), 202, true},
		{"missed", batch(lifecycle(first, state, "missed")), 202, true},
		{"of an event that we do not know yet", batch(lifecycle(first, state, "somethingNew")), 202, true},
		{"another state", batch(told(first, "b-state-that-only-microsoft-knows")), 202, false},
		{"a shorter state", batch(told(first, state[:5])), 202, false},
		{"a longer state", batch(told(first, state+"x")), 202, false},
		{"no state", batch(told(first, "")), 202, false},
		{"no state for a subscription without", batch(told(second, "")), 202, false},
		{"another subscription", batch(told("00000000-0000-0000-0000-000000000000", state)), 202, false},
		{"no subscription", batch(told("", state)), 202, false},
		{"a forged lifecycle event", batch(lifecycle(first, "x", "subscriptionRemoved")), 202, false},
		{"nothing", batch(), 202, false},
		{"no batch", `{}`, 202, false},
		{"no object", `[]`, 400, false},
		{"no JSON", `hello`, 400, false},
		{"cut off", `{"value":[` + told(first, state), 400, false},
		{"an empty body", ``, 400, false},
		{"endless", `{"value":[` + strings.Repeat(" ", 5<<20) + `]}`, 400, false},
	} {
		t.Run(test.situation, func(t *testing.T) {
			d := open(t, nil)
			if w := d.post(t, test.body); w.Code != test.status {
				t.Errorf("answered %d, want %d", w.Code, test.status)
			}
			if got := d.dirty(t); got != test.marks {
				t.Errorf("marked: %t", got)
			}
			if got := d.marked.Load() > 0; got != test.marks {
				t.Errorf("the mirror was woken: %t", got)
			}
			if s, known, err := d.Store.SubscriptionByID(t.Context(), first); err != nil || !known || s.ClientState != state {
				t.Errorf("the subscription is %+v, %t, %v", s, known, err)
			}
		})
	}
}

func TestOnlyPostIsUnderstood(t *testing.T) {
	d := open(t, nil)
	for _, method := range []string{http.MethodGet, http.MethodPut, http.MethodDelete, http.MethodHead} {
		w := httptest.NewRecorder()
		d.receiver.ServeHTTP(w, httptest.NewRequest(method, notify.Path+"?validationToken=x", nil))
		if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != http.MethodPost {
			t.Errorf("%s is answered %d", method, w.Code)
		}
	}
}

func TestLifecycleEventsReachTheKeeper(t *testing.T) {
	d := open(t, nil)
	if w := d.post(t, batch(lifecycle(first, state, "reauthorizationRequired"))); w.Code != 202 || d.lapsed.Load() != 1 || d.dirty(t) {
		t.Fatalf("answered %d, the keeper was woken %d times", w.Code, d.lapsed.Load())
	}
	due, err := d.Store.DueSubscriptions(t.Context(), time.Now(), 10)
	if err != nil || len(due) != 1 || due[0].ID != first {
		t.Errorf("due are %+v, %v", due, err)
	}
	if w := d.post(t, batch(lifecycle(first, state, "subscriptionRemoved"))); w.Code != 202 || d.lapsed.Load() != 2 || !d.dirty(t) {
		t.Fatalf("answered %d, the keeper was woken %d times, marked: %t", w.Code, d.lapsed.Load(), d.dirty(t))
	}
	if _, known, err := d.Store.SubscriptionByID(t.Context(), first); known || err != nil {
		t.Errorf("the subscription is still known: %v", err)
	}
}

// TestTheAnswerFollowsTheMark cuts the commit before and after its effect: without
// the word of it there is no 2xx, so Microsoft sends the notification again.
func TestTheAnswerFollowsTheMark(t *testing.T) {
	for _, test := range []struct {
		at     faulty.Moment
		marked bool
	}{{faulty.Before, false}, {faulty.After, true}} {
		t.Run(string(test.at), func(t *testing.T) {
			d := open(t, faulty.NewPlan(t, faulty.Cut{Step: "commit", Nth: 2, At: test.at})) // the first one is open's
			if w := d.post(t, batch(told(first, state))); w.Code != http.StatusServiceUnavailable {
				t.Errorf("answered %d", w.Code)
			}
			if got := d.dirty(t); got != test.marked {
				t.Errorf("marked: %t", got)
			}
			if w := d.post(t, batch(told(first, state))); w.Code != 202 || !d.dirty(t) {
				t.Errorf("answered %d the second time, marked: %t", w.Code, d.dirty(t))
			}
		})
	}
}

// TestAStalledDiskIsAnsweredInTime: Microsoft calls an endpoint slow that takes
// three seconds (graph-facts §4.4, R35).
func TestAStalledDiskIsAnsweredInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := open(t, nil)
		held := make(chan error, 1)
		go func() {
			held <- d.Store.Update(t.Context(), func(context.Context, graphwarden.Tx) error {
				time.Sleep(time.Minute)
				return nil
			})
		}()
		time.Sleep(time.Millisecond)
		begun := time.Now()
		w := d.post(t, batch(told(first, state)))
		if took := time.Since(begun); took > 2500*time.Millisecond || w.Code != http.StatusServiceUnavailable {
			t.Errorf("answered %d after %s", w.Code, took)
		}
		var at, late atomic.Int64
		var all sync.WaitGroup
		for range 600 {
			all.Go(func() {
				begun := time.Now()
				d.post(t, batch(told(first, state)))
				if time.Since(begun) == 0 {
					at.Add(1)
				} else {
					late.Add(1)
				}
			})
		}
		all.Wait()
		if late.Load() > 512 || at.Load() == 0 {
			t.Errorf("%d of 600 were turned away at once, %d waited for the disk", at.Load(), late.Load())
		}
		if err := <-held; err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // who waited for the disk is through
		if w := d.post(t, batch(told(first, state))); w.Code != 202 || !d.dirty(t) {
			t.Errorf("answered %d after the stall", w.Code)
		}
	})
}

func FuzzReceiver(f *testing.F) {
	f.Add(batch(told(first, state)), "")
	f.Add(batch(lifecycle(first, "x", "subscriptionRemoved")), "")
	f.Add(`{"value":[{"subscriptionId":null,"clientState":{}}]}`, "t")
	f.Add(`{"value":{"a":1}}`, "<x>")
	r := rig.New(f, nil)
	receiver := notify.NewReceiver(r.Store, r.Store, rig.Log(), func() { f.Error("a stranger marked something") }, func() { f.Error("a stranger reached the keeper") })
	err := r.Store.Update(f.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		return r.Store.PutSubscription(ctx, tx, subscription(first, r.Flow.Mailboxes[0], "unguessable", tx.Now()))
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body, token string) {
		path := notify.Path
		if token != "" {
			path += "?validationToken=" + url.QueryEscape(token)
		}
		w := httptest.NewRecorder()
		receiver.ServeHTTP(w, httptest.NewRequest(http.MethodPost, path, strings.NewReader(body)))
		if w.Code != 200 && w.Code != 202 && w.Code != 400 {
			t.Fatalf("answered %d", w.Code)
		}
		if strings.ContainsAny(w.Body.String(), "<>") {
			t.Fatalf("answered with markup: %q", w.Body)
		}
	})
}

func TestAPortThatCannotBeHadSaysWhy(t *testing.T) {
	taken, err := notify.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, test := range []struct{ address, code string }{
		{taken.Addr().String(), "notify.port_in_use"},
		{"127.0.0.1:nothing", "notify.address"},
		{"192.0.2.1:80", "notify.address"},
		{"nonsense", "notify.address"},
	} {
		l, err := notify.Listen(t.Context(), test.address)
		if err == nil {
			l.Close()
		}
		var refusal *graphwarden.Refusal
		if !errors.As(err, &refusal) || refusal.Code != test.code || !strings.Contains(refusal.Say, test.address) || refusal.Do == "" {
			t.Errorf("listening at %s gave %v", test.address, err)
		}
	}
}
