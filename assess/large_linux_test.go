package assess_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/catalog"
)

// worked is the time that the processor has worked for this process.
func worked(t *testing.T) time.Duration {
	t.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		t.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// TestTenThousandLinesInASecond measures the processor's time, so that a busy machine
// changes little. The plan names every permission that there is, which is more than
// any real one does.
func TestTenThousandLinesInASecond(t *testing.T) {
	if raced {
		t.Skip("the race detector slows everything down; it has other tests")
	}
	text := large(10_000)
	c := catalog.Load()
	best := time.Hour
	for range 3 {
		from := worked(t)
		a, err := assess.Document(c, "large.md", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		best = min(best, worked(t)-from)
		if len(a.Permissions) < 1000 {
			t.Fatalf("%d permissions", len(a.Permissions))
		}
	}
	t.Logf("10,000 lines of %d bytes in %s", len(text), best)
	if limit := 5 * time.Second; best > limit { // a guard against what grows with the square, also under -race
		t.Errorf("10,000 lines took %s", best)
	}
}
