package store_test

import (
	"context"
	"slices"
	"testing"

	"github.com/graphwarden/graphwarden"
)

// TestALeaverIsTakenBack: what the app has not received of a mailbox that left it
// does not receive any more.
func TestALeaverIsTakenBack(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	h.apply(t, &feed, "d1", event("a", "one"), event("b", "two"))
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		changes, err := h.LeaveFeed(ctx, tx, feed.ID)
		if got := told(changes); !slices.Equal(got, []string{"3 deleted a", "4 deleted b"}) {
			t.Errorf("leaving gave %v", got)
		}
		return err
	})
	got, err := h.ChangesAfter(t.Context(), feed.Flow, 0, 10)
	if err != nil || !slices.Equal(told(got), []string{"1 deleted a", "2 deleted b", "3 deleted a", "4 deleted b"}) {
		t.Errorf("the app is still told %v, %v", told(got), err)
	}
	for _, c := range got {
		if c.Body != nil {
			t.Errorf("the body of %s is still there", c.Item)
		}
	}
}

func TestMembersAreReplacedAndTheRosterMovesOn(t *testing.T) {
	h := open(t)
	version := func() int64 {
		v, err := h.RosterVersion(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	put := func(list ...graphwarden.Mailbox) {
		h.update(t, func(ctx context.Context, tx graphwarden.Tx) error { return h.PutMembers(ctx, tx, "contoso", "g", list) })
	}
	if _, known, err := h.Members(t.Context(), "contoso", "g"); known || err != nil {
		t.Errorf("known before it was read (%v)", err)
	}
	put(graphwarden.Mailbox{ID: "1", UPN: "a"}, graphwarden.Mailbox{ID: "2", UPN: "b"})
	first := version()
	put(graphwarden.Mailbox{ID: "1", UPN: "a"}, graphwarden.Mailbox{ID: "2", UPN: "b"})
	if version() != first {
		t.Error("the same members moved the roster on")
	}
	put(graphwarden.Mailbox{ID: "2", UPN: "renamed"})
	list, known, err := h.Members(t.Context(), "contoso", "g")
	if err != nil || !known || !slices.Equal(list, []graphwarden.Mailbox{{ID: "2", UPN: "renamed"}}) || version() == first {
		t.Errorf("the members are %+v %v %v", list, known, err)
	}
	put()
	if list, known, err := h.Members(t.Context(), "contoso", "g"); err != nil || !known || len(list) != 0 {
		t.Errorf("an empty group is %+v %v %v", list, known, err)
	}
}
