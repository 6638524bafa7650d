package watch_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/watch"
)

// TestAFullDiskIsToldWhileAnotherNoticeStands: nothing else changes, so that only
// the look at the database finds it. What was told before is not told again.
func TestAFullDiskIsToldWhileAnotherNoticeStands(t *testing.T) {
	w := raise(t)
	sick := &refusing{Store: w.store}
	posts := map[string]int{}
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { posts[r.Header.Get("webhook-id")]++ }))
	defer receiver.Close()
	sign, err := deliver.ParseSecret(secret)
	if err != nil {
		t.Fatal(err)
	}
	low := watch.Sighting{Code: "notice.disk_low", Subject: "/data", Severity: graphwarden.Critical, Say: "36 MB left.", Do: "Make room."}
	w.Watch = watch.New(watch.Config{Store: sick, Tellings: w.store, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: w.clock, Random: rand.Reader,
		Webhook: &watch.Webhook{URL: receiver.URL, Secret: sign, Doer: http.DefaultClient},
		Looks: []watch.Look{watch.Database(func(context.Context) error { return sick.no }),
			{Codes: []string{low.Code}, See: func(context.Context, time.Time) ([]watch.Sighting, error) { return []watch.Sighting{low}, nil }}}})
	shelf := watch.Shelf{Rows: w.store, Watches: []*watch.Watch{w.Watch}}
	open := func(after int64, limit int) string {
		list, err := shelf.Notices(t.Context(), false, after, limit)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, n := range list {
			out = append(out, n.Code+" "+n.Subject)
		}
		return strings.Join(out, ", ")
	}
	w.Watch.Look(t.Context())
	if was := open(0, 10); was != "notice.disk_low /data" {
		t.Fatalf("open: %s", was)
	}
	full := &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "storage.full", Say: "The disk is full.", Do: "Make room."}
	sick.no = full
	w.after(10 * time.Minute)
	if n := strings.Count(w.log.String(), "notice opened"); n != 2 || !strings.Contains(w.log.String(), "subject=storage.full") {
		t.Errorf("told %d times:\n%s", n, w.log)
	}
	if len(posts) != 2 {
		t.Errorf("posted: %v", posts)
	}
	for id, n := range posts {
		if n != 1 {
			t.Errorf("%s was posted %d times", id, n)
		}
	}
	if all, first, rest := open(0, 10), open(0, 1), open(1, 1); all != first+", "+rest || rest != "notice.database storage.full" || open(1<<62, 1) != "" {
		t.Errorf("open: %q, in pages %q and %q", all, first, rest)
	}
	sick.no = nil
	w.after(10 * time.Minute)
	if was := open(0, 10); was != "notice.disk_low /data" || strings.Count(w.log.String(), "notice closed") != 1 {
		t.Errorf("open at the end: %s\n%s", was, w.log)
	}
}

// TestALineIsNotWrittenAgainWhileItCannotBeNoted: the notice was kept, and then the
// database took nothing more.
func TestALineIsNotWrittenAgainWhileItCannotBeNoted(t *testing.T) {
	w := raise(t)
	sick := &refusing{Store: w.store, after: 1, then: &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "storage.full", Say: "The disk is full."}}
	w.Watch = watch.New(watch.Config{Store: sick, Tellings: w.store, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: w.clock, Random: rand.Reader,
		Looks: []watch.Look{{Codes: []string{"notice.sink_disabled"}, See: func(context.Context, time.Time) ([]watch.Sighting, error) {
			return []watch.Sighting{disabled()}, nil
		}}}})
	for range 10 {
		w.Watch.Look(t.Context())
	}
	if n := strings.Count(w.log.String(), "notice opened"); n != 1 {
		t.Errorf("told %d times:\n%s", n, w.log)
	}
}
