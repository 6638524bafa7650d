package audit_test

import (
	"context"
	"path/filepath"
	"testing"

	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/ledger/audit"
	"github.com/graphwarden/graphwarden/store"
)

// proved proves an entry of a ledger.
func (l ledgerOf) proved(t *testing.T, seq int64) string {
	t.Helper()
	s, err := store.OpenBeside(t.Context(), store.Options{Path: l.database}, false)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	c, err := s.Checkpoint(context.WithoutCancel(t.Context()))
	if err != nil {
		t.Fatal(err)
	}
	text, err := ledger.Prove(t.Context(), s, c, seq)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestAProofGivesTheEntryAndHoldsByItself: the entry comes out of the bytes that were
// hashed, whatever its place in the tree.
func TestAProofGivesTheEntryAndHoldsByItself(t *testing.T) {
	l := made(t, 300)
	for _, seq := range []int64{1, 2, 255, 256, 257, 299, 300} {
		e, c, err := audit.Proof(l.proved(t, seq), l.key)
		want := entry(int(seq - 1))
		if err != nil || c.Size != 300 || e.Seq != seq || e.Call != want.Call || e.App != want.App || e.Flow != want.Flow || e.Tenant != want.Tenant || e.Method != want.Method ||
			e.Path != want.Path || e.Mailbox != want.Mailbox || e.Allowed != want.Allowed || e.Rule != want.Rule || e.Status != want.Status || e.Bytes != want.Bytes || e.Note != want.Note ||
			e.Kind != string(want.Kind) || e.At.IsZero() {
			t.Errorf("entry %d: %+v of %d, %v", seq, e, c.Size, err)
		}
	}
}

// TestAProofThatWasChangedAnywhereDoesNotHold flips a bit of every byte of a proof, and
// wants it refused each time; so is what is no proof, and one by another ledger's key.
func TestAProofThatWasChangedAnywhereDoesNotHold(t *testing.T) {
	l := made(t, 300)
	text := l.proved(t, 42)
	for i := range text {
		for _, bit := range []byte{1, 4} {
			raw := []byte(text)
			raw[i] ^= bit
			if e, _, err := audit.Proof(string(raw), l.key); err == nil {
				t.Errorf("with byte %d, %q, changed it holds: %+v", i, text[i], e)
			}
		}
	}
	for _, cut := range []string{"", "\n\n", text[:len(text)/2], text + "x", text[:len(text)-1]} {
		if _, _, err := audit.Proof(cut, l.key); err == nil {
			t.Errorf("%q holds", filepath.Base(cut))
		}
	}
	if _, _, err := audit.Proof(text, made(t, 3).key); err == nil {
		t.Error("it holds by another ledger's key")
	}
}

// FuzzProof: nothing that a stranger hands over as a proof ends the program.
func FuzzProof(f *testing.F) {
	const key = "graphwarden.com/ledger/x+00000000+AQ=="
	f.Add("c2sp.org/tlog-proof@v1\nextra AA==\nindex 0\n\nx\n0\n\n\n— x AAAA\n", key)
	f.Fuzz(func(t *testing.T, text, key string) {
		if _, c, err := audit.Proof(text, key); err == nil && c.Size < 1 {
			t.Errorf("%q holds over nothing", text)
		}
	})
}
