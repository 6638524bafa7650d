package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// TestWhoeverLostTheirSignInIsTold: also of somebody of whom no calendar was found yet,
// whose feed is left before the app has heard of it, and beside another person's
// delivery that fails. Nothing that reads feeds sees where it hangs.
func TestWhoeverLostTheirSignInIsTold(t *testing.T) {
	h, feed := withSink(t)
	lost := func(account string) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
			return h.TellConnection(ctx, tx, "office-calendars", graphwarden.Person{Tenant: "contoso", Account: graphwarden.Account{ID: account, Name: account + "@contoso.example"}},
				graphwarden.Lost, []byte(`{"account":"`+account+`"}`))
		})
	}
	lost("nobody-read")
	fresh, upTo := h.fresh(t, 10)
	if len(fresh) != 1 || fresh[0].Change.Kind != graphwarden.Lost || fresh[0].Mailbox.ID != "nobody-read" || fresh[0].Mailbox.UPN != "nobody-read@contoso.example" || fresh[0].Tenant != "contoso" {
		t.Fatalf("told is %+v", fresh)
	}
	h.advance(t, upTo, h.failing(fresh[0], time.Hour))
	lost(feed.Mailbox.ID)
	lost("nobody-read")
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := h.LeaveFeed(ctx, tx, feed.ID)
		return err
	})
	fresh, waiting, _ := h.freshAndWaiting(t, 10)
	if len(fresh) != 1 || fresh[0].Change.Kind != graphwarden.Lost || fresh[0].Mailbox.ID != feed.Mailbox.ID || len(fresh[0].Change.Body) == 0 {
		t.Errorf("of who was left is told %+v", fresh)
	}
	if len(waiting) != 1 || waiting[0].Mailbox.ID != "nobody-read" {
		t.Errorf("behind what failed waits %+v", waiting)
	}
	feeds, err := h.Feeds(t.Context(), "")
	states, worse := h.FeedStates(t.Context(), graphwarden.FeedChoice{}, 0, 10)
	if err != nil || worse != nil || len(feeds)+len(states) != 0 {
		t.Errorf("%d feeds and %d states, %v %v", len(feeds), len(states), err, worse)
	}
}
