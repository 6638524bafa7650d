package ledger_test

import (
	"context"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/ledger/audit"
)

// TestACheckpointCoversEveryEntry signs at sizes around those of tiles; the verifier,
// which hashes with another library, must find the same roots.
func TestACheckpointCoversEveryEntry(t *testing.T) {
	x := founded(t, 0, nil)
	if c := x.sign(); c.Size != 0 {
		t.Errorf("an empty ledger was signed: %+v", c)
	}
	size := int64(0)
	for _, more := range []int{1, 1, 253, 1, 1, 255, 600, 1} {
		x.append(more)
		size += int64(more)
		if c := x.sign(); c.Size != size || c.Note != x.read(x.file()) || c.At.IsZero() {
			t.Fatalf("signed %+v, want %d entries", c, size)
		}
		if r := x.verify(); !r.Sound() || r.Signed != size {
			t.Fatalf("at %d: %+v", size, r)
		}
	}
}

// TestALongLedgerGrowsLevelsOfTiles has more entries than one checkpoint adds, and than
// a tile of level 1 covers.
func TestALongLedgerGrowsLevelsOfTiles(t *testing.T) {
	if testing.Short() {
		t.Skip("it writes 66,000 entries")
	}
	x := founded(t, 66_000, nil)
	if c := x.sign(); c.Size != 66_000 {
		t.Errorf("signed %d entries", c.Size)
	}
	if r := x.verify(); !r.Sound() || r.Signed != 66_000 {
		t.Errorf("%+v", r)
	}
	x.append(3)
	x.sign()
	if r := x.verify(); !r.Sound() || r.Signed != 66_003 {
		t.Errorf("%+v", r)
	}
	folder := filepath.Join(x.folder, "export")
	x.export(folder)
	if r := x.verifyTiles(folder); !r.Sound() || r.Signed != 66_003 {
		t.Errorf("exported: %+v", r)
	}
}

func (x *notary) export(folder string) {
	x.Helper()
	c, err := x.store.Checkpoint(x.Context())
	if err == nil {
		err = ledger.Export(x.Context(), x.store, c, x.read(x.file()+".vkey"), folder)
	}
	if err != nil {
		x.Fatal(err)
	}
}

func (x *notary) verifyTiles(folder string) audit.Report {
	x.Helper()
	c, err := audit.ReadCheckpoint(x.read(filepath.Join(folder, "checkpoint")), x.read(filepath.Join(folder, "checkpoint.vkey")))
	if err != nil {
		x.Fatal(err)
	}
	r, err := audit.Tiles(os.DirFS(folder), c)
	if err != nil {
		x.Fatal(err)
	}
	return r
}

// TestWhatDoesNotFollowIsNotSigned changes the ledger between two checkpoints.
func TestWhatDoesNotFollowIsNotSigned(t *testing.T) {
	situations := map[string]struct {
		signed int
		code   string
		do     func(x *notary)
	}{
		"an entry that is not signed yet was changed": {300, "ledger.changed", func(x *notary) { x.tamper(`UPDATE entries SET note = '' WHERE seq = 305`) }},
		"one was removed":                  {300, "ledger.changed", func(x *notary) { x.tamper(`DELETE FROM entries WHERE seq = 304`) }},
		"one of the last tile was changed": {300, "ledger.changed", func(x *notary) { x.tamper(`UPDATE entries SET note = '' WHERE seq = 290`) }},
		"signed entries were removed":      {310, "ledger.behind", func(x *notary) { x.tamper(`DELETE FROM entries WHERE seq > 305`) }},
		"signed entries were written anew": {300, "ledger.forked", func(x *notary) { x.rewrite(295) }},
		"the tree was changed":             {300, "ledger.forked", func(x *notary) { x.tamper(`UPDATE tree_hashes SET hash = zeroblob(32)`) }},
		"the file is another's":            {300, "ledger.other_key", func(x *notary) { x.write(x.file(), founded(x.T, 1, nil).sign().Note) }},
		"the file is damaged":              {300, "ledger.other_key", func(x *notary) { x.write(x.file(), strings.Replace(x.read(x.file()), "300", "301", 1)) }},
		"the key is gone":                  {300, "ledger.key_lost", func(x *notary) { x.tamper(`DELETE FROM tokens`) }},
		"the key file is another":          {300, "ledger.key_lost", func(x *notary) { x.sealed("other.key") }},
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			x := founded(t, s.signed, nil)
			x.sign()
			if s.signed < 310 {
				x.append(10)
			}
			held := x.read(x.file())
			s.do(x)
			changed := x.read(x.file())
			_, err := x.signer.Sign(t.Context())
			var r *graphwarden.Refusal
			if !errors.As(err, &r) || r.Code != s.code {
				t.Fatalf("signing gave %v, want %s", err, s.code)
			}
			if now := x.read(x.file()); now != changed {
				t.Errorf("the file says now %s, not %s", now, held)
			}
			// Whoever knows why takes the file away, and it begins anew.
			if strings.HasPrefix(s.code, "ledger.key") || s.code == "ledger.other_key" {
				if err := os.Remove(x.file()); err != nil {
					t.Fatal(err)
				}
				if c := x.sign(); c.Size != 310 {
					t.Errorf("anew, %d entries were signed", c.Size)
				}
				if r := x.verify(); !r.Sound() || r.Signed != 310 {
					t.Errorf("anew: %+v", r)
				}
			}
		})
	}
}

func (x *notary) tamper(statement string) {
	x.Helper()
	db := rawDB(x.T, filepath.Join(x.folder, "graphwarden.db"))
	for _, q := range []string{`DROP TRIGGER IF EXISTS entries_stay`, `DROP TRIGGER IF EXISTS entries_hold`, statement} {
		if _, err := db.ExecContext(x.Context(), q); err != nil {
			x.Fatalf("%s: %v", q, err)
		}
	}
}

