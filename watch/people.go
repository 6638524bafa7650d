package watch

import (
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

const (
	// unusedLife is how long a person's sign-in lasts that is not used; each use
	// begins it anew (graph-facts §1.6).
	unusedLife = 90 * 24 * time.Hour
	// endsSoon is how long ahead its end is told.
	endsSoon = 7 * 24 * time.Hour
)

// acts says whether a connection acts for a person.
func acts(c graphwarden.Standing) bool { return c.Account.ID != "" }

// whole is the registration of a connection, without the person whom it acts for
// among several.
func whole(c graphwarden.Standing) string {
	return strings.TrimSuffix(c.Registration, "@"+c.Account.ID)
}

// people sees persons who must sign in again, and sign-ins that end because nobody
// uses them: one notice each for a registration, however many people it has.
func people(list []graphwarden.Standing, now time.Time) []Sighting {
	out, ending := map[string]*group{}, map[string]*group{}
	var order []string
	for _, c := range list {
		if !acts(c) || c.Revoked() {
			continue
		}
		name := whole(c)
		if out[name] == nil {
			out[name], ending[name] = &group{}, &group{}
			order = append(order, name)
		}
		switch end := c.SignedInAt.Add(unusedLife); {
		case !c.RefusedAt.IsZero():
			out[name].add(c, c.RefusedAt)
		case !c.SignedInAt.IsZero() && end.Sub(now) <= endsSoon:
			ending[name].add(c, end)
		}
	}
	var all []Sighting
	for _, name := range order {
		link := "Let them sign in again: graphwarden connect " + strings.Replace(name, "/", " ", 1)
		if g := out[name]; len(g.names) > 0 {
			all = append(all, Sighting{Code: "notice.person_signed_out", Subject: name, Severity: graphwarden.Critical, Since: g.first,
				Say: fmt.Sprintf("Microsoft refuses the sign-in of %s to %s: %s", g, name, g.say), Do: link})
		}
		if g := ending[name]; len(g.names) > 0 {
			all = append(all, Sighting{Code: "notice.person_expiring", Subject: name, Severity: graphwarden.Warning,
				Say: fmt.Sprintf("The sign-in of %s to %s has not been used for long and ends at %s.", g, name, g.first.UTC().Format(time.RFC3339)), Do: link})
		}
	}
	return all
}

// group is some people with the same trouble.
type group struct {
	names []string
	first time.Time
	say   string // of the first
}

func (g *group) add(c graphwarden.Standing, at time.Time) {
	name := c.Account.Name
	if name == "" {
		name = c.Account.ID
	}
	g.names = append(g.names, name)
	if g.first.IsZero() || at.Before(g.first) {
		g.first, g.say = at, c.RefusedSay
	}
}

// String names up to three of the people.
func (g *group) String() string {
	if len(g.names) <= 3 {
		return strings.Join(g.names, ", ")
	}
	return fmt.Sprintf("%d people (%s, …)", len(g.names), strings.Join(g.names[:3], ", "))
}
