package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/store"
)

// pages gives n items of 2.8 kB in pages, with ids that look like Microsoft's.
// In order, each id follows the last one; otherwise they come as a hash would
// give them, the worst case for an index.
func pages(n, page int, inOrder bool) [][]graphwarden.Item {
	filler := strings.Repeat("All hands are expected on deck at noon. ", 66)
	var out [][]graphwarden.Item
	for i := range n {
		if i%page == 0 {
			out = append(out, make([]graphwarden.Item, 0, page))
		}
		number := uint64(i)
		if !inOrder {
			number = number * 0x9E3779B97F4A7C15
		}
		id := fmt.Sprintf("AAMkADhmNDk2ZWFmLTg4ZTAtNGVjYi05MzBmLTlkNjM5YTU4MTBkMABGAAAAAAAVKsrTP6dDTp5ZJ%028dBwCV=", number)
		body := json.RawMessage(fmt.Sprintf(`{"@odata.etag":"W/\"%d\"","id":%q,"subject":"Item %d","body":{"content":%q}}`, i, id, i, filler))
		last := len(out) - 1
		out[last] = append(out[last], graphwarden.Item{ID: id, Body: body})
	}
	return out
}

// cpu gives the processor time that this process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkFirstSync stores 100,000 items of 2.8 kB, page by page, each page on
// disk before the next is given, and reports how many a second of one
// processor stores.
func BenchmarkFirstSync(b *testing.B) {
	for _, page := range []int{200, 1000} {
		for _, order := range []string{"in-order", "scattered"} {
			b.Run(fmt.Sprintf("page=%d/%s", page, order), func(b *testing.B) {
				const items = 100_000
				work := pages(items, page, order == "in-order")
				for b.Loop() {
					h := open(b)
					h.ensure(b, calendar("inbox"))
					feed := h.lease(b, "w")
					began, used := time.Now(), cpu()
					for i, page := range work {
						err := h.UpdateBulk(b.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
							_, err := h.ApplyPage(ctx, tx, feed, graphwarden.Page{Items: page, Next: graphwarden.Cursor(fmt.Sprint(i))})
							return err
						})
						if err != nil {
							b.Fatal(err)
						}
						feed.Cursor = graphwarden.Cursor(fmt.Sprint(i))
					}
					b.ReportMetric(items/(cpu()-used).Seconds(), "items/CPU-s")
					b.ReportMetric(items/time.Since(began).Seconds(), "items/s")
					if err := h.Close(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkGroupCommit asks for 2,000 small updates a second from 64 goroutines
// and reports how long the slowest of a hundred waits.
func BenchmarkGroupCommit(b *testing.B) {
	h := open(b)
	for i := range 500 {
		feed := calendar("c1")
		feed.Mailbox.ID = fmt.Sprint("mailbox-", i)
		h.ensure(b, feed)
	}
	small := map[string]func(ctx context.Context, tx graphwarden.Tx, i int) error{
		"marks": func(ctx context.Context, tx graphwarden.Tx, i int) error {
			_, err := h.MarkDirty(ctx, tx, "office-calendars", fmt.Sprint("mailbox-", i%500))
			return err
		},
		"entries": func(ctx context.Context, tx graphwarden.Tx, i int) error {
			_, err := h.AppendEntry(ctx, tx, graphwarden.Entry{
				Kind: graphwarden.Decided, Call: fmt.Sprint(i), App: "crm", Flow: "office-calendars", Tenant: "contoso",
				Method: "GET", Path: "/users/{id}/events/{id}", Allowed: true, Rule: "flow:office-calendars",
			}, func(graphwarden.Entry) (leaf [32]byte) { return leaf })
			return err
		},
	}
	for name, do := range small {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				began, used := time.Now(), cpu()
				waits := paced(b, h, do)
				b.ReportMetric(float64(len(waits))/time.Since(began).Seconds(), "updates/s")
				b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "p50-ms")
				b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99-ms")
				b.ReportMetric((cpu()-used).Seconds()/time.Since(began).Seconds()*100, "%core")
			}
		})
	}
}

// paced makes 10,000 updates at 2,000 a second, and gives how long each took, in
// order of length.
func paced(b *testing.B, h house, do func(ctx context.Context, tx graphwarden.Tx, i int) error) []time.Duration {
	const callers, rate, updates = 64, 2000, 10_000
	waits := make([]time.Duration, updates)
	var all sync.WaitGroup
	began := time.Now()
	for c := range callers {
		all.Go(func() {
			for i := c; i < updates; i += callers {
				due := began.Add(time.Duration(i) * time.Second / rate)
				time.Sleep(time.Until(due))
				err := h.Update(b.Context(), func(ctx context.Context, tx graphwarden.Tx) error { return do(ctx, tx, i) })
				if err != nil {
					b.Error(err)
				}
				waits[i] = time.Since(due) // from when it was due, so that a stall counts for all it held up
			}
		})
	}
	all.Wait()
	slices.Sort(waits)
	return waits
}

// BenchmarkBackup backs up a database of 100,000 items of 2.8 kB and restores it
// into a file, each verified, and reports how long either takes: how long a loss is
// mended, and what a backup costs that is to be made often.
func BenchmarkBackup(b *testing.B) {
	h := open(b)
	h.ensure(b, calendar("inbox"))
	feed := h.lease(b, "w")
	for i, page := range pages(100_000, 1000, true) {
		h.apply(b, &feed, graphwarden.Cursor(fmt.Sprint(i)), page...)
	}
	folder := b.TempDir()
	for n := 0; b.Loop(); n++ {
		file := filepath.Join(folder, fmt.Sprint("backup", n))
		began := time.Now()
		m, err := h.Backup(b.Context(), file)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(time.Since(began).Seconds(), "s/backup")
		b.ReportMetric(float64(m.Bytes)/1e6, "MB")
		for name, to := range map[string]store.Options{"file": {Path: file + ".restored"}, "server": {}} {
			if name == "server" {
				if !onServer() {
					continue
				}
				to.URL = pg.NewSchema(b)
			}
			began = time.Now()
			if _, err := store.Restore(b.Context(), file, to, leafOf); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(time.Since(began).Seconds(), "s/restore-to-a-"+name)
		}
	}
}

// BenchmarkWritesDuringABackup makes 2,000 marks a second while a database of
// 100,000 items is backed up, and before that without: what a backup costs those
// who write.
func BenchmarkWritesDuringABackup(b *testing.B) {
	h := open(b)
	h.ensure(b, calendar("inbox"))
	feed := h.lease(b, "w")
	for i, page := range pages(100_000, 1000, true) {
		h.apply(b, &feed, graphwarden.Cursor(fmt.Sprint(i)), page...)
	}
	for i := range 500 {
		feed := calendar("c1")
		feed.Mailbox.ID = fmt.Sprint("mailbox-", i)
		h.ensure(b, feed)
	}
	mark := func(ctx context.Context, tx graphwarden.Tx, i int) error {
		_, err := h.MarkDirty(ctx, tx, "office-calendars", fmt.Sprint("mailbox-", i%500))
		return err
	}
	folder := b.TempDir()
	for n := 0; b.Loop(); n++ {
		alone := paced(b, h, mark)
		var backup sync.WaitGroup
		var took time.Duration
		backup.Go(func() {
			began := time.Now()
			if _, err := h.Backup(b.Context(), filepath.Join(folder, fmt.Sprint("backup", n))); err != nil {
				b.Error(err)
			}
			took = time.Since(began)
		})
		beside := paced(b, h, mark)
		backup.Wait()
		for name, waits := range map[string][]time.Duration{"alone": alone, "beside": beside} {
			b.ReportMetric(float64(waits[len(waits)/2].Microseconds())/1000, "p50-ms-"+name)
			b.ReportMetric(float64(waits[len(waits)*99/100].Microseconds())/1000, "p99-ms-"+name)
		}
		b.ReportMetric(took.Seconds(), "s/backup")
	}
}
