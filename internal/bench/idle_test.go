//go:build linux

package bench_test

import (
	"context"
	"net/http"
	"time"
)

const (
	idlePeople = 5000
	idleMemory = 120_000_000
	idleCPU    = 0.02 // of a core
	sweep      = 15 * time.Minute
)

// idle watches a gateway that has nothing to do but its rounds, after a restart
// over a database that has everything. Its start leads to a round of every feed
// at once; the next ones are spread over the quarter of an hour, by us if we
// cannot wait so long.
func (l *lab) idle() {
	o := openOffice(l, idlePeople, 0, pageSize)
	g, _ := awake(l, o, http.StatusGone)
	g.stop(g.began)
	was := o.deltas.Load()
	g = run(l, l.binary, g.folder)
	start := time.Since(g.began)
	l.add("start, with 5,000 mailboxes", "< 3 s", judged(start < startBar), "%v", start.Round(time.Millisecond))
	l.await(g, "what it missed is looked for", func() bool {
		time.Sleep(100 * time.Millisecond)
		return o.deltas.Load()-was >= idlePeople
	})
	l.Logf("the round at the start took %v and %v of processor time", time.Since(g.began), g.cpu())
	span := time.Minute
	if *full {
		span = 16 * time.Minute
	} else {
		l.spread(g.folder)
	}
	time.Sleep(5 * time.Second) // what the start left over
	g.mark()
	cpu, deltas, lists, place, written := g.cpu(), o.deltas.Load(), o.lists.Load(), g.peaks.now(), g.written()
	began := time.Now()
	time.Sleep(span)
	share := (g.cpu() - cpu).Seconds() / time.Since(began).Seconds()
	written = g.written() - written
	peak := g.peaks.since(place)
	g.stop(g.began)
	l.add("idle, 5,000 mailboxes swept in 15 min: processor", "< 2 % of a core", judged(share < idleCPU),
		"%.2f %% for %v; %.1f sweeps/s, %.1f lists/s", 100*share, span, float64(o.deltas.Load()-deltas)/span.Seconds(), float64(o.lists.Load()-lists)/span.Seconds())
	l.add("idle, 5,000 mailboxes: memory", "< 120 MB", judged(peak < idleMemory), "%s resident at most", megabytes(peak))
	l.add("  written to the disk meanwhile", "", noBar, "%.2f GB a day", float64(written)/1e9*(24*time.Hour).Seconds()/span.Seconds())
}

// spread has the feeds come due as they do after hours of running.
func (l *lab) spread(folder string) {
	db := openDatabase(l, folder)
	defer db.Close()
	_, err := db.ExecContext(context.Background(), db.says(`UPDATE feeds SET due_at = ?1 + (id * 7919 % ?2) * ?3`),
		time.Now().UnixMicro(), idlePeople, sweep.Microseconds()/idlePeople)
	if err != nil {
		l.Fatal(err)
	}
}
