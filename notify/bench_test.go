package notify_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/notify"
)

// BenchmarkReceiver posts notifications of 500 mailboxes, one in five of them
// forged, 32 at once, and reports the rate and how long the slow ones took (R33).
func BenchmarkReceiver(b *testing.B) {
	r := rig.New(b, nil)
	receiver := notify.NewReceiver(r.Store, r.Store, rig.Log(), func() {}, func() {})
	var bodies []string
	err := r.Store.Update(b.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		for n := range 500 {
			id := fmt.Sprintf("00000000-0000-0000-0000-%012d", n)
			m := graphwarden.Mailbox{ID: id, UPN: id}
			if _, err := r.Store.EnsureFeed(ctx, tx, graphwarden.Feed{Flow: "office", Mailbox: m, Resource: "calendar"}); err != nil {
				return err
			}
			if err := r.Store.PutSubscription(ctx, tx, subscription(id, m, state, tx.Now())); err != nil {
				return err
			}
			said := state
			if n%5 == 0 {
				said = "forged"
			}
			bodies = append(bodies, batch(told(id, said)))
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var all sync.WaitGroup
	begun := time.Now()
	for range 32 {
		all.Go(func() {
			for n := int(next.Add(1)) - 1; n < b.N; n = int(next.Add(1)) - 1 {
				at := time.Now()
				w := httptest.NewRecorder()
				receiver.ServeHTTP(w, httptest.NewRequest(http.MethodPost, notify.Path, strings.NewReader(bodies[n%len(bodies)])))
				took[n] = time.Since(at)
				if w.Code != http.StatusAccepted {
					b.Errorf("answered %d", w.Code)
				}
			}
		})
	}
	all.Wait()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/time.Since(begun).Seconds(), "posts/s")
	b.ReportMetric(float64(took[b.N*99/100].Microseconds())/1000, "p99-ms")
}
