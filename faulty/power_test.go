package faulty_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	_ "github.com/ncruces/go-sqlite3/driver"

	"github.com/graphwarden/graphwarden/faulty"
)

// TestWhatWasNotSyncedMayBeLostWithThePower shows that the shim is worth its name:
// with synchronous=off confirmed rows are lost or the file is damaged, and with
// full none is, in a number of cuts.
func TestWhatWasNotSyncedMayBeLostWithThePower(t *testing.T) {
	for _, synchronous := range []string{"off", "full"} {
		t.Run(synchronous, func(t *testing.T) {
			const seed = 1
			random := rand.New(rand.NewPCG(seed, seed))
			lost := 0
			for range 40 {
				if !survives(t, faulty.NewPower(t, random), random.IntN(120), synchronous) {
					lost++
				}
			}
			if (lost > 0) != (synchronous == "off") {
				t.Errorf("%d of 40 cuts lost something (seed %d)", lost, seed)
			}
		})
	}
}

// survives writes rows until the power is cut, and says whether all that were
// confirmed are there afterwards.
func survives(t *testing.T, power *faulty.Power, steps int, synchronous string) bool {
	t.Helper()
	path := filepath.Join(t.TempDir(), "x.db")
	open := func() *sql.DB {
		db, err := sql.Open("sqlite3", "file:"+path+"?vfs="+power.Name()+"&_pragma=journal_mode(wal)&_pragma=synchronous("+synchronous+")&_pragma=wal_autocheckpoint(5)")
		if err != nil {
			t.Fatal(err)
		}
		return db
	}
	db := open()
	if _, err := db.ExecContext(t.Context(), `PRAGMA synchronous = full; CREATE TABLE t (x INTEGER PRIMARY KEY, y BLOB); PRAGMA synchronous = `+synchronous); err != nil {
		t.Fatal(err)
	}
	power.CutAfter(steps)
	confirmed := 0
	for !power.Off() {
		if _, err := db.ExecContext(t.Context(), fmt.Sprintf(`INSERT INTO t VALUES (%d, zeroblob(3000))`, confirmed+1)); err != nil {
			break
		}
		confirmed++
	}
	_ = db.Close() // it cannot write any more
	if err := power.Back(); err != nil {
		t.Fatal(err)
	}
	db = open()
	defer db.Close()
	var rows int
	var whole string
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM t`).Scan(&rows); err != nil {
		return false
	}
	if err := db.QueryRowContext(t.Context(), `PRAGMA integrity_check`).Scan(&whole); err != nil || whole != "ok" {
		return false
	}
	return rows >= confirmed
}
