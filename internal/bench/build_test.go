//go:build linux

package bench_test

import (
	"context"
	"os"
	"os/exec"
	"time"
)

// The bars of a build.
const (
	sizeBar  = 60_000_000 // bytes
	buildBar = 220 * time.Second
	startBar = 3 * time.Second
)

// build looks at the binary, and builds it from nothing if asked to: everything
// but the download of the modules, the standard library included.
func (l *lab) build() {
	info, err := os.Stat(l.binary)
	if err != nil {
		l.Fatal(err)
	}
	l.add("binary, stripped, without CGO", "< 60 MB", judged(info.Size() < sizeBar), "%s", megabytes(info.Size()))
	if !*coldBuild {
		l.add("cold build", "<= 220 CPU-s", unproven, "only with -cold")
		return
	}
	c := exec.CommandContext(context.Background(), "nice", "go", "build", "-C", "../..", "-o", os.DevNull, "./cmd/graphwarden")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOCACHE="+l.TempDir(), "GOFLAGS=")
	if out, err := c.CombinedOutput(); err != nil {
		l.Fatalf("building from nothing: %v: %s", err, out)
	}
	used := c.ProcessState.UserTime() + c.ProcessState.SystemTime()
	l.add("cold build", "<= 220 CPU-s", judged(used <= buildBar), "%.0f CPU-s", used.Seconds())
}
