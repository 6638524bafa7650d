//go:build linux

package bench_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// tick is the unit in which Linux counts processor time (USER_HZ).
const tick = 10 * time.Millisecond

// child is a process that is measured.
type child struct {
	tb      testing.TB
	command *exec.Cmd
	ended   chan struct{}
	peaks   *peaks

	mu    sync.Mutex
	lines []string // of what it said
}

// usage is what a process has used from its start to its end.
type usage struct {
	cpu, wall time.Duration
	peak      int64 // bytes resident at most
}

// launch starts a program and watches it; the test ends it if nobody else does.
func launch(tb testing.TB, path string, env []string, args ...string) *child {
	tb.Helper()
	ctx, stop := context.WithCancel(context.Background())
	c := &child{tb: tb, command: exec.CommandContext(ctx, path, args...), ended: make(chan struct{}), peaks: &peaks{}}
	c.command.Env = append(os.Environ(), env...)
	says, err := c.command.StderrPipe()
	if err == nil {
		err = c.command.Start()
	}
	if err != nil {
		stop()
		tb.Fatal(err)
	}
	go func() {
		defer close(c.ended)
		for lines := bufio.NewScanner(says); lines.Scan(); {
			c.mu.Lock()
			c.lines = append(c.lines, lines.Text())
			c.mu.Unlock()
		}
		_ = c.command.Wait() // the state is asked for by whoever cares
	}()
	go c.peaks.watch(c.command.Process.Pid, c.ended)
	tb.Cleanup(func() {
		stop()
		<-c.ended
	})
	return c
}

// said gives the text behind a mark in what the child has said.
func (c *child) said(mark string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, line := range c.lines {
		if _, after, found := strings.Cut(line, mark); found {
			return after, true
		}
	}
	return "", false
}

// await waits until something holds, while the child lives.
func (c *child) await(what string, within time.Duration, holds func() bool) {
	c.tb.Helper()
	late := time.After(within)
	for beat := time.Tick(5 * time.Millisecond); !holds(); {
		select {
		case <-beat:
		case <-c.ended:
			c.tb.Fatalf("waiting until %s: the process has ended: %s", what, c.last())
		case <-late:
			c.tb.Fatalf("waiting until %s: not within %v: %s", what, within, c.last())
		}
	}
}

func (c *child) last() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Join(c.lines[max(0, len(c.lines)-5):], "\n")
}

// wait waits for the child's end, which must be a good one.
func (c *child) wait(began time.Time) usage {
	c.tb.Helper()
	<-c.ended
	state := c.command.ProcessState
	if state == nil || state.ExitCode() != 0 {
		c.tb.Fatalf("%s ended with %v: %s", filepath.Base(c.command.Path), state, c.last())
	}
	used := state.SysUsage().(*syscall.Rusage)
	return usage{cpu: state.UserTime() + state.SystemTime(), wall: time.Since(began), peak: used.Maxrss << 10}
}

// stop ends the child in peace.
func (c *child) stop(began time.Time) usage {
	c.tb.Helper()
	if err := c.command.Process.Signal(syscall.SIGTERM); err != nil {
		c.tb.Fatal(err)
	}
	return c.wait(began)
}

// mark begins the child's profile, if it is to make one.
func (c *child) mark() {
	if *profile != "" {
		_ = c.command.Process.Signal(syscall.SIGUSR1)
	}
}

// cpu is the processor time that the child has used so far.
func (c *child) cpu() time.Duration {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", c.command.Process.Pid))
	if err != nil {
		c.tb.Fatal(err)
	}
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:])) // from the third on (proc_pid_stat(5))
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	if err1 != nil || err2 != nil {
		c.tb.Fatalf("reading processor time from %q", raw)
	}
	return time.Duration(user+system) * tick
}

// written is how many bytes the child has sent to the disk so far.
func (c *child) written() (n int64) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/io", c.command.Process.Pid))
	if err != nil {
		c.tb.Fatal(err)
	}
	_, after, _ := strings.Cut(string(raw), "\nwrite_bytes: ")
	if _, err := fmt.Sscan(after, &n); err != nil {
		c.tb.Fatalf("reading what was written from %q: %v", raw, err)
	}
	return n
}

// peaks follows how much of a process is resident.
type peaks struct {
	mu   sync.Mutex
	seen []int64
}

func (p *peaks) watch(pid int, until <-chan struct{}) {
	beat := time.NewTicker(50 * time.Millisecond)
	defer beat.Stop()
	for {
		if n := resident(pid); n > 0 {
			p.mu.Lock()
			p.seen = append(p.seen, n)
			p.mu.Unlock()
		}
		select {
		case <-beat.C:
		case <-until:
			return
		}
	}
}

// parts gives the peaks of the first and the last quarter of what was seen since
// a place in it.
func (p *peaks) parts(since int) (first, last int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	seen := p.seen[min(since, len(p.seen)):]
	for i, n := range seen {
		if 4*i < len(seen) {
			first = max(first, n)
		}
		if 4*i >= 3*len(seen) {
			last = max(last, n)
		}
	}
	return first, last
}

// since is the highest of what was seen since a place in it.
func (p *peaks) since(place int) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Max(append([]int64{0}, p.seen[min(place, len(p.seen)):]...))
}

func (p *peaks) now() (place int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.seen)
}

// resident is how many bytes of a process are in memory, 0 if it is gone.
func resident(pid int) int64 {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	fields := strings.Fields(string(raw))
	if err != nil || len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64)
	return pages * int64(os.Getpagesize())
}
