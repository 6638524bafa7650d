package deliver_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
)

// TestWhoReadsChangesIsNotToldItsOwnEither: GET /v1/changes tells what a webhook
// tells, with the app's reference and write, and waits for the outcome of a write, but
// not for ever.
func TestWhoReadsChangesIsNotToldItsOwnEither(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		s.deliver = s.with(nil, "http://shop.test/hook", func(c *deliver.Config) {
			c.Origins, c.Targets[0].Writes = s.Store, true
		})
		follow, err := deliver.Follower{Desk: s.desk(), Head: s.Store}.Follow(t.Context(), map[string]deliver.Shape{"office": {}}, 0, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		hears := func(want ...string) {
			t.Helper()
			list, more, err := follow.Next(t.Context(), 100)
			if err != nil || more {
				t.Fatal(more, err)
			}
			var got []string
			for _, e := range list {
				got = append(got, e.Subject+" "+strings.TrimPrefix(e.Type, "com.graphwarden.event.")+" "+e.Data.Reference+" "+e.Data.Write)
			}
			if !slices.Equal(got, want) {
				t.Errorf("it hears %q, and not %q", got, want)
			}
		}
		s.wrote(t, "k1", `W/"5"`, graphwarden.IntentDone)
		for _, body := range []string{version(`W/"1"`, 1), version(`W/"2"`, 2), version(`W/"5"`, 5), version(`W/"6"`, 6)} {
			s.item(t, "a", body)
		}
		hears("a created deal-17 wrt_k1", "a updated deal-17 ")
		in := s.wrote(t, "k2", "", graphwarden.IntentOpen)
		s.item(t, "b")
		s.item(t, "a", version(`W/"7"`, 7))
		s.item(t, "c")
		hears("b created  ")
		hears()
		s.ended(t, in, `W/"7"`, graphwarden.IntentDone)
		hears("c created  ")
		s.wrote(t, "k3", "", graphwarden.IntentOpen)
		s.item(t, "a", version(`W/"9"`, 9))
		s.item(t, "d")
		hears()
		time.Sleep(time.Minute)
		hears("a updated deal-17 ", "d created  ")
	})
}
