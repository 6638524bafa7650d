package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// BenchmarkWindow reads a week of one of 5,000 mailboxes with 100 events of two
// kilobytes each, a random one each time:
//
//	go test ./store -run - -bench Window -benchtime 5000x
func BenchmarkWindow(b *testing.B) {
	const mailboxes, events = 5000, 100
	h := open(b)
	chance := rand.New(rand.NewPCG(1, 1))
	filler := make([]byte, 1800)
	for i := range filler {
		filler[i] = 'x'
	}
	for from := 0; from < mailboxes; from += 50 {
		h.update(b, func(ctx context.Context, tx graphwarden.Tx) error {
			for n := from; n < from+50; n++ {
				f := calendar("cal")
				f.Mailbox = graphwarden.Mailbox{ID: fmt.Sprint("id-", n), UPN: fmt.Sprintf("p%d@contoso.example", n)}
				feed, err := h.EnsureFeed(ctx, tx, f)
				if err != nil {
					return err
				}
				var items []graphwarden.Item
				for e := range events {
					x := timed(fmt.Sprintf("%d-%d", n, e), h.clock.now.Add(time.Duration(chance.IntN(90*24*4))*15*time.Minute), time.Hour)
					x.Body = []byte(fmt.Sprintf(`{"x":%q,%s`, filler, x.Body[1:]))
					items = append(items, x)
				}
				if _, err := h.ApplyPage(ctx, tx, feed, graphwarden.Page{Items: items, Next: "1"}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	var took []time.Duration
	b.ResetTimer()
	for b.Loop() {
		from := h.clock.now.AddDate(0, 0, chance.IntN(80))
		begun := time.Now()
		list, err := h.Window(b.Context(), graphwarden.Sought{Flow: "office-calendars", Mailbox: fmt.Sprint("id-", chance.IntN(mailboxes)),
			Window: graphwarden.Window{Start: from, End: from.AddDate(0, 0, 7)}, Limit: 100})
		if err != nil || len(list) > 40 {
			b.Fatal(len(list), err)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
}

// TestAWindowIsFoundByItsIndexes holds the plan of the engine: a window costs what
// is in it, not what the mailbox has.
func TestAWindowIsFoundByItsIndexes(t *testing.T) {
	h := open(t)
	h.ensure(t, calendar("a"))
	feed := h.lease(t, "test")
	var items []graphwarden.Item
	for n := range 2000 {
		items = append(items, timed(fmt.Sprint(n), h.clock.now.Add(time.Duration(n)*time.Hour), time.Hour))
	}
	h.apply(t, &feed, "1", items...)
	plan, err := store.WindowPlan(t.Context(), h.Store, onServer())
	if err != nil {
		t.Fatal(err)
	}
	uses := []string{"items_time (feed=? AND starts_at>? AND starts_at<?)", "items_long (feed=? AND ends_at>?)"}
	if onServer() {
		uses = []string{"Index Scan using items_time", "Index Scan using items_long", "Index Scan using changes_pkey"}
	}
	for _, index := range uses {
		if !strings.Contains(plan, index) {
			t.Errorf("%s is not used:\n%s", index, plan)
		}
	}
	if strings.Contains(plan, "SCAN i") || strings.Contains(plan, "SCAN f") || strings.Contains(plan, "SCAN c") || strings.Contains(plan, "Seq Scan on items") || strings.Contains(plan, "Seq Scan on changes") {
		t.Errorf("a table is read whole:\n%s", plan)
	}
}
