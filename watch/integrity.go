package watch

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Integrity sees that the last inspection found damage in the database, or that
// none has come to its end for four times as long as they should be apart. Zero
// every is for those who inspect by other means.
func Integrity(inspected func(ctx context.Context) (graphwarden.Inspected, error), every time.Duration, made func(ctx context.Context) (time.Time, error)) Look {
	return Look{Codes: []string{"notice.database_damaged", "notice.database_unchecked"}, See: func(ctx context.Context, now time.Time) ([]Sighting, error) {
		i, err := inspected(ctx)
		if err != nil {
			return nil, err
		}
		if i.Wrong != "" {
			return []Sighting{{Code: "notice.database_damaged", Subject: "database", Severity: graphwarden.Critical, Since: i.At,
				Say: fmt.Sprintf("The database was read through at %s and is damaged: %s.", i.At.UTC().Format(time.RFC3339), i.Wrong),
				Do:  "Stop the server, keep a copy of the database, and restore the last backup: graphwarden restore --help"}}, nil
		}
		from := i.At
		if from.IsZero() {
			from, err = made(ctx)
		}
		if err != nil || every == 0 || now.Sub(from) <= 4*every {
			return nil, err
		}
		why := "none was begun"
		if i.Problem != "" {
			why = i.Problem
		}
		return []Sighting{{Code: "notice.database_unchecked", Subject: "database", Severity: graphwarden.Warning, Since: from.Add(4 * every),
			Say: fmt.Sprintf("The database was not read through for damage since %s: %s.", from.UTC().Format(time.RFC3339), why),
			Do:  "Give it more time with integrity.within, or read it through yourself: graphwarden check"}}, nil
	}}
}
