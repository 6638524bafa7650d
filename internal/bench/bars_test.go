//go:build linux

package bench_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// line is one of the table.
type line struct {
	what, measured, bar string
	met                 verdict
}

type verdict string

const (
	met      verdict = "met"
	notMet   verdict = "NOT MET"
	noBar    verdict = ""
	unproven verdict = "not measured"
)

func judged(ok bool) verdict {
	if ok {
		return met
	}
	return notMet
}

// lab is where the bars are measured.
type lab struct {
	*testing.T
	binary string // the gateway's
	lines  []line
}

func (l *lab) add(what, bar string, v verdict, format string, args ...any) {
	l.lines = append(l.lines, line{what, fmt.Sprintf(format, args...), bar, v})
}

// TestBars measures what design.md calls the bars and prints them. Processor time
// is that of the measured process alone; whatever else runs on the machine makes
// waits longer and figures worse, not better.
func TestBars(t *testing.T) {
	if !*bars {
		t.Skip("only with -bars; see make bench")
	}
	l := &lab{T: t, binary: build(t, "../..", "./cmd/graphwarden", "graphwarden")}
	for _, b := range []struct {
		name    string
		measure func(*lab)
	}{
		{"build", (*lab).build},
		{"first", (*lab).firstSync},
		{"notifications", (*lab).notifications},
		{"app", (*lab).changeToApp},
		{"idle", (*lab).idle},
		{"presence", (*lab).presence},
		{"writes", (*lab).writes},
		{"proxy", (*lab).proxy},
		{"ledger", (*lab).ledger},
	} {
		if !wanted(b.name) {
			continue
		}
		began := time.Now()
		t.Run(b.name, func(t *testing.T) {
			inner := lab{T: t, binary: l.binary}
			defer func() { l.lines = append(l.lines, inner.lines...) }() // also those before it broke
			b.measure(&inner)
		})
		t.Logf("%s took %v", b.name, time.Since(began).Round(time.Second))
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)
	fmt.Fprintln(table, "\nWHAT\tMEASURED\tBAR\t")
	for _, x := range l.lines {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", x.what, x.measured, x.bar, x.met)
	}
	fmt.Fprintln(table)
	if err := table.Flush(); err != nil {
		t.Fatal(err)
	}
}

func wanted(name string) bool {
	for _, letters := range strings.Split(*only, ",") {
		if strings.HasPrefix(name, letters) {
			return true
		}
	}
	return false
}

// megabytes as people count them.
func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }
