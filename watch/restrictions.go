package watch

import (
	"context"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Restricted says how far registrations are restricted in Exchange.
type Restricted interface {
	Restrictions(ctx context.Context) ([]graphwarden.Restriction, error)
}

// Restrictions sees restrictions that do not hold although they had their time, and
// those that a consent for every mailbox makes idle.
func Restrictions(s Restricted) Look {
	return Look{Codes: []string{"notice.restriction_failed", "notice.consent_left"}, See: func(ctx context.Context, _ time.Time) ([]Sighting, error) {
		list, err := s.Restrictions(ctx)
		var out []Sighting
		for _, r := range list {
			command := "graphwarden restrict " + strings.Replace(r.Registration, "/", " ", 1)
			switch r.State {
			case graphwarden.RestrictionFailed:
				out = append(out, Sighting{Code: "notice.restriction_failed", Subject: r.Registration, Severity: graphwarden.Critical, Since: r.ChangedAt,
					Say: "Exchange does not keep " + r.Registration + " to its mailboxes: " + r.Say, Do: "Look at what is there: " + command + " --administrator --dry-run"})
			case graphwarden.RestrictionOpen:
				out = append(out, Sighting{Code: "notice.consent_left", Subject: r.Registration, Severity: graphwarden.Warning, Since: r.ChangedAt,
					Say: r.Say + " The roles in Exchange work by now.", Do: "Have it taken away: " + command + " --administrator"})
			}
		}
		return out, err
	}}
}
