package mirror

import (
	"encoding/json"
	"hash/fnv"
	"time"

	"github.com/graphwarden/graphwarden"
)

// day is the step in which windows move: a moved window means a full read, in
// which what was known is recognised and what has left is forgotten.
const day = 24 * time.Hour

// window gives the span of time that a feed reads at a moment. A span around now
// moves on once a day, each feed's at an hour of its own that follows from its
// resource, so that not all are read in full together.
func window(now time.Time, r graphwarden.Reach, resource string) graphwarden.Window {
	if r.Fixed != (graphwarden.Window{}) {
		return r.Fixed
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(resource)) // a hash takes everything
	phase := time.Duration(h.Sum64() % uint64(day)).Truncate(time.Second)
	step := func(t time.Time) time.Time { return t.UTC().Add(-phase).Truncate(day).Add(phase) }
	return graphwarden.Window{Start: step(now.Add(-r.Past)), End: step(now.Add(r.Future)).Add(day)}
}

// outside says whether an event lies outside of a window, so that a full read
// that does not see it has not seen a deletion. What it cannot tell lies inside.
// Times are in UTC: no other zone is asked for (graph-facts §7).
func outside(w graphwarden.Window) func(json.RawMessage) bool {
	return func(body json.RawMessage) bool {
		var event struct {
			Type       string `json:"type"`
			Start      moment `json:"start"`
			End        moment `json:"end"`
			Recurrence struct {
				Range struct {
					Type    string `json:"type"`
					EndDate string `json:"endDate"`
				} `json:"range"`
			} `json:"recurrence"`
		}
		if err := json.Unmarshal(body, &event); err != nil {
			return false
		}
		start, end := event.Start.time(), event.End.time()
		if start.IsZero() || end.IsZero() {
			return false
		}
		if !start.Before(w.End) {
			return true
		}
		if event.Type != "seriesMaster" {
			return !end.After(w.Start)
		}
		// A master lasts as long as its series; only a dated end is known here.
		last, err := time.Parse(time.DateOnly, event.Recurrence.Range.EndDate)
		return err == nil && event.Recurrence.Range.Type == "endDate" && last.Add(2*24*time.Hour).Before(w.Start)
	}
}

// moment is Graph's dateTimeTimeZone.
type moment struct {
	DateTime string `json:"dateTime"`
}

func (m moment) time() time.Time {
	t, err := time.Parse("2006-01-02T15:04:05.9999999", m.DateTime)
	if err != nil {
		return time.Time{}
	}
	return t
}
