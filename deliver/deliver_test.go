package deliver_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/seal"
)

// set is a Deliver over a rig, with one sink.
type set struct {
	*rig.Rig
	shop    *shop
	deliver *deliver.Deliver
	close   func() // takes the receiver off the network
}

const shopHost = "shop.test:80"

func put(t testing.TB, plan *faulty.Plan) *set {
	t.Helper()
	s := &set{Rig: rig.New(t, plan), shop: &shop{key: []byte(strings.Repeat("k", 32))}}
	s.close = s.Net.Serve(shopHost, s.shop)
	s.deliver = s.with(plan, "http://shop.test/hook")
	return s
}

// with makes a Deliver for a sink at an address.
func (s *set) with(plan *faulty.Plan, address string, change ...func(*deliver.Config)) *deliver.Deliver {
	client := s.Net.Client()
	if plan != nil {
		client.Transport = faulty.RoundTripper{Plan: plan, Next: client.Transport}
	}
	c := deliver.Config{
		Targets: []deliver.Target{{
			Sink: graphwarden.Sink{Name: "shop", App: "crm", Flow: "office", URL: address},
			Keys: deliver.Fixed{seal.New(s.shop.key)},
		}},
		Store: s.Store, Books: s.Store, Holder: "one", Doer: client, Log: rig.Log(),
		Now: time.Now, Random: rand.New(rand.NewPCG(1, 2)),
		Span: 12 * time.Hour, // days pass in these tests, and each sign of life is a commit
	}
	if plan != nil {
		c.Span = 0
	}
	for _, f := range change {
		f(&c)
	}
	return deliver.New(c)
}

func (s *set) run(t testing.TB) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.deliver.Run(ctx) }()
	return func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("Run = %v", err)
		}
	}
}

// happen stores changes told as a story, "a1 b1 a2 bx": item and version, x being
// a deletion.
func (s *set) happen(t testing.TB, story string) {
	t.Helper()
	if err := s.try(t, story); err != nil {
		t.Fatal(err)
	}
}

func (s *set) wants(t *testing.T, story string) {
	t.Helper()
	got := strings.Fields(s.shop.story())
	slices.Sort(got) // items are independent of each other
	if want := strings.Fields(story); !slices.Equal(got, want) {
		t.Errorf("the receiver has %q, want %q", got, want)
	}
	s.shop.mu.Lock()
	defer s.shop.mu.Unlock()
	if len(s.shop.wrong) > 0 {
		t.Errorf("the receiver could not verify: %q", s.shop.wrong)
	}
}

func TestAChangeArrivesSignedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		stop := s.run(t)
		defer stop()
		synctest.Wait()
		begun := time.Now()
		s.happen(t, "a1 ax")
		synctest.Wait()
		s.wants(t, "a1x")
		if took := time.Since(begun); took != 0 {
			t.Errorf("it took %s although nothing was slow", took)
		}
		e := s.shop.got[0]
		if e.SpecVersion != "1.0" || e.Type != "com.graphwarden.event.created" || e.Subject != "a" || e.Sequence != 1 || !e.Time.Equal(begun) {
			t.Errorf("the envelope is %+v", e)
		}
		if want := "/tenants/contoso/mailboxes/" + rig.Alice + "/calendars/AAMkCalendar%2F="; e.Source != want {
			t.Errorf("the source is %s, want %s", e.Source, want)
		}
		if e.Data.Mailbox != "alice@contoso.com" || e.Data.Calendar != "Work" {
			t.Errorf("the data is %+v", e.Data)
		}
		if !strings.Contains(s.shop.bodies[0], `"<b>&amp;</b>"`) {
			t.Errorf("the item was rewritten: %s", s.shop.bodies[0])
		}
		if last := s.shop.got[1]; last.Type != "com.graphwarden.event.deleted" || last.Data.Item != nil || strings.Contains(s.shop.bodies[1], `"item"`) {
			t.Errorf("the deletion is %+v", last)
		}
		if s.shop.got[0].ID == s.shop.got[1].ID {
			t.Error("two changes have one id")
		}
	})
}

