package api

import (
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/flow"
)

// Mailbox is a mailbox that flows of the app name.
type Mailbox struct {
	Tenant string   `json:"tenant" example:"contoso"`
	ID     string   `json:"id" doc:"the object id, which stays when the name changes" example:"6e7b768e-07e2-4810-8459-485f84f8f204"`
	Name   string   `json:"name" example:"anna@contoso.com"`
	Flows  []string `json:"flows" example:"office"`
}

func (a *API) mailboxRoutes() []route {
	return []route{
		{pattern: "GET /v1/mailboxes", name: "listMailboxes", about: "the mailboxes of every tenant that this key is for", who: apps, query: paged(), out: Page[Mailbox]{}, fresh: true, answer: a.mailboxes},
		{pattern: "GET /v1/tenants/{tenant}/mailboxes", name: "listMailboxesOfTenant", about: "the mailboxes of a tenant that this key is for", who: apps, query: paged(), out: Page[Mailbox]{}, fresh: true, answer: a.mailboxes},
	}
}

func (a *API) mailboxes(r *http.Request) (any, error) {
	t, err := turnOf(r)
	if err != nil {
		return nil, err
	}
	list := mailboxesOf(a.flowsOf(callerOf(r)), placeOf(r).Tenant)
	key := func(m Mailbox) string { return m.Tenant + " " + m.ID }
	from, _ := slices.BinarySearchFunc(list, t.after, func(m Mailbox, after string) int { return strings.Compare(key(m), after) })
	for from < len(list) && key(list[from]) <= t.after {
		from++
	}
	return page(t, list[from:min(len(list), from+t.limit+1)], key), nil
}

// mailboxesOf gives the mailboxes of flows, of one tenant or all, by tenant and id.
func mailboxesOf(flows []flow.Flow, tenant string) []Mailbox {
	at := map[string]int{}
	var list []Mailbox
	for _, f := range flows {
		if tenant != "" && f.Tenant != tenant {
			continue
		}
		for _, m := range f.Mailboxes {
			i, seen := at[f.Tenant+" "+m.ID]
			if !seen {
				i = len(list)
				at[f.Tenant+" "+m.ID] = i
				list = append(list, Mailbox{Tenant: f.Tenant, ID: m.ID, Name: m.UPN})
			}
			list[i].Flows = append(list[i].Flows, f.Name)
		}
	}
	slices.SortFunc(list, func(a, b Mailbox) int { return strings.Compare(a.Tenant+" "+a.ID, b.Tenant+" "+b.ID) })
	return list
}
