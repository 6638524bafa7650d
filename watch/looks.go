package watch

import (
	"cmp"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Feeds says how old feeds are and which mailboxes are woken.
type Feeds interface {
	FeedAges(ctx context.Context) ([]graphwarden.FeedAge, error)
	Coverage(ctx context.Context, now time.Time) ([]graphwarden.Coverage, error)
}

// Stale sees flows with feeds that were not read within the promise. It makes one
// notice for a flow, however many mailboxes it has.
func Stale(f Feeds, promise time.Duration) Look {
	return Look{Codes: []string{"notice.feed_stale", "notice.feed_unread"}, See: func(ctx context.Context, now time.Time) ([]Sighting, error) {
		ages, err := f.FeedAges(ctx)
		if err != nil {
			return nil, err
		}
		var out []Sighting
		for len(ages) > 0 {
			n := 1
			for n < len(ages) && ages[n].Flow == ages[0].Flow && ages[n].Tenant == ages[0].Tenant {
				n++
			}
			out = append(out, staleOf(ages[:n], promise, now)...)
			ages = ages[n:]
		}
		return out, nil
	}}
}

// staleOf sees what is stale among the feeds of one flow.
func staleOf(ages []graphwarden.FeedAge, promise time.Duration, now time.Time) []Sighting {
	var stale, unread int
	var oldest graphwarden.FeedAge
	for _, f := range ages {
		switch {
		case f.ReadAt.IsZero():
			unread++
		case now.Sub(f.ReadAt) > promise:
			if stale++; oldest.ReadAt.IsZero() || f.ReadAt.Before(oldest.ReadAt) {
				oldest = f
			}
		}
	}
	flow := ages[0].Flow
	do := fmt.Sprintf("Run: graphwarden feeds --flow %s; graphwarden doctor", flow)
	var out []Sighting
	if stale > 0 {
		s := Sighting{Code: "notice.feed_stale", Subject: flow, Severity: graphwarden.Warning, Do: do, Since: oldest.ReadAt.Add(promise),
			Say: fmt.Sprintf("%d of %d calendars of the flow %s were not read for more than %s; the oldest, of %s, was last read at %s.",
				stale, len(ages), flow, promise, oldest.Mailbox, oldest.ReadAt.UTC().Format(time.RFC3339))}
		if now.Sub(oldest.ReadAt) > 4*promise {
			s.Severity = graphwarden.Critical
		}
		out = append(out, s)
	}
	if unread > 0 {
		out = append(out, Sighting{Code: "notice.feed_unread", Subject: flow, Severity: graphwarden.Warning, Do: do,
			Say: fmt.Sprintf("%d of %d calendars of the flow %s have never been read to their end.", unread, len(ages), flow)})
	}
	return out
}

// Subscriptions sees flows whose mailboxes no subscription wakes.
func Subscriptions(f Feeds) Look {
	return Look{Codes: []string{"notice.subscription_missing"}, See: func(ctx context.Context, now time.Time) ([]Sighting, error) {
		list, err := f.Coverage(ctx, now)
		var out []Sighting
		for _, c := range list {
			if c.Covered < c.Mailboxes {
				out = append(out, Sighting{Code: "notice.subscription_missing", Subject: c.Flow, Severity: graphwarden.Warning,
					Say: fmt.Sprintf("Microsoft notifies of %d of %d mailboxes of the flow %s; the others are in step by the sweep only.", c.Covered, c.Mailboxes, c.Flow),
					Do:  "Run: graphwarden doctor --online; public_url must reach this server from the internet"})
			}
		}
		return out, err
	}}
}

// awaited is the notice of a registration that nobody has signed in to yet.
const awaited = "notice.sign_in_awaited"

// Standings says how the connections are.
type Standings interface {
	Standings(ctx context.Context) ([]graphwarden.Standing, error)
}

// Connections sees connections that were refused or revoked, and credentials that
// expire soon, of which expiries tells.
func Connections(s Standings, expiries func(ctx context.Context, now time.Time) ([]graphwarden.Standing, error)) Look {
	return Look{Codes: []string{"notice.sign_in_refused", awaited, "notice.connection_revoked", "notice.credential_expiring", "notice.person_signed_out", "notice.person_expiring"},
		See: func(ctx context.Context, now time.Time) ([]Sighting, error) {
			list, err := s.Standings(ctx)
			if err != nil {
				return nil, err
			}
			var out []Sighting
			known := len(list)
			for _, c := range list {
				subject := c.Registration
				switch {
				case acts(c) && !c.Revoked(): // see people
				case c.Revoked() && strings.Contains(subject, "@"): // one person of several, who may leave
				case c.Revoked():
					out = append(out, Sighting{Code: "notice.connection_revoked", Subject: subject, Severity: graphwarden.Warning, Since: c.RevokedAt,
						Say: fmt.Sprintf("The connection %s is revoked: nothing is read or written through it.", subject),
						Do:  "If that was not meant, connect it again: graphwarden connect --help"})
				case !c.RefusedAt.IsZero() && c.RefusedCode == "connect.nobody_signed_in":
					out = append(out, Sighting{Code: awaited, Subject: subject, Severity: graphwarden.Warning, Since: c.RefusedAt,
						Say: fmt.Sprintf("The registration %s waits for a person to sign in: nothing is read or written through it yet.", subject),
						Do:  cmp.Or(c.RefusedDo, "See graphwarden connect --help")})
				case !c.RefusedAt.IsZero():
					out = append(out, Sighting{Code: "notice.sign_in_refused", Subject: subject, Severity: graphwarden.Critical, Since: c.RefusedAt,
						Say: fmt.Sprintf("Microsoft refuses the sign-in of %s: %s", subject, c.RefusedSay),
						Do:  cmp.Or(c.RefusedDo, "See graphwarden connect --help")})
				}
			}
			if expiries != nil {
				more, err := expiries(ctx, now)
				if err != nil {
					return nil, err
				}
				list = append(list, more...)
			}
			out = append(out, people(list[:known], now)...)
			return append(out, expiring(list, now)...), nil
		}}
}

// expiring sees credentials that are at their end, 30, 7 and 1 days ahead. Of
// several who know when, the earliest counts.
func expiring(list []graphwarden.Standing, now time.Time) []Sighting {
	const day = 24 * time.Hour
	ends := map[string]time.Time{}
	for _, c := range list {
		if end, known := ends[c.Registration]; !c.ExpiresAt.IsZero() && !c.Revoked() && (!known || c.ExpiresAt.Before(end)) {
			ends[c.Registration] = c.ExpiresAt
		}
	}
	var out []Sighting
	for subject, end := range ends {
		left := end.Sub(now)
		if left > 30*day {
			continue
		}
		s := Sighting{Code: "notice.credential_expiring", Subject: subject, Severity: graphwarden.Info, Since: end.Add(-30 * day),
			Say: fmt.Sprintf("The credential of %s expires at %s, in %d days.", subject, end.UTC().Format(time.RFC3339), int(left/day)),
			Do:  "Make a new one and switch to it: graphwarden connect rotate --help"}
		switch {
		case left <= 0:
			s.Severity, s.Say = graphwarden.Critical, fmt.Sprintf("The credential of %s expired at %s.", subject, end.UTC().Format(time.RFC3339))
		case left <= day:
			s.Severity = graphwarden.Critical
		case left <= 7*day:
			s.Severity = graphwarden.Warning
		}
		out = append(out, s)
	}
	return out
}
