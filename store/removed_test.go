package store_test

import (
	"testing"

	"github.com/graphwarden/graphwarden"
)

// TestWhatIsGoneIsKnownByTheWriteThatRemovedIt: an invitation goes when it is declined,
// and stays when it is accepted.
func TestWhatIsGoneIsKnownByTheWriteThatRemovedIt(t *testing.T) {
	h := open(t)
	for _, w := range []struct {
		item, answer, want string
		kind               graphwarden.WriteKind
	}{
		{"deleted", "", "wrt_deleted", graphwarden.DeleteEvent},
		{"cancelled", "", "wrt_cancelled", graphwarden.CancelEvent},
		{"declined", "decline", "wrt_declined", graphwarden.RespondEvent},
		{"accepted", "accept", "", graphwarden.RespondEvent},
	} {
		remove := write(h, w.item)
		remove.Kind, remove.Item, remove.Container = w.kind, w.item, w.answer
		in, _ := h.put(t, remove)
		in.Outcome = graphwarden.Outcome{State: graphwarden.IntentDone}
		h.endIntent(t, in, nil)
		list, err := h.Origins(t.Context(), "office-calendars", []graphwarden.Delivery{{Mailbox: in.Mailbox, Change: graphwarden.Change{Item: w.item, Kind: graphwarden.Deleted}}})
		if err != nil {
			t.Fatal(err)
		}
		if got := list[0].Write; got != w.want {
			t.Errorf("%s that is gone is of %q, want %q", w.item, got, w.want)
		}
	}
}
