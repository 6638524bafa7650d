package store_test

import (
	"context"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

func TestAnInspectionThatDoesNotEndChangesNothingOfTheLast(t *testing.T) {
	h := open(t)
	note := func(wrong, problem string) graphwarden.Inspected {
		t.Helper()
		h.clock.Advance(time.Hour)
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.NoteInspection(ctx, tx, wrong, problem) })
		i, err := h.Inspected(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return i
	}
	if i, err := h.Inspected(t.Context()); err != nil || i != (graphwarden.Inspected{}) {
		t.Errorf("before any: %+v %v", i, err)
	}
	first := note("", "")
	if !first.At.Equal(h.clock.now) || !first.TriedAt.Equal(h.clock.now) || first.Wrong != "" {
		t.Errorf("a sound one: %+v", first)
	}
	if i := note("", "it takes too long"); !i.At.Equal(first.At) || !i.TriedAt.Equal(h.clock.now) || i.Problem != "it takes too long" {
		t.Errorf("one that did not end: %+v", i)
	}
	if i := note("3 gaps in the ledger", ""); !i.At.Equal(h.clock.now) || i.Wrong != "3 gaps in the ledger" || i.Problem != "" {
		t.Errorf("a damaged one: %+v", i)
	}
}
