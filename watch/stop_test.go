package watch_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/watch"
)

// TestALongStopIsNoTrouble: what fell behind while nobody was there to read it is told
// when it is still behind after the time that a hiccup has, from the start on.
func TestALongStopIsNoTrouble(t *testing.T) {
	for name, s := range map[string]struct {
		lasts time.Duration
		want  string
	}{
		"read within a minute of the start": {time.Minute, ""},
		"not read":                          {5 * time.Minute, "opened sink_failing critical, closed sink_failing critical"},
	} {
		t.Run(name, func(t *testing.T) {
			w := raise(t)
			behind := failing(graphwarden.Critical)
			behind.Since = w.now.Add(-3 * time.Hour)
			w.wrong = []watch.Sighting{behind}
			w.after(s.lasts)
			w.wrong = nil
			w.after(5 * time.Minute)
			if w.told() != s.want {
				t.Errorf("told: %s", w.told())
			}
			for _, m := range w.got {
				if !m.Data.Since.Equal(behind.Since) {
					t.Errorf("it is told to be so since %s", m.Data.Since)
				}
			}
		})
	}
}

// TestWhoAsksIsToldWhatIsOver: the notice is open until that has lasted. Another
// process than the one that looks says the same.
func TestWhoAsksIsToldWhatIsOver(t *testing.T) {
	w := raise(t)
	w.wrong = []watch.Sighting{failing(graphwarden.Warning), disabled()}
	w.after(5 * time.Minute)
	gone := func(fresh *watch.Watch) string {
		t.Helper()
		list, err := watch.Shelf{Rows: w.store, Watches: []*watch.Watch{w.Watch}, Fresh: fresh}.Notices(t.Context(), false, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		var out []string
		for _, n := range list {
			if !n.ClosedAt.IsZero() {
				t.Errorf("closed: %+v", n)
			}
			if !n.GoneSince.IsZero() {
				out = append(out, n.Code)
			}
		}
		return strings.Join(out, ", ")
	}
	if was := gone(w.Watch); was != "" {
		t.Errorf("over while both last: %s", was)
	}
	w.wrong = []watch.Sighting{disabled()}
	if was, kept := gone(w.Watch), gone(nil); was != "notice.sink_failing" || kept != "" {
		t.Errorf("over: %q, of what is kept %q", was, kept)
	}
	w.wrong, w.blind = nil, errors.New("it cannot look")
	if was := gone(w.Watch); was != "" {
		t.Errorf("over while nobody can look: %s", was)
	}
}
