package deliver_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestWhereNothingIsSentDeliverGoesOn: a gateway ends with the first of its rooms.
func TestWhereNothingIsSentDeliverGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := rig.New(t, nil)
		d := deliver.New(deliver.Config{Store: r.Store, Books: r.Store, Log: rig.Log(), Now: time.Now, Holder: "test",
			Targets: []deliver.Target{{Sink: graphwarden.Sink{Name: "board", App: "switchboard", Flow: "board", Kind: graphwarden.Nowhere}}}})
		err := deliver.Desk{Deliver: d, Shelf: r.Store, Ledger: r.Ledger}.Enable(t.Context(), "board")
		if refusal := (*graphwarden.Refusal)(nil); !errors.As(err, &refusal) || refusal.Code != "deliver.never_disabled" {
			t.Errorf("enabling it: %v", err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- d.Run(ctx) }()
		time.Sleep(time.Hour)
		synctest.Wait()
		select {
		case err := <-ended:
			t.Errorf("it ended with %v", err)
		default:
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}
