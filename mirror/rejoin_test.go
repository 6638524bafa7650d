package mirror_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestAMailboxThatJoinsAnewIsReadAtOnce: it left a minute ago, or so shortly before it
// came back that the roster has never been without it.
func TestAMailboxThatJoinsAnewIsReadAtOnce(t *testing.T) {
	for name, unseen := range map[string]bool{"the roster was without it": false, "the roster never was": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := put(t, nil, asleep(true))
				s.roster.flow.Whole = true
				s.office.put(rig.Alice, work, "a", "Meeting", soon)
				in := s.roster.flow.Mailboxes
				stop := s.run(t)
				defer stop()
				time.Sleep(50 * time.Second) // not when a round is due
				s.wants(t, "created a Meeting")
				if unseen {
					feeds, err := s.Store.Feeds(t.Context(), "office")
					if err != nil || len(feeds) != 1 {
						t.Fatalf("%+v, %v", feeds, err)
					}
					s.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
						_, err := s.Store.LeaveFeed(ctx, tx, feeds[0].ID)
						return err
					})
				} else {
					s.roster.reach(nil)
					s.mirror.Discover()
					time.Sleep(time.Second)
				}
				synctest.Wait()
				asked := s.office.times("")
				s.roster.reach(in)
				s.mirror.Discover()
				time.Sleep(time.Minute)
				synctest.Wait()
				feeds, err := s.Store.Feeds(t.Context(), "office")
				if err != nil || len(feeds) != 1 || feeds[0].ReadAt.IsZero() {
					t.Errorf("a minute later the feeds are %+v, %v", feeds, err)
				}
				if n := s.office.times("") - asked; n == 0 || n > 10 {
					t.Errorf("the mailbox was asked %d times", n)
				}
				if got := s.story(t); got != "created a Meeting; deleted a; created a Meeting" && got != "deleted a; deleted a; created a Meeting" {
					t.Errorf("the changes are %s", got)
				}
			})
		})
	}
}
