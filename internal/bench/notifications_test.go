//go:build linux

package bench_test

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"
)

const (
	feeds       = 500
	hookRate    = 2000 // notifications a second
	hookWorkers = 128
	ackBar      = 200 * time.Millisecond
	changeRate  = 100 // changes a second
	appBar      = 250 * time.Millisecond
)

// notifications posts notifications for all feeds, each in a request of its own,
// at a steady rate whatever the answers take, while the feeds are read. How long
// an answer took counts from when the notification was due to be sent.
func (l *lab) notifications() {
	seconds := 20
	if *full {
		seconds = 60
	}
	o := openOffice(l, feeds, 0, pageSize)
	g, _ := awake(l, o, http.StatusGone)
	g.mark()
	disk := lay(l)
	before := g.written()
	took := post(o, g.hooks(), hookRate*seconds, hookRate, func(i int) (int, time.Time) { return i % feeds, time.Time{} })
	bare, written := disk.read(), g.written()-before
	used := g.stop(g.began)
	refused := 0
	for _, d := range took {
		if d < 0 {
			refused++
		}
	}
	p99 := quantile(took, 0.99)
	l.Logf("half were answered within %v, all within %v", quantile(took, 0.5), quantile(took, 1))
	l.add("notifications, 2,000/s over 500 feeds", "p99 < 200 ms, all taken", judged(p99 < ackBar && refused == 0),
		"p99 %v for %d s, %d not taken", p99.Round(time.Millisecond/10), seconds, refused)
	l.add("  a bare write and sync meanwhile", "", noBar, "%s", bare)
	l.add("  a notification with all that follows", "", noBar, "%v CPU, %.1f kB written; %d reads",
		(used.cpu / time.Duration(len(took))).Round(time.Microsecond), float64(written)/1e3/float64(len(took)), o.deltas.Load())
}

// changeToApp changes events and notifies; it measures until the app has the
// change in hand.
func (l *lab) changeToApp() {
	seconds := 20
	if *full {
		seconds = 60
	}
	o := openOffice(l, feeds, 0, pageSize)
	g, a := awake(l, o, http.StatusNoContent)
	l.await(g, "the app has what stood there before", func() bool { return a.count() == feeds*standing })
	n := changeRate * seconds
	sent := make([]time.Time, n)
	ids := make([]string, n)
	var mu sync.Mutex // guards sent
	g.mark()
	disk := lay(l)
	post(o, g.hooks(), n, changeRate, func(i int) (int, time.Time) {
		raw := event(5_000_000 + i)
		o.add(i%feeds, raw)
		mu.Lock()
		defer mu.Unlock()
		sent[i], ids[i] = time.Now(), eventID(raw)
		return i % feeds, sent[i]
	})
	l.await(g, "the app has every change", func() bool { return a.count() == feeds*standing+n })
	bare := disk.read()
	took := make([]time.Duration, n)
	for i := range took {
		took[i] = a.seen[ids[i]].Sub(sent[i])
	}
	g.stop(g.began)
	p99 := quantile(took, 0.99)
	l.Logf("half were there within %v, all within %v", quantile(took, 0.5), quantile(took, 1))
	l.add("change to app, 100 changes/s", "p99 < 250 ms", judged(p99 < appBar), "p50 %v, p99 %v for %d s",
		quantile(took, 0.5).Round(time.Millisecond/10), p99.Round(time.Millisecond/10), seconds)
	l.add("  a bare write and sync meanwhile", "", noBar, "%s", bare)
}

// awake gives a gateway whose every mailbox has a subscription and was read.
func awake(l *lab, o *office, answer int) (*gateway, *app) {
	folder, a := setUp(l, o, answer, "public_url: https://hooks.contoso.example")
	g := run(l, l.binary, folder)
	l.await(g, "every mailbox is subscribed and read", func() bool { return o.subscribed() == o.people })
	l.await(g, "nothing is left to read", func() bool {
		time.Sleep(100 * time.Millisecond)
		return g.ask(`SELECT count(*) FROM feeds WHERE read_at > 0 AND due_at > ?`, time.Now().UnixMicro()) == o.people
	})
	return g, a
}

func (l *lab) await(g *gateway, what string, holds func() bool) {
	l.Helper()
	g.await(what, 5*time.Minute, holds)
}

// post sends n notifications at a rate and gives how long each took, from when it
// was due; what was not answered 202 is below zero. next gives the mailbox of
// each, and when it counts from if not from then.
func post(o *office, to string, n, rate int, next func(i int) (int, time.Time)) []time.Duration {
	took := make([]time.Duration, n)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: hookWorkers}, Timeout: 30 * time.Second}
	defer client.CloseIdleConnections()
	due := make(chan int, n)
	began := time.Now()
	at := func(i int) time.Time { return began.Add(time.Duration(i) * time.Second / time.Duration(rate)) }
	var workers sync.WaitGroup
	for range hookWorkers {
		workers.Go(func() {
			for i := range due {
				mailbox, counts := next(i)
				if counts.IsZero() {
					counts = at(i)
				}
				response, err := client.Post(to, "application/json", bytes.NewReader(o.notification(mailbox)))
				took[i] = time.Since(counts)
				if err != nil || response.StatusCode != http.StatusAccepted {
					took[i] = -1
				}
				if err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
			}
		})
	}
	for i := range n {
		time.Sleep(time.Until(at(i)))
		due <- i
	}
	close(due)
	workers.Wait()
	return took
}

// quantile is the time within which a part of all was done.
func quantile(all []time.Duration, part float64) time.Duration {
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, int(part*float64(len(sorted))))]
}

func (a *app) count() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.seen)
}
