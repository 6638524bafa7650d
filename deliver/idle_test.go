package deliver_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestWithNothingToSendTheRoomStaysOpen: a gateway whose apps only read runs on.
func TestWithNothingToSendTheRoomStaysOpen(t *testing.T) {
	r := rig.New(t, nil)
	d := deliver.New(deliver.Config{Store: r.Store, Books: r.Store, Holder: "test", Log: slog.New(slog.DiscardHandler), Now: time.Now})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	select {
	case err := <-ended:
		t.Fatalf("it ended: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
