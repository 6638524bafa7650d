//go:build unix

package bench_test

import (
	"context"
	"runtime"
	"runtime/metrics"
	"syscall"
	"testing"
	"time"
)

// usage is what running a program has taken.
type usage struct {
	cpu, wall time.Duration // of the whole process, with the server in it
	quarter   uint64        // bytes, the heap's peak while the first quarter was read
	peak      uint64        // bytes, the heap's peak
}

// add sums times and keeps the higher peaks.
func (u *usage) add(v usage) {
	u.cpu += v.cpu
	u.wall += v.wall
	u.quarter = max(u.quarter, v.quarter)
	u.peak = max(u.peak, v.peak)
}

// measure runs a program against the server.
func measure(tb testing.TB, s *server, do func() error) usage {
	tb.Helper()
	s.asked.Store(0)
	runtime.GC()
	ctx, cancel := context.WithCancel(tb.Context())
	var u usage
	done := make(chan struct{})
	go func() {
		defer close(done)
		u.watch(ctx, s)
	}()
	began, used := time.Now(), processorTime(tb)
	err := do()
	u.wall, u.cpu = time.Since(began), processorTime(tb)-used
	cancel()
	<-done
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

// watch looks at the heap every few milliseconds until ctx ends: at what is in
// use and what the collector has not yet found to be garbage.
func (u *usage) watch(ctx context.Context, s *server) {
	tick := time.NewTicker(4 * time.Millisecond)
	defer tick.Stop()
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	for {
		metrics.Read(sample)
		now := sample[0].Value.Uint64()
		u.peak = max(u.peak, now)
		if 4*int(s.asked.Load()) <= s.pages {
			u.quarter = u.peak
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// processorTime is what this process has used on all processors.
func processorTime(tb testing.TB) time.Duration {
	tb.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		tb.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
