package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// TestADatabaseThatHangsIsToldInTime: whoever asks is answered when their time is up,
// and however many ask, one transaction waits.
func TestADatabaseThatHangsIsToldInTime(t *testing.T) {
	h := open(t)
	begun, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- h.Update(context.Background(), func(context.Context, graphwarden.Tx) error {
			close(begun)
			<-release
			return nil
		})
	}()
	<-begun
	for range 3 {
		ctx, stop := context.WithTimeout(t.Context(), 20*time.Millisecond)
		var refusal *graphwarden.Refusal
		if err := h.Writable(ctx); !errors.As(err, &refusal) || refusal.Code != store.CodeSilent {
			t.Errorf("a database that hangs takes what is written: %v", err)
		}
		stop()
	}
	close(release)
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if err := h.Writable(t.Context()); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}
