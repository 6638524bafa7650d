package store_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// childPlace names the database, a file or a URL, to a process of this test's own.
const childPlace = "GRAPHWARDEN_TEST_STORE"

// TestMain lets this program be started again as the process that is killed.
func TestMain(m *testing.M) {
	if place := os.Getenv(childPlace); place != "" {
		fmt.Fprintln(os.Stderr, writeForEver(context.Background(), place))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForEver stores page after page and writes the number of each to standard
// output once it is confirmed.
func writeForEver(ctx context.Context, place string) error {
	o := store.Options{Path: place}
	if onServer() {
		o = store.Options{URL: place}
	}
	s, err := store.Open(ctx, o)
	if err != nil {
		return err
	}
	var feed graphwarden.Feed
	err = s.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		feed, err = s.EnsureFeed(ctx, tx, calendar("c1"))
		return err
	})
	start, _ := strconv.Atoi(string(feed.Cursor)) // "" begins at 0
	for n := start + 1; err == nil; n++ {
		err = s.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			next := graphwarden.Cursor(strconv.Itoa(n))
			_, err := s.ApplyPage(ctx, tx, feed, graphwarden.Page{Items: []graphwarden.Item{event(string(next), "x")}, Next: next})
			feed.Cursor = next
			return err
		})
		if err == nil {
			fmt.Println(n)
		}
	}
	return err
}

// TestKillNineLosesNothingThatWasConfirmed kills a process that writes, again
// and again, on one database.
func TestKillNineLosesNothingThatWasConfirmed(t *testing.T) {
	t.Parallel()
	h := empty(t)
	for kill := range 8 {
		confirmed := killAfter(t, h.path+h.url, 5+7*kill, nil)
		s := reopen(t, h)
		feeds, err := s.Feeds(t.Context(), "")
		if err != nil || len(feeds) != 1 {
			t.Fatalf("after kill %d: %v, %v", kill, feeds, err)
		}
		cursor, err := strconv.Atoi(string(feeds[0].Cursor))
		if err != nil || cursor < confirmed {
			t.Errorf("after kill %d: the cursor is %d, %d was confirmed (%v)", kill, cursor, confirmed, err)
		}
		changes, err := s.ChangesAfter(t.Context(), feeds[0].Flow, 0, 100_000)
		if err != nil || len(changes) != cursor || changes[cursor-1].Seq != int64(cursor) {
			t.Errorf("after kill %d: %d changes for a cursor of %d (%v)", kill, len(changes), cursor, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestABackupIsMadeWhileAnotherProcessWrites backs up from this process what the
// child works on, and kills it.
func TestABackupIsMadeWhileAnotherProcessWrites(t *testing.T) {
	h := empty(t)
	file := filepath.Join(t.TempDir(), "backup.db")
	var before int
	killAfter(t, h.path+h.url, 30, func(confirmed int) {
		before = confirmed
		s := h.beside(t)
		if _, err := s.Backup(t.Context(), file); err != nil {
			t.Error(err)
		}
		if i, err := s.Inspect(t.Context(), leafOf); err != nil || len(i.Wrong) > 0 {
			t.Errorf("%+v, %v", i, err)
		}
	})
	to := store.Options{Path: file + ".restored"}
	if _, err := store.Restore(t.Context(), file, to, leafOf); err != nil {
		t.Fatal(err)
	}
	feeds, err := opened(t, to).Feeds(t.Context(), "")
	if err != nil || len(feeds) != 1 {
		t.Fatalf("%v, %v", feeds, err)
	}
	if cursor, err := strconv.Atoi(string(feeds[0].Cursor)); err != nil || cursor < before {
		t.Errorf("the backup is at %d, %d was confirmed before it began (%v)", cursor, before, err)
	}
	after := reopen(t, h)
	if u, err := after.Upkeep(t.Context()); err != nil || u.BackupAt != file {
		t.Errorf("the database remembers %+v, %v", u, err)
	}
}

// killAfter starts the child, kills it once it has confirmed a number of pages,
// before which it calls look, and gives the last number that it confirmed.
func killAfter(t *testing.T, place string, pages int, look func(confirmed int)) (confirmed int) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childPlace+"="+place)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for lines, n := bufio.NewScanner(out), 1; lines.Scan(); n++ {
		if confirmed, err = strconv.Atoi(lines.Text()); err != nil {
			t.Errorf("the child said %q", lines.Text())
		}
		if n == pages {
			if look != nil {
				look(confirmed)
			}
			_ = child.Process.Kill() // it may still have something to say
		}
	}
	_ = child.Wait() // it was killed
	return confirmed
}