// rewrite changes an entry as somebody does who knows how it is hashed.
func (x *notary) rewrite(seq int64) {
	x.Helper()
	var e graphwarden.Entry
	err := x.store.EntriesAfter(x.Context(), seq-1, 1, func(one graphwarden.Entry, _ [32]byte) error { e = one; return nil })
	if err != nil {
		x.Fatal(err)
	}
	e.Note = "nothing to see"
	leaf := ledger.Leaf(e)
	x.tamper(`UPDATE entries SET note = 'nothing to see', leaf = x'` + hexOf(leaf[:]) + `' WHERE seq = ` + strconv.FormatInt(seq, 10))
}

func (x *notary) write(path, text string) {
	x.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		x.Fatal(err)
	}
}

// TestACheckpointThatIsCutIsSignedAgain cuts before and after what is stored in the
// database and outside.
func TestACheckpointThatIsCutIsSignedAgain(t *testing.T) {
	cut := errors.New("cut")
	for _, name := range []string{"commit before", "commit after", "file before", "file after"} {
		t.Run(name, func(t *testing.T) {
			armed := false
			x := founded(t, 260, func(_ string, act func() error) error {
				switch {
				case armed && name == "commit before":
					return cut
				case armed && name == "commit after":
					return errors.Join(act(), cut)
				}
				return act()
			})
			x.sign()
			x.append(300)
			armed = true
			file := x.signer.Outside
			if strings.HasPrefix(name, "file") {
				x.signer.Outside = cutting{file, name == "file after", cut}
			}
			if _, err := x.signer.Sign(t.Context()); !errors.Is(err, cut) {
				t.Fatalf("it was not cut: %v", err)
			}
			armed, x.signer.Outside = false, file
			if r := x.verify(); !r.Sound() {
				t.Errorf("after the cut: %+v", r)
			}
			if c := x.sign(); c.Size != 560 || x.held().Size != 560 {
				t.Errorf("signed %d entries, held %d", c.Size, x.held().Size)
			}
			if r := x.verify(); !r.Sound() || r.Signed != 560 {
				t.Errorf("at the end: %+v", r)
			}
		})
	}
}

// cutting fails before or after a checkpoint is held.
type cutting struct {
	ledger.Outside
	after bool
	err   error
}

func (c cutting) Hold(checkpoint, key string) error {
	if c.after {
		return errors.Join(c.Outside.Hold(checkpoint, key), c.err)
	}
	return c.err
}

// TestAProofIsCheckedByAnotherProgram reads proofs as c2sp.org/tlog-proof describes
// them and checks them with another library.
func TestAProofIsCheckedByAnotherProgram(t *testing.T) {
	x := founded(t, 700, nil)
	c := x.sign()
	x.append(5)
	for _, seq := range []int64{1, 2, 255, 256, 257, 511, 512, 699, 700} {
		text, err := ledger.Prove(t.Context(), x.store, c, seq)
		if err != nil {
			t.Fatal(err)
		}
		head, checkpoint, _ := strings.Cut(text, "\n\n")
		signed, err := audit.ReadCheckpoint(checkpoint, x.read(x.file()+".vkey"))
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(head, "\n")
		if lines[0] != "c2sp.org/tlog-proof@v1" || lines[2] != "index "+strconv.FormatInt(seq-1, 10) {
			t.Fatalf("the proof begins %q", lines[:3])
		}
		encoded := decoded(t, strings.TrimPrefix(lines[1], "extra "))
		var hashes [][]byte
		for _, line := range lines[3:] {
			hashes = append(hashes, decoded(t, line))
		}
		leaf := rfc6962.DefaultHasher.HashLeaf(encoded)
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, uint64(seq-1), uint64(signed.Size), leaf, hashes, signed.Root[:]); err != nil {
			t.Errorf("entry %d: %v", seq, err)
		}
		if !strings.Contains(string(encoded), "1:"+strconv.FormatInt(seq, 10)) && !strings.Contains(string(encoded), strconv.FormatInt(seq, 10)) {
			t.Errorf("the proof of entry %d is of %s", seq, encoded)
		}
	}
	for _, seq := range []int64{0, -1, 701, 705, 9000} {
		var r *graphwarden.Refusal
		if _, err := ledger.Prove(t.Context(), x.store, c, seq); !errors.As(err, &r) || r.Code != "ledger.not_covered" {
			t.Errorf("entry %d: %v", seq, err)
		}
	}
	x.rewrite(30)
	var r *graphwarden.Refusal
	if _, err := ledger.Prove(t.Context(), x.store, c, 30); !errors.As(err, &r) || r.Code != "ledger.changed" {
		t.Errorf("an entry that was written anew is proved: %v", err)
	}
}

func decoded(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestALateSignerChangesNothing is of two processes that both believe to have the duty.
func TestALateSignerChangesNothing(t *testing.T) {
	x := founded(t, 10, nil)
	early := x.sign()
	x.append(10)
	late := x.sign()
	err := x.store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		return x.store.PutCheckpoint(ctx, tx, early, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	if c, err := x.store.Checkpoint(t.Context()); err != nil || c.Note != late.Note {
		t.Errorf("the newest checkpoint is %+v, %v", c, err)
	}
}

func TestALongNoteFitsIntoABundle(t *testing.T) {
	x := founded(t, 0, nil)
	err := x.store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		_, err := ledger.New(x.store).Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Acted, Note: strings.Repeat("ä", 50_000)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	x.sign()
	x.export(filepath.Join(x.folder, "export"))
	if r := x.verifyTiles(filepath.Join(x.folder, "export")); !r.Sound() {
		t.Errorf("%+v", r)
	}
}
