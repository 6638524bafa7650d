package watch

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// lagging is how long a change may wait for its sink.
const lagging = 15 * time.Minute

// SinkStates says how the sinks are doing.
type SinkStates interface {
	SinkStates(ctx context.Context) ([]graphwarden.SinkState, error)
}

// Sinks sees sinks that are disabled, fail, lag behind or hold dead letters.
func Sinks(s SinkStates) Look {
	return Look{Codes: []string{"notice.sink_disabled", "notice.sink_failing", "notice.sink_lagging", "notice.dead_letters"},
		See: func(ctx context.Context, now time.Time) ([]Sighting, error) {
			list, err := s.SinkStates(ctx)
			var out []Sighting
			for _, x := range list {
				out = append(out, sinkOf(x, now)...)
			}
			return out, err
		}}
}

// sinkOf sees what is wrong with one sink.
func sinkOf(x graphwarden.SinkState, now time.Time) []Sighting {
	var out []Sighting
	switch {
	case x.Disabled != "":
		out = append(out, Sighting{Code: "notice.sink_disabled", Subject: x.Name, Severity: graphwarden.Critical, Since: x.DisabledAt,
			Say: fmt.Sprintf("Nothing is sent to the sink %s any more: %s", x.Name, x.Disabled),
			Do:  "Mend the receiver, then enable the sink: graphwarden deliveries --help"})
	case !x.FailingSince.IsZero():
		s := Sighting{Code: "notice.sink_failing", Subject: x.Name, Severity: graphwarden.Warning, Since: x.FailingSince,
			Say: fmt.Sprintf("The receiver of %s takes nothing: %s %d changes wait.", x.Name, x.Reason, x.Pending),
			Do:  "See what it answers: graphwarden deliveries --sink " + x.Name}
		if now.Sub(x.FailingSince) > time.Hour {
			s.Severity = graphwarden.Critical
		}
		out = append(out, s)
	case !x.OldestAt.IsZero() && now.Sub(x.OldestAt) > lagging:
		out = append(out, Sighting{Code: "notice.sink_lagging", Subject: x.Name, Severity: graphwarden.Warning, Since: x.OldestAt.Add(lagging),
			Say: fmt.Sprintf("%d changes wait for the sink %s, the oldest since %s.", x.Pending, x.Name, x.OldestAt.UTC().Format(time.RFC3339)),
			Do:  "See what waits: graphwarden deliveries --sink " + x.Name})
	}
	if x.Dead > 0 {
		out = append(out, Sighting{Code: "notice.dead_letters", Subject: x.Name, Severity: graphwarden.Warning,
			Say: fmt.Sprintf("%d changes for the sink %s were given up after three days of attempts.", x.Dead, x.Name),
			Do:  "Mend the receiver, then send them again: graphwarden deliveries --help"})
	}
	return out
}
