package presence_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestWhoHasJustComeIsToldOfWhenTheCalendarWasRead: also one whose first reading brings
// nothing that would wake the room, or brings the events before it is at its end.
func TestWhoHasJustComeIsToldOfWhenTheCalendarWasRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := setUp(t)
		defer o.start()()
		time.Sleep(time.Second)
		synctest.Wait()
		s := stream(t, o, "")
		heard(t, s)
		o.read(rig.Alice, meeting("a", -5, 25))
		o.read(rig.Bob)
		time.Sleep(4 * time.Second)
		synctest.Wait()
		want(t, "a few seconds after the reading", o.people(), "alice busy for 25, then available; bob available")
	})
}
