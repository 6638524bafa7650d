package watch_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/watch"
)

// TestAProcessWithoutADatabaseTellsFromMemory: nobody has the duty to watch then. A
// hiccup is not told, and neither is what is not the database's.
func TestAProcessWithoutADatabaseTellsFromMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		var no atomic.Pointer[error]
		w := watch.New(watch.Config{Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now, Random: rand.Reader})
		fine := error(nil)
		no.Store(&fine)
		ctx, stop := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = w.Guard(ctx, func(context.Context) error { return *no.Load() }) })
		after := func(d time.Duration, err error, opened, closed int) {
			t.Helper()
			no.Store(&err)
			time.Sleep(d)
			synctest.Wait()
			if a, b := strings.Count(log.String(), "notice opened"), strings.Count(log.String(), "notice closed"); a != opened || b != closed {
				t.Errorf("opened %d times and closed %d times, not %d and %d:\n%s", a, b, opened, closed, &log)
			}
		}
		gone := &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "storage.unreachable", Say: "It does not answer.", Do: "Look at it."}
		after(10*time.Minute, nil, 0, 0)
		after(45*time.Second, gone, 0, 0)
		after(10*time.Minute, nil, 0, 0)
		after(10*time.Minute, errors.New("another trouble"), 0, 0)
		after(2*time.Minute, gone, 1, 0)
		after(20*time.Minute, gone, 1, 0)
		after(30*time.Second, nil, 1, 1)
		if !strings.Contains(log.String(), "storage.unreachable") {
			t.Errorf("it does not say what is wrong:\n%s", &log)
		}
		stop()
		running.Wait()
	})
}
