package faulty_test

import (
	"database/sql"
	"errors"
	"path/filepath"
	"testing"

	"github.com/ncruces/go-sqlite3"
	_ "github.com/ncruces/go-sqlite3/driver"

	"github.com/graphwarden/graphwarden/faulty"
)

func TestADiskFailsOnCueAndIsMended(t *testing.T) {
	situations := map[string]struct {
		fail func(*faulty.Disk)
		want sqlite3.ErrorCode
	}{
		"it is full":           {func(d *faulty.Disk) { d.Fill(0) }, sqlite3.FULL},
		"it is full in a page": {func(d *faulty.Disk) { d.Fill(5000) }, sqlite3.FULL},
		"it cannot write":      {(*faulty.Disk).BreakWrite, sqlite3.IOERR},
		"it cannot sync":       {(*faulty.Disk).BreakSync, sqlite3.IOERR},
	}
	for _, journal := range []string{"wal", "delete"} {
		for name, s := range situations {
			t.Run(journal+"/"+name, func(t *testing.T) {
				disk := faulty.NewDisk(t)
				path := filepath.Join(t.TempDir(), "x.db")
				db, err := sql.Open("sqlite3", "file:"+path+"?vfs="+disk.Name()+"&_pragma=synchronous(full)&_pragma=journal_mode("+journal+")")
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close()
				exec := func(query string) error { _, err := db.ExecContext(t.Context(), query); return err }
				if err := exec(`CREATE TABLE t (x)`); err != nil {
					t.Fatal(err)
				}
				s.fail(disk)
				if err := exec(`INSERT INTO t VALUES (zeroblob(9000))`); !errors.Is(err, s.want) {
					t.Errorf("got %v, want %v", err, s.want)
				}
				disk.Mend()
				if err := exec(`INSERT INTO t VALUES (1)`); err != nil {
					t.Errorf("mended: %v", err)
				}
				var n int
				if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM t`).Scan(&n); err != nil || n != 1 {
					t.Errorf("%d rows, %v", n, err)
				}
			})
		}
	}
}
