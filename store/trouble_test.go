package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// TestWhatNotifiesIsDueWhenARefusalIsOver: the feed's mailbox alone, of its flow alone,
// and not after a mere "wait".
func TestWhatNotifiesIsDueWhenARefusalIsOver(t *testing.T) {
	for code, due := range map[string]string{"graph.not_consented": "own", "": "own", graphwarden.CodeBusy: "", "none": ""} {
		t.Run(code, func(t *testing.T) {
			h := open(t)
			feed := h.ensure(t, calendar("a"))
			h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
				for id, of := range map[string][2]string{"own": {feed.Flow, "id-ada"}, "bob's": {feed.Flow, "id-bob"}, "another's": {"g", "id-ada"}} {
					err := h.PutSubscription(ctx, tx, graphwarden.Subscription{ID: id, Flow: of[0], Tenant: "contoso", Mailbox: graphwarden.Mailbox{ID: of[1]},
						ExpiresAt: h.clock.now.Add(48 * time.Hour), RenewAt: h.clock.now.Add(24 * time.Hour)})
					if err != nil {
						return err
					}
				}
				if code == "none" {
					return nil
				}
				return h.TroubleFeed(ctx, tx, feed.ID, code, "It is refused.")
			})
			h.finish(t, h.lease(t, "reader"), nil)
			list, err := h.DueSubscriptions(t.Context(), h.clock.now, 10)
			if err != nil {
				t.Fatal(err)
			}
			got := ""
			for _, s := range list {
				got += s.ID
			}
			if got != due {
				t.Errorf("due is %q, want %q", got, due)
			}
			if left, err := h.Troubles(t.Context()); err != nil || len(left) != 0 {
				t.Errorf("the trouble is kept: %v, %v", left, err)
			}
		})
	}
}
