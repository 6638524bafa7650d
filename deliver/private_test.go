package deliver_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
)

// TestWhatHasBecomePrivateIsNotToldAsItWas: changes from before an event became private
// are still to be told, tried again, told again, read again. Nobody is told what it said
// then who is not shown private events; whoever is, is.
func TestWhatHasBecomePrivateIsNotToldAsItWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil)
		n := 0
		happens := func(id, sensitivity string) {
			n++
			s.item(t, id, fmt.Sprintf(`{"id":%q,"@odata.etag":"W/\"%d\"","subject":"Canary of %s","sensitivity":%q,"start":{"dateTime":"2026-03-02T08:00:00","timeZone":"UTC"}}`, id, n, id, sensitivity))
		}
		s.shop.set(says(http.StatusUnprocessableEntity))
		stop := s.run(t)
		for _, id := range []string{"public", "secret", "deleted", "reopened"} {
			happens(id, "normal")
		}
		time.Sleep(time.Minute) // they fail, and are kept
		happens("secret", "private")
		happens("deleted", "confidential")
		s.item(t, "deleted", "")
		happens("reopened", "private")
		happens("reopened", "normal")
		s.shop.set(nil)
		time.Sleep(time.Hour)
		hears := func(exit string, said []string, whole ...string) {
			t.Helper()
			all := strings.Join(said, "\n")
			for _, id := range []string{"public", "secret", "deleted", "reopened"} {
				if told := strings.Contains(all, "Canary of "+id); told != slices.Contains(whole, id) {
					t.Errorf("%s tells of %s: %v", exit, id, told)
				}
			}
		}
		taken := func() (bodies []string) {
			s.shop.mu.Lock()
			defer s.shop.mu.Unlock()
			bodies, s.shop.bodies = s.shop.bodies, nil
			return bodies
		}
		hears("what was tried again", taken(), "public", "reopened")
		if _, err := s.desk().Replay(t.Context(), deliver.Asked{Sink: "shop"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		hears("a replay", taken(), "public", "reopened")
		if _, err := s.desk().Replay(t.Context(), deliver.Asked{Sink: "shop", Snapshot: true}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		hears("a snapshot", taken(), "public", "reopened")
		stop()
		first := int64(0)
		stream, err := s.desk().Stream(t.Context(), "office", "", &first, nil)
		if err != nil {
			t.Fatal(err)
		}
		list, _, err := stream.Next(t.Context(), 100)
		if err != nil {
			t.Fatal(err)
		}
		hears("who listens", itemsOf(list), "public", "reopened")
		for privacy, whole := range map[deliver.Privacy][]string{deliver.TimeOnly: {"public", "reopened"}, deliver.Drop: {"public", "reopened"}, deliver.Full: {"public", "secret", "deleted", "reopened"}} {
			follow, err := deliver.Follower{Desk: s.desk(), Head: s.Store}.Follow(t.Context(), map[string]deliver.Shape{"office": {Private: privacy}}, 0, time.Time{})
			if err != nil {
				t.Fatal(err)
			}
			list, _, err := follow.Next(t.Context(), 100)
			if err != nil {
				t.Fatal(err)
			}
			hears("who follows with private: "+string(privacy), itemsOf(list), whole...)
		}
	})
}

func itemsOf(list []graphwarden.Envelope) (out []string) {
	for _, e := range list {
		out = append(out, string(e.Data.Item))
	}
	return out
}
