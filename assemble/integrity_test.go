package assemble_test

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
)

// TestTheDatabaseIsReadThroughWhileItWorks: it is found sound, then a row is made that
// points nowhere, past everything of ours; the next inspection finds it and tells, and
// the one after it was mended tells that it is over.
func TestTheDatabaseIsReadThroughWhileItWorks(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("hours in a bubble: run without -short, as go test ./... does")
	}
	indoors(t, 4, func(j *journey, _ *copied) {
		before := j.changed
		j.changed = func() {
			before()
			j.replace("admit: [", "integrity: {every: 1h, within: 5m}\nadmit: [")
		}
		stop := j.run("5m")
		defer stop()
		time.Sleep(10 * time.Minute)
		i, err := j.gateway.Store.Inspected(j.Context())
		if err != nil || i.At.IsZero() || i.Wrong != "" {
			t.Fatalf("after ten minutes: %+v %v", i, err)
		}
		meddle := func(statement string) {
			t.Helper()
			db, err := sql.Open("sqlite3", "file:"+filepath.Join(j.folder, "graphwarden.db"))
			if err != nil {
				t.Fatal(err)
			}
			defer db.Close()
			if _, err := db.ExecContext(context.WithoutCancel(j.Context()), statement); err != nil {
				t.Fatal(err)
			}
		}
		told := func() bool {
			open, err := j.gateway.Store.Notices(j.Context(), false, 0, 100)
			if err != nil {
				t.Fatal(err)
			}
			return slices.ContainsFunc(open, func(n graphwarden.Notice) bool { return n.Code == "notice.database_damaged" })
		}
		meddle(`PRAGMA foreign_keys = off; INSERT INTO cursors (feed, cursor) VALUES (4711, 'x')`)
		time.Sleep(30 * time.Minute)
		if told() {
			t.Error("told before it was looked")
		}
		time.Sleep(time.Hour)
		if !told() {
			i, err := j.gateway.Store.Inspected(j.Context())
			t.Fatalf("damage is not told: %+v %v", i, err)
		}
		meddle(`DELETE FROM cursors WHERE feed = 4711`)
		time.Sleep(2 * time.Hour)
		if told() {
			t.Error("it is told on, although it is mended")
		}
	})
}
