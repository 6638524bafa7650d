package ics_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim/world/ics"
)

// corpus is the folder of real calendars, which is kept beside the repository.
const corpus = "../../../../shared/corpus/calendar"

func TestRealCalendarsAreReadWhole(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(corpus, "*.ics"))
	if err != nil || len(files) == 0 {
		t.Skip("the real calendars (../shared/corpus/calendar beside the repository) are not here")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			items, found, err := ics.Parse(strings.NewReader(string(raw)), ics.Options{File: filepath.Base(file)})
			if err != nil {
				t.Fatal(err)
			}
			if events := strings.Count(string(raw), "BEGIN:VEVENT"); len(items) < min(events, 1) {
				t.Errorf("%d items of %d VEVENTs", len(items), events)
			}
			lines := strings.Count(string(raw), "\n") + 1
			for _, f := range found {
				if f.What == "" || f.Line < 1 || f.Line > lines || f.File != filepath.Base(file) {
					t.Errorf("finding %+v lacks a place or words", f)
				}
			}
		})
	}
}
