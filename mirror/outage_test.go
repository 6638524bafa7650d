package mirror_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// state plays the changes so far, as an app does that keeps a copy.
func (s *set) state(t *testing.T) map[string]string {
	t.Helper()
	changes, err := s.Store.ChangesAfter(t.Context(), "office", 0, 100_000)
	if err != nil {
		t.Fatal(err)
	}
	copied := map[string]string{}
	for _, c := range changes {
		_, there := copied[c.Item]
		if c.Kind == graphwarden.Deleted {
			delete(copied, c.Item)
			continue
		}
		if there == (c.Kind == graphwarden.Created) {
			t.Errorf("%s of %s, and it was there: %v", c.Kind, c.Item, there)
		}
		var e event
		if err := json.Unmarshal(c.Body, &e); err != nil {
			t.Fatal(err)
		}
		copied[c.Item] = e.Subject
	}
	return copied
}

// truth is what the office has.
func (o *office) truth(mailbox string) map[string]string {
	o.mu.Lock()
	defer o.mu.Unlock()
	out := map[string]string{}
	for _, c := range o.mailboxes[mailbox] {
		for _, e := range c.now() {
			out[e.ID] = e.Subject
		}
	}
	return out
}

// TestSixHoursWithoutNotificationsLoseNothing: nobody tells of any change; in the
// middle every cursor ends, then every call is refused for half an hour. Whatever
// happened is there after one sweep, with nothing told twice.
func TestSixHoursWithoutNotificationsLoseNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := put(t, nil, asleep(true))
		s.office.open(rig.Alice, private, "Private")
		s.office.pageSize = 50
		chance := rand.New(rand.NewPCG(3, 5))
		stop := s.run(t)
		defer stop()
		calendars := []string{work, private}
		where := map[string]string{}
		for minute := range 6 * 60 {
			for range chance.IntN(3) {
				id := fmt.Sprintf("%03d", chance.IntN(60))
				switch at, there := where[id]; {
				case there && chance.IntN(3) == 0:
					s.office.remove(rig.Alice, at, id)
					delete(where, id)
				case there && chance.IntN(5) == 0: // to the other calendar
					s.office.remove(rig.Alice, at, id)
					where[id] = calendars[1-chance.IntN(2)]
					s.office.put(rig.Alice, where[id], id, fmt.Sprint("moved at ", minute), soon)
				case there:
					s.office.put(rig.Alice, at, id, fmt.Sprint("changed at ", minute), soon)
				default:
					where[id] = calendars[chance.IntN(2)]
					s.office.put(rig.Alice, where[id], id, fmt.Sprint("made at ", minute), soon)
				}
			}
			switch minute {
			case 180:
				s.office.forget()
			case 240:
				s.office.set(func(w http.ResponseWriter, _ *http.Request) bool {
					refuse(w, http.StatusForbidden, "ErrorAccessDenied")
					return true
				})
			case 270:
				s.office.set(nil)
				time.Sleep(17 * time.Minute) // the longest wait between two attempts
			}
			time.Sleep(time.Minute)
			if minute%30 == 29 && (minute < 240 || minute > 275) {
				want := s.office.truth(rig.Alice)
				time.Sleep(7 * time.Minute) // one sweep, and the looks that it asks for
				if got := s.state(t); !maps.Equal(got, want) {
					t.Fatalf("at minute %d the app has\n%v\nMicrosoft\n%v", minute, got, want)
				}
			}
		}
	})
}
