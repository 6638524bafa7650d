package store_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/store"
)

// engineName says to this program which engine its tests run on: SQLite, unless
// it is "postgres". go test runs them on both, see
// TestThePostgreSQLStoreKeepsTheSameContract.
const engineName = "GRAPHWARDEN_TEST_ENGINE"

// onServer says whether tests run on PostgreSQL.
func onServer() bool { return os.Getenv(engineName) == "postgres" }

// fileOnly leaves a test out where there is no file.
func fileOnly(t testing.TB) {
	t.Helper()
	if onServer() {
		t.Skip("about SQLite's file")
	}
}

// clock is a clock that a test moves.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time          { return c.now }
func (c *clock) Advance(d time.Duration) { c.now = c.now.Add(d) }

func newClock() *clock {
	return &clock{time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)}
}

// house is a store and its clock.
type house struct {
	*store.Store
	clock *clock
	path  string // of its file, or
	url   string // of its database
}

// empty gives a house with a new place for a store, which is not open yet.
func empty(t testing.TB) house {
	t.Helper()
	if onServer() {
		return house{clock: newClock(), url: pg.NewSchema(t)}
	}
	return house{clock: newClock(), path: filepath.Join(t.TempDir(), "graphwarden.db")}
}

// open gives a new store in a folder of the test, or on the server.
func open(t testing.TB, change ...func(*store.Options)) house {
	t.Helper()
	h := empty(t)
	h.Store = reopen(t, h, change...)
	return h
}

// reopen opens the house's database again, which must be closed.
func reopen(t testing.TB, h house, change ...func(*store.Options)) *store.Store {
	t.Helper()
	o := store.Options{Path: h.path, URL: h.url, Now: h.clock.Now}
	for _, f := range change {
		f(&o)
	}
	s, err := store.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// update runs do in one update that must succeed.
func (h house) update(t testing.TB, do func(ctx context.Context, tx graphwarden.Tx) error) {
	t.Helper()
	if err := h.Update(t.Context(), do); err != nil {
		t.Fatal(err)
	}
}

// calendar is a feed to ensure.
func calendar(resource string) graphwarden.Feed {
	return graphwarden.Feed{
		Flow: "office-calendars", Tenant: "contoso",
		Mailbox:  graphwarden.Mailbox{ID: "id-ada", UPN: "ada@contoso.example"},
		Resource: resource, Title: "Calendar " + resource,
		Window: graphwarden.Window{Start: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), End: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)},
	}
}

// ensure makes a feed.
func (h house) ensure(t testing.TB, want graphwarden.Feed) (feed graphwarden.Feed) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		feed, err = h.EnsureFeed(ctx, tx, want)
		return err
	})
	return feed
}

// lease takes the next due feed; the zero Feed when none is.
func (h house) lease(t testing.TB, holder string) (feed graphwarden.Feed) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		feed, _, err = h.LeaseDueFeed(ctx, tx, holder, time.Minute, graphwarden.Busy{})
		return err
	})
	return feed
}

// apply stores a page read from feed's cursor and moves feed to the next one.
func (h house) apply(t testing.TB, feed *graphwarden.Feed, next graphwarden.Cursor, items ...graphwarden.Item) (changes []graphwarden.Change) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		changes, err = h.ApplyPage(ctx, tx, *feed, graphwarden.Page{Items: items, Next: next})
		return err
	})
	feed.Cursor = next
	return changes
}

// finish ends a round, with the next sweep a quarter of an hour away.
func (h house) finish(t testing.TB, feed graphwarden.Feed, outside func(json.RawMessage) bool) (changes []graphwarden.Change) {
	t.Helper()
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		changes, err = h.FinishRound(ctx, tx, feed, h.clock.now.Add(15*time.Minute), outside)
		return err
	})
	return changes
}

// event is an item with a subject.
func event(id, subject string) graphwarden.Item {
	return graphwarden.Item{ID: id, Body: json.RawMessage(fmt.Sprintf(`{"id":%q,"subject":%q}`, id, subject))}
}

func removed(id string) graphwarden.Item { return graphwarden.Item{ID: id, Removed: true} }

// told writes changes the short way, such as "1 created a".
func told(changes []graphwarden.Change) []string {
	list := make([]string, len(changes))
	for i, c := range changes {
		list[i] = fmt.Sprintf("%d %s %s", c.Seq, c.Kind, c.Item)
	}
	return list
}

// refusal gives the code of a refusal of kind; any other error fails the test.
func refusal(t testing.TB, err error, kind graphwarden.Kind) string {
	t.Helper()
	var r *graphwarden.Refusal
	if !errors.As(err, &r) || r.Kind != kind {
		t.Fatalf("got %v, want a refusal of kind %s", err, kind)
	}
	if r.Say == "" || r.Do == "" {
		t.Errorf("the refusal %s says %q and advises %q", r.Code, r.Say, r.Do)
	}
	return r.Code
}

var update = flag.Bool("update", false, "write the golden files anew")

// golden compares with a golden file.
func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (run the test with -update to accept):\n%s", path, got)
	}
}
