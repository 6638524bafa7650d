package deliver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
)

// wrote keeps a write of the app on the item a, with its outcome when that is known.
func (s *set) wrote(t *testing.T, key, etag string, state graphwarden.IntentState) (in graphwarden.Intent) {
	t.Helper()
	err := s.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) (err error) {
		in, _, err = s.Store.PutIntent(ctx, tx, graphwarden.Intent{ID: "wrt_" + key, App: "crm", Key: key, Flow: "office", Tenant: "contoso",
			Mailbox: s.Flow.Mailboxes[0], Kind: graphwarden.UpdateEvent, Item: "a", Reference: "deal-17", Mark: key, Holder: "one", DueAt: tx.Now().Add(time.Hour)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if state != graphwarden.IntentOpen {
		s.ended(t, in, etag, state)
	}
	return in
}

func (s *set) ended(t *testing.T, in graphwarden.Intent, etag string, state graphwarden.IntentState) {
	t.Helper()
	in.Outcome = graphwarden.Outcome{State: state, ETag: etag, Result: json.RawMessage(`{"lastModifiedDateTime":"2026-03-02T08:00:05Z"}`)}
	err := s.Store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := s.Store.EndIntent(ctx, tx, in, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// version is the item a as somebody made it, some seconds after eight.
func version(etag string, second int) string {
	return fmt.Sprintf(`{"id":"a","@odata.etag":%q,"lastModifiedDateTime":"2026-03-02T08:00:%02dZ"}`, etag, second)
}

// TestAnAppIsNotToldWhatItWroteItself has versions of an item arrive that others made
// before, that the app wrote, and that others made after.
func TestAnAppIsNotToldWhatItWroteItself(t *testing.T) {
	for _, own := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			s := put(t, nil)
			s.deliver = s.with(nil, "http://shop.test/hook", func(c *deliver.Config) {
				c.Origins = s.Store
				c.Targets[0].Writes, c.Targets[0].Shape.Own = true, own
			})
			s.wrote(t, "k1", `W/"5"`, graphwarden.IntentDone)
			for _, body := range []string{version(`W/"1"`, 1), version(`W/"2"`, 2), version(`W/"5"`, 5), version(`W/"6"`, 6), ""} {
				s.item(t, "a", body)
			}
			stop := s.run(t)
			defer stop()
			synctest.Wait()
			want := []string{"created deal-17 wrt_k1", "updated deal-17 ", "deleted deal-17 "}
			if own {
				want = []string{"created deal-17 wrt_k1", "updated deal-17 wrt_k1", "updated deal-17 wrt_k1", "updated deal-17 ", "deleted deal-17 "}
			}
			if got := s.told(); !slices.Equal(got, want) {
				t.Errorf("with own=%t the app was told %q", own, got)
			}
		})
	}
}

// told says what the receiver was told, in order.
func (s *set) told() (out []string) {
	s.shop.mu.Lock()
	defer s.shop.mu.Unlock()
	for _, e := range s.shop.got {
		out = append(out, strings.TrimPrefix(e.Type, "com.graphwarden.event.")+" "+e.Data.Reference+" "+e.Data.Write)
	}
	return out
}

// TestAChangeWaitsForTheOutcomeOfAWrite has a version arrive before anybody knows
// whether the app wrote it, once when it did and once when it did not.
func TestAChangeWaitsForTheOutcomeOfAWrite(t *testing.T) {
	for etag, want := range map[string][]string{`W/"2"`: {"created  "}, `W/"9"`: {"created  ", "updated deal-17 "}} {
		synctest.Test(t, func(t *testing.T) {
			s := put(t, nil)
			s.deliver = s.with(nil, "http://shop.test/hook", func(c *deliver.Config) {
				c.Origins = s.Store
				c.Targets[0].Writes = true
			})
			s.item(t, "a", version(`W/"1"`, 1))
			stop := s.run(t)
			defer stop()
			synctest.Wait()
			in := s.wrote(t, "k1", "", graphwarden.IntentOpen)
			s.item(t, "a", version(`W/"2"`, 7))
			s.item(t, "b")
			time.Sleep(5 * time.Second)
			synctest.Wait()
			if got := s.told(); !slices.Equal(got, []string{"created  ", "created  "}) { // a and b
				t.Fatalf("while it waits, the app was told %q", got)
			}
			s.ended(t, in, etag, graphwarden.IntentDone)
			time.Sleep(2 * time.Second)
			synctest.Wait()
			if got := s.told(); !slices.Equal(got, append(want[:1:1], append([]string{"created  "}, want[1:]...)...)) {
				t.Errorf("the app was told %q", got)
			}
			states, err := s.Store.SinkStates(t.Context())
			if err != nil || len(states) != 1 || states[0].Refused != 0 {
				t.Errorf("waiting counts as a refusal: %+v, %v", states, err)
			}
		})
	}
}
