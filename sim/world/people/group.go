package people

import (
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// groupKind is one of the kinds of groups that Graph knows (graph-facts §8).
type groupKind struct {
	unified, mail, security bool
}

func (c *Company) group(n int, name, description string, kind groupKind) Group {
	r := chances(c.opt.Seed, ofGroup, n)
	types, visibility := []any{}, any(nil)
	if kind.unified {
		types, visibility = []any{"Unified"}, "Private"
	}
	nick := nickname(name, c.taken)
	doc := Doc{
		"id":              guid(r),
		"createdDateTime": recur.DateOf(c.opt.Around).AddDate(0, 0, -500-r.IntN(1500)).Format(time.RFC3339),
		"description":     description,
		"displayName":     name,
		"groupTypes":      types,
		"mail":            nil,
		"mailEnabled":     kind.mail,
		"mailNickname":    nick,
		"proxyAddresses":  []any{},
		"securityEnabled": kind.security,
		"visibility":      visibility,
	}
	if kind.mail {
		mail := nick + "@" + c.opt.Domain
		doc["mail"], doc["proxyAddresses"] = mail, []any{"SMTP:" + mail}
	}
	return Group{Doc: doc}
}

// groups makes a Microsoft 365 group for every department, security groups for
// the offices, one that holds those, and one of each other kind.
func (c *Company) groups() []Group {
	var list []Group
	add := func(name, description string, kind groupKind, owners, members []string) string {
		g := c.group(len(list), name, description, kind)
		g.Owners, g.Members = owners, members
		list = append(list, g)
		return g.Doc["id"].(string)
	}
	admin := []string{c.staff[0].id}
	for _, d := range c.departments {
		team := c.byTeam[d.name]
		if len(team) > 0 {
			add(d.name, "Everybody in "+d.name, groupKind{unified: true, mail: true}, []string{team[0].id}, ids(team))
		}
	}
	var sites []string
	for _, o := range c.offices {
		var there []*person
		for _, p := range c.staff {
			if p.office.city == o.city {
				there = append(there, p)
			}
		}
		if len(there) > 0 {
			sites = append(sites, add("Office "+o.city, fmt.Sprintf("Everybody whose desk is in %s", o.city),
				groupKind{security: true}, admin, ids(there)))
		}
	}
	add("All Offices", "Holds the groups of the offices", groupKind{security: true}, admin, sites)
	var leaders []*person
	for _, p := range c.staff {
		if p.head || p.number == chief {
			leaders = append(leaders, p)
		}
	}
	add("Leadership", "Heads of departments; opens the leadership site and gets its mail",
		groupKind{mail: true, security: true}, admin, ids(leaders))
	add("Newsletter", "A plain distribution list", groupKind{mail: true}, admin, ids(c.staff[:min(len(c.staff), 50)]))
	add("Empty Project", "Nobody yet", groupKind{unified: true, mail: true}, admin, nil)
	return list
}

func ids(people []*person) []string {
	list := make([]string, len(people))
	for i, p := range people {
		list[i] = p.id
	}
	return list
}
