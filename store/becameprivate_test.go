package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/item"
)

func secret(id string) graphwarden.Item {
	return graphwarden.Item{ID: id, Body: json.RawMessage(fmt.Sprintf(`{"id":%q,"sensitivity":"private"}`, id))}
}

// TestItIsKnownOfAnOldChangeWhetherItsItemIsPrivateByNow: of one that is where it was,
// that was moved to another calendar, and that is gone. One that is open again is not
// private, whatever it was meanwhile.
func TestItIsKnownOfAnOldChangeWhetherItsItemIsPrivateByNow(t *testing.T) {
	h, feed := withSink(t, event("here", "1"), event("moved", "1"), event("gone", "1"), event("open", "1"), event("again", "1"))
	h.apply(t, feed, "d2", secret("here"), event("open", "2"), secret("again"), secret("gone"))
	h.apply(t, feed, "d3", event("again", "3"), removed("gone"))
	h.ensure(t, calendar("c2"))
	second := h.lease(t, "w")
	h.apply(t, &second, "e1", secret("moved"))
	all, err := h.ChangesOf(t.Context(), "office-calendars", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	fresh, _ := h.fresh(t, 100)
	for name, list := range map[string][]graphwarden.Delivery{"to be listened to": all, "to be told": fresh} {
		var private []string
		for _, d := range list {
			if d.BecamePrivate {
				private = append(private, fmt.Sprintf("%d %s", d.Change.Seq, d.Change.Item))
			}
		}
		if want := []string{"1 here", "2 moved", "3 gone", "6 here", "9 gone", "12 moved"}; len(list) != len(all) || !slices.Equal(private, want) {
			t.Errorf("%s: of %d changes %q have become private, want %q", name, len(list), private, want)
		}
	}
}

// TestTheLastThatWasSaidOfAnItemIsKnownAfterItIsGone, as long as its changes are kept.
func TestTheLastThatWasSaidOfAnItemIsKnownAfterItIsGone(t *testing.T) {
	h, feed := withSink(t, event("gone", "1"), event("other", "1"))
	h.apply(t, feed, "d2", secret("gone"), event("other", "2"))
	h.apply(t, feed, "d3", removed("gone"))
	for id, want := range map[string][2]bool{"gone": {true, true}, "other": {true, false}, "never": {false, false}} {
		body, was, err := h.LastBody(t.Context(), "office-calendars", id)
		if err != nil || was != want[0] || was && item.Private(body) != want[1] {
			t.Errorf("%s: %s %v, %v", id, body, was, err)
		}
	}
	if _, was, err := h.LastBody(t.Context(), "another", "gone"); was || err != nil {
		t.Errorf("another flow: %v %v", was, err)
	}
}
