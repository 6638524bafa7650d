package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"testing"

	"github.com/graphwarden/graphwarden"
)

// hashOf is a leaf hash that tells an entry's number and call.
func hashOf(e graphwarden.Entry) [32]byte { return sha256.Sum256(fmt.Append(nil, e.Seq, e.Call)) }

// TestEntriesOfAGroupFollowEachOther: of many jobs that share a transaction, the entries
// of those that failed are nowhere, and all others stand in order without a gap, each with
// its own leaf; however many statements they took.
func TestEntriesOfAGroupFollowEachOther(t *testing.T) {
	h := open(t)
	appending := func(call string) func(context.Context, graphwarden.Tx) error {
		return func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := h.AppendEntry(ctx, tx, graphwarden.Entry{Kind: graphwarden.Decided, Call: call, Allowed: true}, hashOf)
			return err
		}
	}
	h.update(t, appending("before"))
	outcome := make([]error, 100)
	first := inGroup(t, h, len(outcome), func(i int) {
		outcome[i] = h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			if err := appending(fmt.Sprint("call ", i))(ctx, tx); err != nil {
				return err
			}
			switch i % 4 {
			case 1: // fails and has written nothing else
				return errOwn
			case 2: // fails and has
				return errors.Join(pin(h.Store, fmt.Sprint("user", i))(ctx, tx), errOwn)
			case 3: // has, and appends once more
				return errors.Join(pin(h.Store, fmt.Sprint("user", i))(ctx, tx), appending(fmt.Sprint("again ", i))(ctx, tx))
			}
			return nil
		})
	})
	if first != nil {
		t.Fatal(first)
	}
	h.update(t, appending("after"))
	want := map[string]bool{"before": true, "after": true}
	for i, err := range outcome {
		failed := i%4 == 1 || i%4 == 2
		if errors.Is(err, errOwn) != failed || i%4 >= 2 && pinned(t, h.Store, fmt.Sprint("user", i)) == failed {
			t.Errorf("update %d: %v", i, err)
		}
		if !failed {
			want[fmt.Sprint("call ", i)] = true
		}
		if i%4 == 3 {
			want[fmt.Sprint("again ", i)] = true
		}
	}
	next := int64(1)
	err := h.EntriesAfter(t.Context(), 0, 1000, func(e graphwarden.Entry, leaf [32]byte) error {
		if e.Seq != next || leaf != hashOf(e) || !want[e.Call] {
			t.Errorf("entry %d is %d of %q", next, e.Seq, e.Call)
		}
		delete(want, e.Call)
		next++
		return nil
	})
	if err != nil || len(want) != 0 {
		t.Errorf("%v; without an entry: %v", err, want)
	}
}

// TestAnEntryThatSomeDatabaseDoesNotTakeFailsAlone: entries share statements, so that one
// which the database refuses would take those of others with it.
func TestAnEntryThatSomeDatabaseDoesNotTakeFailsAlone(t *testing.T) {
	h := open(t)
	texts := []string{"good", "\x00", "\xff"}
	outcome := make([]error, len(texts))
	first := inGroup(t, h, len(texts), func(i int) {
		outcome[i] = h.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := h.AppendEntry(ctx, tx, graphwarden.Entry{Kind: graphwarden.Decided, Note: texts[i]}, hashOf)
			return err
		})
	})
	if first != nil {
		t.Fatal(first)
	}
	for i, err := range outcome {
		if (err == nil) != (i == 0) {
			t.Errorf("%q: %v", texts[i], err)
		}
	}
	if n, err := h.LastEntry(t.Context()); err != nil || n != 1 {
		t.Errorf("%d entries, %v", n, err)
	}
}
