package store_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
)

// TestTheLogBesideADatabaseKeepsToItsSize, which docs/operations.md gives for whoever
// plans a disk: 64 MB, and what is written while somebody reads at length.
func TestTheLogBesideADatabaseKeepsToItsSize(t *testing.T) {
	fileOnly(t)
	if testing.Short() {
		t.Skip("it writes 250 MB")
	}
	h := open(t)
	h.ensure(t, calendar("c1"))
	feed := h.lease(t, "w")
	body, n := strings.Repeat("x", 1<<20), 0
	largest := func(rounds int) (most int64) {
		t.Helper()
		for range rounds {
			n++
			h.apply(t, &feed, graphwarden.Cursor(fmt.Sprint("d", n)), event(fmt.Sprint("e", n), body))
			info, err := os.Stat(h.path + "-wal")
			if err != nil {
				t.Fatal(err)
			}
			most = max(most, info.Size())
		}
		return most
	}
	const limit, transaction = 4000 * 16400, 4 << 20 // pages with their headers; one that passes the limit
	if got := largest(100); got > limit+transaction || got < limit/2 {
		t.Errorf("the log grew to %d bytes", got)
	}
	reader := raw(t, h.path)
	reader.SetMaxOpenConns(1)
	mustExec(t, reader, `BEGIN`)
	if err := reader.QueryRowContext(t.Context(), `SELECT count(*) FROM items`).Scan(new(int)); err != nil {
		t.Fatal(err)
	}
	grown := largest(100)
	if grown < limit+transaction {
		t.Errorf("while somebody read, the log grew to %d bytes only: the document says otherwise", grown)
	}
	mustExec(t, reader, `COMMIT`)
	largest(50)
	info, err := os.Stat(h.path + "-wal")
	if err != nil || info.Size() > limit+transaction {
		t.Errorf("after that the log has %d bytes still, %v", info.Size(), err)
	}
	t.Logf("while somebody read, it grew to %d bytes", grown)
}
