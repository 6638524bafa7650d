package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func TestADutyHasOneHolderAtATime(t *testing.T) {
	h := open(t)
	hold := func(holder string) (held bool) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			held, err = h.Hold(ctx, tx, "keeper", holder, time.Minute)
			return err
		})
		return held
	}
	if !hold("one") || hold("two") || !hold("one") {
		t.Fatal("the first to come has the duty, and may extend it; nobody else gets it")
	}
	h.clock.Advance(time.Minute)
	if !hold("two") || hold("one") {
		t.Fatal("when its time is over, another gets it")
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.LetGo(ctx, tx, "keeper", "one") })
	if hold("one") {
		t.Fatal("only its holder gives a duty back")
	}
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.LetGo(ctx, tx, "keeper", "two") })
	if !hold("one") {
		t.Fatal("what was given back is free")
	}
}
