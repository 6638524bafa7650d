//go:build unix

package bench_test

import (
	"context"
	"flag"
	"fmt"
	"testing"
)

var items = flag.Int("items", 20_000, "how many events a first sync reads")

// program reads all pages of a server.
type program interface {
	run(ctx context.Context) error
	close() error
}

// keeper is a program that stores what it reads.
type keeper interface {
	program
	count(ctx context.Context) (int, error)
}

// contenders are who is measured, in this order.
var contenders = []struct {
	name string
	make func(testing.TB, *server) program
}{
	{"graphwarden", newGateway},
	{"plain", newPlain},
	{"download", func(_ testing.TB, s *server) program { return download{s} }},
}

// BenchmarkFirstSync reads a calendar of events of 2.8 kB by delta into SQLite
// (synchronous=FULL) with Graphwarden and with a plain program, in turns, and
// reports events per second of processor time and their ratio. Both pay for the
// same server in the same process, which brings the ratio nearer to one; what
// downloading alone costs is reported beside them. Closing the database is
// counted, so that nobody leaves copying back the log to later.
func BenchmarkFirstSync(b *testing.B) {
	for _, size := range []int{1000, 200} {
		b.Run(fmt.Sprintf("page=%d", size), func(b *testing.B) {
			s := serve(b, *items, size)
			taken := make([]usage, len(contenders))
			rounds := 0
			for b.Loop() {
				rounds++
				for i, c := range contenders {
					p := c.make(b, s)
					taken[i].add(measure(b, s, func() error {
						if err := p.run(b.Context()); err != nil {
							return err
						}
						return p.close()
					}))
				}
			}
			for i, c := range contenders {
				n := float64(rounds * *items)
				b.ReportMetric(n/taken[i].cpu.Seconds(), c.name+"-items/CPU-s")
				b.ReportMetric(n/taken[i].wall.Seconds(), c.name+"-items/s")
				b.ReportMetric(float64(taken[i].quarter)/1e6, c.name+"-quarter-MB")
				b.ReportMetric(float64(taken[i].peak)/1e6, c.name+"-peak-MB")
			}
			b.ReportMetric(taken[1].cpu.Seconds()/taken[0].cpu.Seconds(), "ratio")
			b.ReportMetric(0, "ns/op") // a round of all three says nothing
		})
	}
}

// TestTheProgramsCompareLikeWithLike keeps the benchmark honest: each contender
// reads every page once, and who stores has every event afterwards.
func TestTheProgramsCompareLikeWithLike(t *testing.T) {
	const events = 130
	s := serve(t, events, 20)
	for _, c := range contenders {
		t.Run(c.name, func(t *testing.T) {
			p := c.make(t, s)
			u := measure(t, s, func() error { return p.run(t.Context()) })
			if got := int(s.asked.Load()); got != s.pages {
				t.Errorf("%d pages were read, want %d", got, s.pages)
			}
			if u.peak == 0 || u.wall == 0 {
				t.Errorf("measured %+v", u)
			}
			if k, keeps := p.(keeper); keeps {
				if n, err := k.count(t.Context()); err != nil || n != events {
					t.Errorf("%d events were stored (%v), want %d", n, err, events)
				}
			}
		})
	}
}

func TestEventsAreAsLargeAsTheBarSays(t *testing.T) {
	if n := len(event(t, 12345)); n < itemSize-100 || n > itemSize {
		t.Errorf("an event has %d bytes, want about %d", n, itemSize)
	}
}
