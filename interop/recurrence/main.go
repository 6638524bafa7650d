// Command recurrence is our side of the recurrence witness: it makes calendars
// from a seed and tells when the simulator's code has their events take place.
// What it tells is compared by witness.py, which shares no code with it.
//
//	recurrence patterns -seed 1 -count 500 -out DIR
//	    Graph series in DIR/series.ndjson, and each as an iCalendar file
//	recurrence calendars -seed 1 -count 500 -out DIR
//	    iCalendar files with all that such files may hold
//	recurrence expand -ics DIR -from DATE -to DATE
//	    the instances that the importer makes of a folder of files, as NDJSON
//	recurrence expand -series DIR/series.ndjson -from DATE -to DATE
//	    the instances of Graph series, as NDJSON
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "recurrence:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return fmt.Errorf("say patterns, calendars or expand (see go doc ./interop/recurrence)")
	}
	flags := flag.NewFlagSet("recurrence", flag.ContinueOnError)
	seed := flags.Uint64("seed", 1, "what the series are made from")
	count := flags.Int("count", 500, "how many series")
	out := flags.String("out", ".", "folder to write to")
	files := flags.String("ics", "", "folder of iCalendar files to import")
	series := flags.String("series", "", "NDJSON file of Graph series")
	from := flags.String("from", "2026-01-01", "first day of the window")
	to := flags.String("to", "2028-01-01", "day after the window")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	switch args[0] {
	case "patterns":
		return writePatterns(*seed, *count, *out)
	case "calendars":
		return writeCalendars(*seed, *count, *out)
	case "expand":
		w, err := newWindow(*from, *to)
		if err != nil {
			return err
		}
		if *series != "" {
			return w.expandSeries(*series)
		}
		return w.expandCalendars(*files)
	}
	return fmt.Errorf("no command %q: say patterns, calendars or expand", args[0])
}

// window is the time in which instances are told.
type window struct {
	from, to time.Time
}

func newWindow(from, to string) (window, error) {
	a, err := time.Parse(time.DateOnly, from)
	if err != nil {
		return window{}, fmt.Errorf("reading -from: %w", err)
	}
	b, err := time.Parse(time.DateOnly, to)
	if err != nil {
		return window{}, fmt.Errorf("reading -to: %w", err)
	}
	return window{a, b}, nil
}