func TestADeclinedItemWaitsAndTheOthersGoOn(t *testing.T) {
	for _, status := range []int{301, 400, 401, 404, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil)
				s.shop.set(func(w http.ResponseWriter, e graphwarden.Envelope) bool {
					if e.Subject == "a" {
						w.WriteHeader(status)
						return false
					}
					return true
				})
				stop := s.run(t)
				defer stop()
				s.happen(t, "a1 b1 a2 c1 b2")
				time.Sleep(time.Second)
				s.wants(t, "b12 c1")
				s.happen(t, "a3 d1")
				time.Sleep(time.Second)
				s.wants(t, "b12 c1 d1")
				s.shop.set(nil)
				time.Sleep(time.Minute)
				s.wants(t, "a123 b12 c1 d1")
			})
		})
	}
}

// TestManyDeclinedItemsDoNotHoldUpTheGoodOnes: more items are declined than it
// takes for a receiver to count as down.
func TestManyDeclinedItemsDoNotHoldUpTheGoodOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.shop.set(func(w http.ResponseWriter, e graphwarden.Envelope) bool {
			if e.Subject < "a" { // a capital
				w.WriteHeader(http.StatusUnprocessableEntity)
				return false
			}
			return true
		})
		stop := s.run(t)
		defer stop()
		s.happen(t, "A1 B1 C1 D1 E1 F1 G1 H1 I1 J1 K1 L1 M1 N1 O1")
		time.Sleep(time.Second)
		for n := range 200 {
			s.happen(t, fmt.Sprintf("%c%d", 'a'+n%5, n/5%10))
			time.Sleep(3 * time.Second)
			if _, taken := s.shop.counts(); taken != n+1 {
				t.Fatalf("%d of %d good changes were taken", taken, n+1)
			}
		}
		hits, taken := s.shop.counts()
		if declined := hits - taken; declined > 15*12 {
			t.Errorf("what is declined was tried %d times in ten minutes", declined)
		}
	})
}

func TestALaterChangeOfAnItemNeverOvertakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		declined := 0
		s.shop.set(func(w http.ResponseWriter, e graphwarden.Envelope) bool {
			if strings.Contains(string(e.Data.Item), `"n":"1"`) && declined < 2 {
				declined++
				w.WriteHeader(http.StatusInternalServerError)
				return false
			}
			return true
		})
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1 a2 a3")
		time.Sleep(time.Second)
		s.wants(t, "")
		s.happen(t, "a4")
		time.Sleep(time.Minute)
		s.wants(t, "a1234")
	})
}

func TestAReceiverFoundDownIsNotTriedWithTheWholeBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.shop.set(func(w http.ResponseWriter, _ graphwarden.Envelope) bool {
			time.Sleep(time.Millisecond)
			w.WriteHeader(http.StatusServiceUnavailable)
			return false
		})
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1 b1 c1 d1 e1 f1 g1 h1 i1 j1 k1 l1 m1 n1 o1 p1 q1 r1 s1 t1")
		time.Sleep(500 * time.Millisecond)
		if hits, _ := s.shop.counts(); hits != 8 {
			t.Errorf("hit %d times, want those 8 that were on their way together", hits)
		}
	})
}

// TestTheWaitOfAReceiverThatIsDownDoubles: 1, 2, 4 … seconds, although each time
// one delivery that failed and a new one are tried.
func TestTheWaitOfAReceiverThatIsDownDoubles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		begun := time.Now()
		var at []time.Duration // of each look, about
		s.shop.set(func(w http.ResponseWriter, _ graphwarden.Envelope) bool {
			s.shop.mu.Lock()
			defer s.shop.mu.Unlock()
			if since := time.Since(begun); len(at) == 0 || since > at[len(at)-1]+100*time.Millisecond {
				at = append(at, since)
			}
			w.WriteHeader(http.StatusServiceUnavailable)
			return false
		})
		s.happen(t, "a1 b1")
		stop := s.run(t)
		defer stop()
		time.Sleep(500 * time.Millisecond)
		s.happen(t, "c1 d1 e1 f1 g1 h1 i1 j1 k1 l1 m1 n1 o1 p1 q1 r1 s1 t1")
		time.Sleep(34500 * time.Millisecond)
		synctest.Wait()
		if len(at) != 6 { // at 0, 1, 3, 7, 15 and 31 s
			t.Errorf("it was looked for at %v", at)
		}
	})
}

func TestADeclinedItemIsTriedEverMoreSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.shop.set(says(422))
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1")
		time.Sleep(time.Minute)
		early, _ := s.shop.counts()
		if early < 3 || early > 5 {
			t.Errorf("%d attempts in the first minute, want 4", early)
		}
		time.Sleep(8 * time.Hour)
		all, _ := s.shop.counts()
		if all < 12 || all > 14 {
			t.Errorf("%d attempts in eight hours", all)
		}
		row, err := s.Store.DueDeliveries(t.Context(), "shop", 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(row) == 1 && row[0].Reason != "The receiver answered 422." {
			t.Errorf("the reason is %q", row[0].Reason)
		}
		s.shop.set(nil)
		time.Sleep(5 * time.Hour)
		s.wants(t, "a1")
	})
}

func TestAReceiverThatIsDownLosesNothingAndCatchesUpAtOnce(t *testing.T) {
	for situation, test := range map[string]struct {
		down func(s *set)
		up   func(s *set)
		hits int // in an hour: about two a minute
	}{
		"not there":   {func(s *set) { s.close() }, func(s *set) { s.Net.Serve(shopHost, s.shop) }, 1},
		"unavailable": {func(s *set) { s.shop.set(says(503)) }, func(s *set) { s.shop.set(nil) }, 170},
		"throttling":  {func(s *set) { s.shop.set(says(429)) }, func(s *set) { s.shop.set(nil) }, 170},
		"breaking off": {func(s *set) {
			s.shop.set(func(http.ResponseWriter, graphwarden.Envelope) bool { panic(http.ErrAbortHandler) })
		}, func(s *set) { s.shop.set(nil) }, 170},
		"hanging": {func(s *set) {
			s.shop.set(func(http.ResponseWriter, graphwarden.Envelope) bool { time.Sleep(20 * time.Second); return false })
		}, func(s *set) { s.shop.set(nil) }, 170},
		"declining all": {func(s *set) { s.shop.set(says(500)) }, func(s *set) { s.shop.set(nil) }, 170},
	} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil)
				stop := s.run(t)
				defer stop()
				s.happen(t, "a1")
				time.Sleep(time.Second)
				test.down(s)
				var want []string
				for n := range 300 {
					s.happen(t, fmt.Sprintf("%c%d", 'b'+n%20, n/20%10))
				}
				for n := range 20 {
					want = append(want, fmt.Sprintf("%c0123456789", 'b'+n)+"01234")
				}
				time.Sleep(time.Hour)
				if hits, _ := s.shop.counts(); hits > test.hits {
					t.Errorf("the receiver was hit %d times while it was down, want %d at most", hits, test.hits)
				}
				test.up(s)
				time.Sleep(90 * time.Second)
				got := strings.Fields(s.shop.story())
				slices.Sort(got)
				if want := append([]string{"a1"}, want...); !slices.Equal(got, want) {
					t.Errorf("the receiver has\n%q\nwant\n%q", got, want)
				}
			})
		})
	}
}

func TestAReceiverIsWaitedForAsLongAsItAsks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.shop.set(func(w http.ResponseWriter, _ graphwarden.Envelope) bool {
			w.Header().Set("Retry-After", "600")
			w.WriteHeader(http.StatusTooManyRequests)
			return false
		})
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1 b1 c1")
		time.Sleep(9 * time.Minute)
		if hits, _ := s.shop.counts(); hits > 3 {
			t.Errorf("the receiver was hit %d times", hits)
		}
		s.shop.set(nil)
		time.Sleep(2 * time.Minute)
		s.wants(t, "a1 b1 c1")
	})
}

func TestAReceiverThatWantsNothingMoreIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.shop.set(says(http.StatusGone))
		stop := s.run(t)
		s.happen(t, "a1")
		time.Sleep(time.Second)
		before, _ := s.shop.counts()
		s.happen(t, "b1")
		time.Sleep(3 * time.Hour)
		if hits, _ := s.shop.counts(); hits != before || before != 1 {
			t.Errorf("hit %d times, then %d", before, hits)
		}
		stop()
		s.shop.set(nil)
		s.deliver = s.with(nil, "http://shop.test/elsewhere") // a new address enables it again
		stop = s.run(t)
		time.Sleep(time.Minute)
		stop()
		s.wants(t, "a1 b1")
	})
}

func TestOneSinkDoesNotHoldUpAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		slow := &shop{key: s.shop.key, answer: func(http.ResponseWriter, graphwarden.Envelope) bool { time.Sleep(14 * time.Second); return true }}
		s.Net.Serve("slow.test:80", slow)
		s.deliver = deliver.New(deliver.Config{
			Targets: []deliver.Target{
				{Sink: graphwarden.Sink{Name: "slow", App: "crm", Flow: "office", URL: "http://slow.test/"}, Keys: deliver.Fixed{seal.New(s.shop.key)}},
				{Sink: graphwarden.Sink{Name: "shop", App: "crm", Flow: "office", URL: "http://shop.test/"}, Keys: deliver.Fixed{seal.New(s.shop.key)}},
			},
			Store: s.Store, Books: s.Store, Holder: "one", Doer: s.Net.Client(), Log: rig.Log(),
			Now: time.Now, Random: rand.New(rand.NewPCG(1, 2)),
		})
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1 a2 a3")
		synctest.Wait()
		s.wants(t, "a123")
		time.Sleep(time.Minute)
		if got := slow.story(); got != "a123" {
			t.Errorf("the slow one has %q", got)
		}
	})
}

func TestItemsTravelTogetherAndEachInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.shop.set(func(http.ResponseWriter, graphwarden.Envelope) bool { time.Sleep(time.Second); return true })
		stop := s.run(t)
		defer stop()
		s.happen(t, "a1 b1 c1 d1 e1 f1 g1 h1 i1 j1 a2 b2 a3")
		time.Sleep(10 * time.Second)
		if got := s.shop.story(); !strings.Contains(got, "a123") || !strings.Contains(got, "b12") {
			t.Errorf("the receiver has %q", got)
		}
		if s.shop.most != 8 {
			t.Errorf("%d deliveries were on their way together, want 8", s.shop.most)
		}
	})
}

// TestACutDeliversAgainUnderTheSameID cuts the sending and the storing of an
// acknowledgement: nothing is lost, and who removes doubles by id has each change
// once and in order.
func TestACutDeliversAgainUnderTheSameID(t *testing.T) {
	var cuts []faulty.Cut
	for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
		for nth := range 4 {
			cuts = append(cuts, faulty.Cut{Step: "POST /hook", Nth: nth + 1, At: at})
		}
		for nth := 2; nth <= 9; nth++ { // the first commit makes the sink known, the second takes the duty
			cuts = append(cuts, faulty.Cut{Step: "commit", Nth: nth, At: at})
		}
	}
	for _, cut := range cuts {
		t.Run(fmt.Sprintf("%s %d %s", cut.Step[:4], cut.Nth, cut.At), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				plan := faulty.NewPlan(t, cut)
				s := put(t, plan)
				stop := s.run(t)
				synctest.Wait()
				for _, story := range []string{"a1", "b1 a2", "a3 c1"} {
					// A change that is not stored is told again, as a feed would.
					for range 2 {
						err := s.try(t, story)
						if err == nil {
							break
						}
					}
					time.Sleep(10 * time.Second)
				}
				time.Sleep(time.Minute)
				stop()
				got := strings.Fields(s.shop.story())
				slices.Sort(got)
				if want := []string{"a123", "b1", "c1"}; !slices.Equal(got, want) {
					t.Errorf("the receiver has %q, want %q", got, want)
				}
			})
		})
	}
}

