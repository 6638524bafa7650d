package watch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
)

// unsignedFor is how long entries may wait for a checkpoint; usually it is a minute.
const unsignedFor = 5 * time.Minute

// Signed is how much of the ledger its checkpoints cover.
type Signed struct {
	Waiting int64                // how many entries none covers
	Since   time.Time            // when the first of them was written
	Wrong   *graphwarden.Refusal // why the checkpoints and the ledger do not fit; nil: they do
	Problem error                // why signing did not succeed last, as far as this process knows
	Unseen  map[string]Unseen    // witnesses that do not cosign, as far as this process knows
}

// Unseen says since when, and why, a witness has cosigned no checkpoint.
type Unseen struct {
	Since time.Time
	Why   error
}

// Ledger sees that no checkpoint of the ledger has been signed, or cosigned by one of its
// witnesses, for long, or that the ledger is not the one that was signed.
func Ledger(signed func(ctx context.Context) (Signed, error)) Look {
	return Look{Codes: []string{"notice.ledger_unsigned", "notice.ledger_wrong"}, See: func(ctx context.Context, now time.Time) ([]Sighting, error) {
		s, err := signed(ctx)
		switch {
		case err != nil:
			return nil, err
		case s.Wrong != nil:
			return []Sighting{{Code: "notice.ledger_wrong", Subject: "ledger", Severity: graphwarden.Critical, Since: now, Say: s.Wrong.Say, Do: s.Wrong.Do}}, nil
		case s.Waiting == 0 || now.Sub(s.Since) <= unsignedFor:
			return uncosigned(s.Unseen, now), nil
		}
		why := "the log of the process that signs says why"
		if s.Problem != nil {
			why = s.Problem.Error()
		}
		return append([]Sighting{{Code: "notice.ledger_unsigned", Subject: "ledger", Severity: graphwarden.Warning, Since: s.Since.Add(unsignedFor),
			Say: fmt.Sprintf("No checkpoint was signed over the ledger's last %d entries, the first of %s: %s.", s.Waiting, s.Since.UTC().Format(time.RFC3339), why),
			Do:  "Look whether the ledger is as it was written: graphwarden ledger verify --config FILE"}}, uncosigned(s.Unseen, now)...), nil
	}}
}

// uncosigned tells of witnesses that have not cosigned for long.
func uncosigned(all map[string]Unseen, now time.Time) (out []Sighting) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		u := all[name]
		if now.Sub(u.Since) <= unsignedFor {
			continue
		}
		say, do := fmt.Sprintf("The witness %s has cosigned no checkpoint of the ledger since %s: %v.", name, u.Since.UTC().Format(time.RFC3339), u.Why), "Look whether ledger.witnesses of the configuration is right, and whether the witness runs."
		var r *graphwarden.Refusal
		if errors.As(u.Why, &r) {
			say, do = r.Say, r.Do
		}
		out = append(out, Sighting{Code: "notice.ledger_unsigned", Subject: "witness/" + name, Severity: graphwarden.Warning, Since: u.Since.Add(unsignedFor), Say: say, Do: do})
	}
	return out
}
