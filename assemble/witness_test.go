package assemble_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/witness"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/ledger/audit"
)

// TestAWitnessTellsOfALedgerThatWasPutBack: database and checkpoint are both those of an
// hour ago, and valid, so that only the witness knows better.
func TestAWitnessTellsOfALedgerThatWasPutBack(t *testing.T) {
	t.Parallel()
	indoors(t, 4, func(j *journey, _ *copied) {
		const at = "127.0.0.1:4009"
		file, database := filepath.Join(j.folder, "graphwarden.checkpoint"), filepath.Join(j.folder, "graphwarden.db")
		read := func(name string) string {
			t.Helper()
			raw, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			return string(raw)
		}
		w := witness.New("witness.example/w1", time.Now)
		j.net.Serve(at, w)
		j.write("w1.vkey", w.Key()+"\n")
		before := j.changed
		j.changed = func() {
			before()
			j.replace("admit: [", "ledger: {witnesses: {w1: {url: \"http://"+at+"\", key_file: w1.vkey}}}\nadmit: [\""+at+"\", ")
		}
		open := func(code, subject string) bool {
			t.Helper()
			all, err := j.gateway.Store.Notices(j.Context(), false, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(all, func(n graphwarden.Notice) bool { return n.Code == code && n.Subject == subject })
		}
		const unsigned, wrong = "notice.ledger_unsigned", "notice.ledger_wrong"
		stop := j.run("1m")
		time.Sleep(8 * time.Minute)
		if !open(unsigned, "witness/witness.example/w1") {
			t.Error("nobody is told that the witness does not know the ledger")
		}
		if err := w.Know(read(file + ".vkey")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3 * time.Minute)
		origin := ledger.Origin(j.gateway.Store.Origin())
		if open(unsigned, "witness/witness.example/w1") || open(wrong, "ledger") || w.Size(origin) == 0 {
			t.Errorf("it cosigned %d entries, and that is told as something that is wrong", w.Size(origin))
		}
		stop()
		checkpoint, kept := read(file), read(database)
		if seen, err := audit.ReadCosignature(checkpoint, w.Key()); err != nil || time.Since(seen.At) > 2*time.Minute {
			t.Errorf("the checkpoint file has %+v, %v", seen, err)
		}
		stop = j.run("1m")
		time.Sleep(time.Hour)
		stop()
		j.write(filepath.Base(file), checkpoint)
		j.write(filepath.Base(database), kept)
		seen := w.Size(origin)
		stop = j.run("1h")
		defer func() { stop() }()
		time.Sleep(5 * time.Minute)
		if !open(wrong, "ledger") || w.Size(origin) != seen {
			t.Errorf("nobody is told that the ledger was put back; the witness cosigned %d entries, and then %d", seen, w.Size(origin))
		}
	})
}
