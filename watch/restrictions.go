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

// proven is told for a day, because whoever restricts an app waits for it.
const (
	proven    = "notice.restriction_proven"
	provenFor = 24 * time.Hour
)

// Restrictions sees restrictions that do not hold although they had their time,
// those that a consent for every mailbox makes idle, those that are for other
// mailboxes than the flows by now, and that one was proven.
func Restrictions(s Restricted) Look {
	return Look{Codes: []string{"notice.restriction_failed", "notice.consent_left", "notice.restriction_outdated", proven}, See: func(ctx context.Context, now time.Time) ([]Sighting, error) {
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
			case graphwarden.RestrictionPast:
				out = append(out, Sighting{Code: "notice.restriction_outdated", Subject: r.Registration, Severity: graphwarden.Warning,
					Say: "Exchange keeps " + r.Registration + " to what it was told. " + r.Say, Do: "See the difference, and have it made up: " + command + " --administrator"})
			case graphwarden.RestrictionProven:
				if now.Before(r.ProvenAt.Add(provenFor)) {
					out = append(out, Sighting{Code: proven, Subject: r.Registration, Severity: graphwarden.Info, Since: r.ProvenAt, Say: shown(r), Do: "Nothing needs to be done: " + command + " --status"})
				}
			}
		}
		return out, err
	}}
}

// shown says by what a restriction was proven.
func shown(r graphwarden.Restriction) string {
	text := "Exchange keeps " + r.Registration + " to its mailboxes"
	switch {
	case !r.Reads:
		return text + ", by its own test; nothing was sent for it."
	case r.Inside.UPN == "" || r.Outside.UPN == "":
		return text + "."
	}
	return text + ": " + r.Inside.UPN + " was read, " + r.Outside.UPN + " was refused."
}
