package gate_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestTheLedgerSaysByWhatAnAppWasKnown, with what was permitted and with what was not.
func TestTheLedgerSaysByWhatAnAppWasKnown(t *testing.T) {
	r, _ := put(t, nil)
	answer, err := r.Gate.Do(gate.KnownBy(t.Context(), "key_1"), list(rig.Alice))
	finish(t, answer, err)
	if _, err := r.Gate.Do(gate.KnownBy(t.Context(), "token:a/b"), list("44444444-4444-4444-4444-444444444444")); err == nil {
		t.Fatal("a mailbox outside is touched")
	}
	if err := r.Gate.Refuse(gate.KnownBy(t.Context(), "key_2"), list(rig.Alice), "proxy.body", "subject"); err != nil {
		t.Fatal(err)
	}
	answer, err = r.Gate.Do(t.Context(), list(rig.Alice))
	finish(t, answer, err)
	var said []string
	for _, e := range r.Entries(t) {
		if e.Kind == graphwarden.Decided {
			said = append(said, e.Note)
		}
	}
	if want := []string{"by key_1", said[1], "subject; by key_2", ""}; !slices.Equal(said, want) || !strings.HasSuffix(said[1], `"; by token:a/b`) {
		t.Errorf("the ledger says %q", said)
	}
}
