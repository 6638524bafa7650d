package assemble_test

import (
	"context"
	"database/sql"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger/audit"
)

// keeper is a webhook that keeps checkpoints.
type keeper struct {
	mu    sync.Mutex
	notes []string
	at    []time.Time
}

func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "text/plain; charset=utf-8" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.notes, k.at = append(k.notes, string(raw)), append(k.at, time.Now())
}

// TestTheLedgerIsSignedWhileItGrows: checkpoints are at most a minute apart and go to
// the file and the webhook; each covers what was there and follows from the one before.
// When the last entries are removed behind the server's back, it signs no more and says
// so, and the verifier names the first that is missing.
func TestTheLedgerIsSignedWhileItGrows(t *testing.T) {
	t.Parallel()
	indoors(t, 4, func(j *journey, _ *copied) {
		const at = "127.0.0.1:4009"
		k := &keeper{}
		j.net.Serve(at, k)
		before := j.changed
		j.changed = func() {
			before()
			j.replace("admit: [", "ledger: {webhook: \"http://"+at+"/checkpoints\"}\nadmit: [\""+at+"\", ")
		}
		stop := j.run("1m")
		defer func() { stop() }()
		time.Sleep(30*time.Minute + time.Second) // not when it signs
		synctest.Wait()
		file := filepath.Join(j.folder, "graphwarden.checkpoint")
		held := func() audit.Checkpoint {
			t.Helper()
			note, err1 := os.ReadFile(file)
			key, err2 := os.ReadFile(file + ".vkey")
			c, err := audit.ReadCheckpoint(string(note), string(key))
			if err != nil || err1 != nil || err2 != nil {
				t.Fatal(err, err1, err2)
			}
			return c
		}
		k.mu.Lock()
		notes, times := slices.Clone(k.notes), slices.Clone(k.at)
		k.mu.Unlock()
		if len(notes) < 20 {
			t.Fatalf("%d checkpoints were sent within half an hour in which something happened each minute", len(notes))
		}
		key, err := os.ReadFile(file + ".vkey")
		if err != nil {
			t.Fatal(err)
		}
		size := int64(0)
		for i, note := range notes {
			c, err := audit.ReadCheckpoint(note, string(key))
			if err != nil || c.Size <= size {
				t.Errorf("checkpoint %d: %+v after %d entries, %v", i, c, size, err)
			}
			size = c.Size
			if r, err := audit.Database(j.Context(), j.gateway.Store, &c); err != nil || !r.Sound() || r.Signed != size {
				t.Errorf("against checkpoint %d: %+v, %v", i, r, err)
			}
			if i > 0 && times[i].Sub(times[i-1]) > 2*time.Minute {
				t.Errorf("checkpoint %d came %s after the one before", i, times[i].Sub(times[i-1]))
			}
		}
		if c := held(); c.Size != size {
			t.Errorf("the file's checkpoint covers %d entries, the last that was sent %d", c.Size, size)
		}
		told := func() bool {
			open, err := j.gateway.Store.Notices(j.Context(), false, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(open, func(n graphwarden.Notice) bool {
				return n.Code == "notice.ledger_wrong" && n.Severity == graphwarden.Critical
			})
		}
		if told() {
			t.Error("it is told that the ledger is another")
		}
		stop()
		stop = func() {}
		signed := held()
		last := signed.Size
		db, err := sql.Open("sqlite3", "file:"+filepath.Join(j.folder, "graphwarden.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		for _, q := range []string{`DROP TRIGGER entries_stay`, `DELETE FROM entries WHERE seq > (SELECT size FROM checkpoints) - 50`} {
			if _, err := db.ExecContext(context.WithoutCancel(j.Context()), q); err != nil {
				t.Fatal(err)
			}
		}
		tx, err := db.BeginTx(j.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := audit.Within(j.Context(), tx, &signed)
		if err != nil || r.Bad != last-49 {
			t.Errorf("the verifier says %+v, %v; entry %d is the first that is missing", r, err, last-49)
		}
		if err := tx.Rollback(); err != nil {
			t.Fatal(err)
		}
		stop = j.run("1h") // seldom: it does not come past the old size for a while
		time.Sleep(3 * time.Minute)
		if !told() {
			t.Error("nobody is told that the end of the ledger is missing")
		}
		if c := held(); c != signed {
			t.Errorf("it was signed all the same: %+v, before %+v", c, signed)
		}
	})
}
