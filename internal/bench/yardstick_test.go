//go:build linux

package bench_test

import (
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"
)

// yardstick writes a page to the disk now and then while something is measured,
// so that what the machine itself takes for it stands beside.
type yardstick struct {
	stop chan struct{}
	done sync.WaitGroup
	took []time.Duration
}

func lay(tb testing.TB) *yardstick {
	tb.Helper()
	f, err := os.Create(filepath.Join(tb.TempDir(), "yardstick"))
	if err != nil {
		tb.Fatal(err)
	}
	y := &yardstick{stop: make(chan struct{})}
	y.done.Go(func() {
		defer f.Close()
		beat := time.NewTicker(20 * time.Millisecond)
		defer beat.Stop()
		page := make([]byte, 8192)
		for i := int64(0); ; i++ {
			select {
			case <-beat.C:
			case <-y.stop:
				return
			}
			began := time.Now()
			if _, err := f.WriteAt(page, i%256*int64(len(page))); err != nil {
				return
			}
			if err := syscall.Fdatasync(int(f.Fd())); err != nil {
				return
			}
			y.took = append(y.took, time.Since(began))
		}
	})
	return y
}

// p99 ends the measuring.
func (y *yardstick) p99() time.Duration {
	close(y.stop)
	y.done.Wait()
	if len(y.took) == 0 {
		return 0
	}
	return quantile(y.took, 0.99)
}
