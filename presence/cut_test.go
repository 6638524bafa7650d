package presence_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/faulty"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/presence"
)

// steppedBook names what the room stores, as assemble does.
type steppedBook struct{ presence.Book }

func (b steppedBook) PutPresence(ctx context.Context, tx graphwarden.Tx, list []graphwarden.Told) error {
	tx.Step("presence:tell")
	return b.Book.PutPresence(ctx, tx, list)
}

// TestWhatIsCutIsToldOnceAllTheSame cuts each storing of a state before and after it
// is on disk: a client that stayed hears every state once, and one that comes back
// what it has missed.
func TestWhatIsCutIsToldOnceAllTheSame(t *testing.T) {
	for _, at := range []faulty.Moment{faulty.Before, faulty.After} {
		for nth := 1; nth <= 3; nth++ {
			t.Run(fmt.Sprintf("%s %d", at, nth), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { cutTelling(t, faulty.Cut{Step: "presence:tell", Nth: nth, At: at}) })
			})
		}
	}
}

func cutTelling(t *testing.T, cut faulty.Cut) {
	o := setUp(t, func(o *office) { o.Rig = rig.New(t, faulty.NewPlan(t, cut)) })
	o.read(rig.Alice)
	o.read(rig.Bob)
	defer o.start()()
	settle := func() { time.Sleep(3 * time.Second); synctest.Wait() }
	settle()
	s := stream(t, o, "")
	want(t, "at first", heard(t, s), "alice available; bob available")
	at := s.At()
	o.read(rig.Alice, meeting("a", -5, 25))
	settle()
	want(t, "a meeting is made", heard(t, s), "alice busy for 25, then available")
	o.read(rig.Bob, meeting("b", -5, 25))
	settle()
	want(t, "another one", heard(t, s), "bob busy for 25, then available")
	want(t, "who was away", heard(t, stream(t, o, at)), "alice busy for 25, then available; bob busy for 25, then available")
	if list, err := o.Store.PresenceAfter(t.Context(), 0, 10); err != nil || len(list) != 2 {
		t.Errorf("stored are %+v, %v", list, err)
	}
}