// try is happen for a store that may be cut.
func (s *set) try(t testing.TB, story string) error {
	t.Helper()
	return s.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		feed, err := s.Store.EnsureFeed(ctx, tx, graphwarden.Feed{
			Flow: "office", Tenant: "contoso", Mailbox: s.Flow.Mailboxes[0], Resource: "AAMkCalendar/=", Title: "Work"})
		if err != nil {
			return err
		}
		page := graphwarden.Page{Next: graphwarden.Cursor(fmt.Sprint("after ", story, time.Now()))}
		for _, word := range strings.Fields(story) {
			item := graphwarden.Item{ID: word[:1], Removed: word[1:] == "x"}
			if !item.Removed {
				item.Body = json.RawMessage(`{"id":"` + word[:1] + `", "n":"` + word[1:] + `","html":"<b>&amp;</b>"}`)
			}
			page.Items = append(page.Items, item)
		}
		tx.AfterCommit(s.deliver.Wake)
		_, err = s.Store.ApplyPage(ctx, tx, feed, page)
		return err
	})
}

// item stores an item of any name.
func (s *set) item(t testing.TB, id string, body ...string) {
	t.Helper()
	text := `{"id":"` + id + `","n":"1"}`
	if len(body) > 0 {
		text = body[0]
	}
	err := s.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		feed, err := s.Store.EnsureFeed(ctx, tx, graphwarden.Feed{
			Flow: "office", Tenant: "contoso", Mailbox: s.Flow.Mailboxes[0], Resource: "AAMkCalendar/=", Title: "Work"})
		if err != nil {
			return err
		}
		tx.AfterCommit(s.deliver.Wake)
		_, err = s.Store.ApplyPage(ctx, tx, feed, graphwarden.Page{Next: graphwarden.Cursor("after " + id + text),
			Items: []graphwarden.Item{{ID: id, Body: json.RawMessage(text), Removed: text == ""}}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestStoppingAccountsForWhatIsUnderWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.shop.set(func(_ http.ResponseWriter, e graphwarden.Envelope) bool {
			if e.Subject == "b" {
				time.Sleep(10 * time.Second)
			}
			return true
		})
		stop := s.run(t)
		s.happen(t, "a1 b1")
		time.Sleep(time.Second)
		stop()
		given, err := s.Store.DueDeliveries(t.Context(), "shop", 10)
		if err != nil || len(given) != 1 || given[0].Attempt != 0 || given[0].Reason != "" {
			t.Errorf("what was given up half way is kept as %+v, %v", given, err)
		}
		s.shop.set(nil)
		stop = s.run(t)
		time.Sleep(10 * time.Second)
		stop()
		s.wants(t, "a1 b1")
		if _, taken := s.shop.counts(); taken != 3 { // b twice, as it was given up half way
			t.Errorf("%d deliveries were taken", taken)
		}
	})
}

func TestSecretsAreReadAsStandardWebhooksWritesThem(t *testing.T) {
	encode := func(n int) string { return base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", n))) }
	for _, test := range []struct {
		text string
		good bool
	}{
		{"whsec_" + encode(24), true},
		{"whsec_" + encode(64), true},
		{"whsec_" + encode(23), false},
		{"whsec_" + encode(65), false},
		{encode(32), false},
		{"whsec_", false},
		{"whsec_???", false},
		{"", false},
	} {
		secret, err := deliver.ParseSecret(test.text)
		var refusal *graphwarden.Refusal
		if test.good && (err != nil || secret.Empty()) || !test.good && (!errors.As(err, &refusal) || refusal.Code != "deliver.secret") {
			t.Errorf("%q: %v", test.text, err)
		}
		if err != nil && test.text != "" && len(test.text) > 20 && strings.Contains(fmt.Sprintf("%+v", err), test.text) {
			t.Error("the refusal shows the secret")
		}
	}
}
