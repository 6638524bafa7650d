package store_test

import (
	"testing"

	"github.com/graphwarden/graphwarden"
)

func TestAnotherWriteTellsOfAnItem(t *testing.T) {
	h := open(t)
	in := write(h, "one")
	met := func() bool {
		t.Helper()
		is, err := h.Met(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		return is
	}
	h.put(t, in)
	if met() {
		t.Error("a write tells of its own item")
	}
	no := write(h, "two")
	h.put(t, no)
	no.Outcome = graphwarden.Outcome{State: graphwarden.IntentRefused, Refusal: &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "x"}}
	h.endIntent(t, no, nil)
	if met() {
		t.Error("a write that was refused tells of it")
	}
	h.put(t, write(h, "three"))
	if !met() {
		t.Error("another write tells nothing of it")
	}
	in.Mailbox.ID = "id-bob"
	if met() {
		t.Error("a write of another mailbox tells of it")
	}
}
