package watch

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Uncertain says what came to be uncertain since a time.
type Uncertain interface {
	Unsure(ctx context.Context, since time.Time) ([]graphwarden.Unsure, error)
}

// unsureFor is how long operators are told of writes that nobody knows of.
const unsureFor = 24 * time.Hour

// Writes sees writes of the last day of which nobody knows whether they took effect:
// a person has to look, and nothing that is done here shows that somebody has.
func Writes(s Uncertain) Look {
	return Look{Codes: []string{"notice.write_uncertain"}, See: func(ctx context.Context, now time.Time) ([]Sighting, error) {
		list, err := s.Unsure(ctx, now.Add(-unsureFor))
		var out []Sighting
		for _, u := range list {
			what, where := "writes", "Look at the events"
			if u.Mail {
				what, where = "messages", "Look into the senders' Sent Items"
			}
			out = append(out, Sighting{Code: "notice.write_uncertain", Subject: u.App + " " + what, Severity: graphwarden.Warning, Since: u.Since,
				Say: fmt.Sprintf("Of %d %s of the app %s in the last day nobody knows whether they took effect.", u.Count, what, u.App),
				Do:  where + " that graphwarden writes --state uncertain lists, and have the app send what is still wanted with a new idempotency key."})
		}
		return out, err
	}}
}
