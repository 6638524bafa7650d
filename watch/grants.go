package watch

import (
	"context"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// GrantsSeen says what was seen of the registrations' grants.
type GrantsSeen interface {
	GrantsSeen(ctx context.Context) ([]graphwarden.GrantsSeen, error)
}

// The notices of grants.
const (
	grantsBeyond  = "notice.grants_beyond"
	grantsMissing = "notice.grants_missing"
	grantsUnread  = "notice.grants_unread"
)

// Grants sees registrations that were granted more than their flows need, or less,
// and those whose grants cannot be read. What is declared is asked only.
func Grants(s GrantsSeen, declared func(registration string) bool) Look {
	return Look{Codes: []string{grantsBeyond, grantsMissing, grantsUnread}, See: func(ctx context.Context, _ time.Time) ([]Sighting, error) {
		list, err := s.GrantsSeen(ctx)
		var out []Sighting
		for _, g := range list {
			if !declared(g.Registration) {
				continue
			}
			command := "graphwarden grants " + g.Registration
			if len(g.Beyond) > 0 {
				out = append(out, Sighting{Code: grantsBeyond, Subject: g.Registration, Severity: graphwarden.Warning, Since: sinceOf(g, g.Beyond),
					Say: "Microsoft lets " + g.Registration + " do more than its flows need: " + named(g.Beyond) + "." + seenChange("added", g.Added, g),
					Do:  "See who needs it, and have it taken away: " + command + " --apply"})
			}
			if len(g.Missing) > 0 {
				out = append(out, Sighting{Code: grantsMissing, Subject: g.Registration, Severity: graphwarden.Critical, Since: sinceOf(g, g.Missing),
					Say: "Flows of " + g.Registration + " need what nobody granted: " + named(g.Missing) + "." + seenChange("taken away", g.Removed, g),
					Do:  "Have it granted: " + command + " --apply"})
			}
			if g.Problem != "" {
				out = append(out, Sighting{Code: grantsUnread, Subject: g.Registration, Severity: graphwarden.Info,
					Say: "What Microsoft lets " + g.Registration + " do could not be read. " + g.Problem,
					Do:  "Have the permission of the tenant's reader granted: docs/grants.md. Or look yourself: " + command + " --administrator"})
			}
		}
		return out, err
	}}
}

// named writes permissions for people.
func named(list []string) string {
	var out []string
	for _, one := range list {
		scheme, name, _ := strings.Cut(one, "/")
		out = append(out, name+" ("+scheme+")")
	}
	return strings.Join(out, ", ")
}

// sinceOf is when what is wrong was first seen, where a change at Microsoft brought
// it.
func sinceOf(g graphwarden.GrantsSeen, wrong []string) time.Time {
	for _, w := range wrong {
		for _, changed := range append(g.Added[:len(g.Added):len(g.Added)], g.Removed...) {
			if w == changed {
				return g.ChangedAt
			}
		}
	}
	return time.Time{}
}

// seenChange tells of the last change at Microsoft.
func seenChange(what string, list []string, g graphwarden.GrantsSeen) string {
	if len(list) == 0 {
		return ""
	}
	return " " + named(list) + " was " + what + " at Microsoft, as seen at " + g.ChangedAt.UTC().Format(time.RFC3339) + "."
}
