//go:build linux

package bench_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// yardstick writes a page to the disk now and then while something is measured,
// so that what the machine itself takes for it stands beside, and how much of the
// time somebody had to wait for a processor.
type yardstick struct {
	stop  chan struct{}
	done  sync.WaitGroup
	took  []time.Duration
	began time.Time
	stall time.Duration
}

func lay(tb testing.TB) *yardstick {
	tb.Helper()
	f, err := os.Create(filepath.Join(tb.TempDir(), "yardstick"))
	if err != nil {
		tb.Fatal(err)
	}
	y := &yardstick{stop: make(chan struct{}), began: time.Now(), stall: stalled()}
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

// read ends the measuring and says what the machine was like.
func (y *yardstick) read() string {
	close(y.stop)
	y.done.Wait()
	if len(y.took) == 0 {
		return "unknown"
	}
	return fmt.Sprintf("p99 %v; processors short for %.0f %% of the time", quantile(y.took, 0.99).Round(time.Millisecond/10),
		100*(stalled()-y.stall).Seconds()/time.Since(y.began).Seconds())
}

// stalled is how long some process has waited for a processor since the machine's
// start (Linux's pressure stall information), 0 where that is not counted.
func stalled() time.Duration {
	raw, err := os.ReadFile("/proc/pressure/cpu")
	if err != nil {
		return 0
	}
	var micros int64
	_, after, _ := strings.Cut(string(raw), "total=")
	if _, err := fmt.Sscan(after, &micros); err != nil {
		return 0
	}
	return time.Duration(micros) * time.Microsecond
}
