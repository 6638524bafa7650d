package api

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/meant"
)

// noun is what a name is of, in a query or a body.
type noun string

const (
	aFlow         noun = "flow"
	aTenant       noun = "tenant"
	aRegistration noun = "registration"
	anApp         noun = "app"
	aSink         noun = "sink"
	aMailbox      noun = "mailbox"
)

// listed is a page that may be empty.
type listed interface{ empty() bool }

func (p Page[T]) empty() bool { return len(p.Items) == 0 }

// nameless refuses a list that is empty because its filters name what there is
// not. What a name has left behind is listed, whether or not it is declared still.
func (a *API) nameless(r *http.Request, rt route, body any) error {
	page, is := body.(listed)
	if !is || !page.empty() {
		return nil
	}
	if k := asked(r); !k.face.apps && !k.sees("") {
		return nil // the names would be of other tenants, too
	}
	query := r.URL.Query()
	for _, p := range rt.query {
		if p.of == "" || query.Get(p.name) == "" {
			continue
		}
		if err := a.named(r.Context(), p.of, p.name, query.Get(p.name)); err != nil {
			return err
		}
	}
	return nil
}

// named refuses a name that is of nothing there is, with what was perhaps meant.
func (a *API) named(ctx context.Context, of noun, field, name string) error {
	all, err := a.names(ctx, of)
	if err != nil || slices.ContainsFunc(all, func(one string) bool { return one == name || of == aMailbox && strings.EqualFold(one, name) }) {
		return err
	}
	if still, err := a.remains(ctx, of, name); err != nil || still {
		return err
	}
	const few = 12
	do := "graphwarden " + map[noun]string{aFlow: "flows", aTenant: "tenants", aRegistration: "tenants", anApp: "flows", aSink: "deliveries", aMailbox: "feeds"}[of] + " lists them."
	switch near := meant.Word(name, all); {
	case near != "":
		do = fmt.Sprintf("Did you mean %s?", near)
	case len(all) == 0:
		do = "There is none at all."
	case len(all) <= few && of != aMailbox:
		do = "There is: " + strings.Join(all, ", ") + "."
	}
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "api.name", Field: field, Say: fmt.Sprintf("There is no %s %q.", of, shortened(name)), Do: do}
}

// remains says whether there are feeds of a flow, tenant or mailbox that was declared
// once.
func (a *API) remains(ctx context.Context, of noun, name string) (bool, error) {
	var chosen graphwarden.FeedChoice
	at := map[noun]*string{aFlow: &chosen.Flow, aTenant: &chosen.Tenant, aMailbox: &chosen.Mailbox}[of]
	if at == nil || a.config.Feeds == nil {
		return false, nil
	}
	*at = name
	states, err := a.config.Feeds.FeedStates(ctx, chosen, 0, 1)
	return len(states) > 0, err
}

// names are those of all that there is of a noun, as they are now.
func (a *API) names(ctx context.Context, of noun) ([]string, error) {
	all := map[string]bool{}
	for _, f := range a.config.Declared.Flows {
		switch of {
		case aFlow:
			all[f.Name] = true
		case anApp:
			all[f.App] = true
		case aMailbox:
			for _, m := range f.Mailboxes {
				all[m] = true
			}
		}
	}
	for _, t := range a.config.Declared.Tenants {
		if of == aTenant {
			all[t.Name] = true
		}
		for _, r := range t.Registrations {
			if of == aRegistration {
				all[r.Name] = true
			}
		}
	}
	var err error
	switch {
	case of == aSink && a.config.Deliveries != nil:
		var states []graphwarden.SinkState
		states, err = a.config.Deliveries.SinkStates(ctx)
		for _, s := range states {
			all[s.Name] = true
		}
	case of == aMailbox:
		err = a.mailboxNames(ctx, all)
	}
	return slices.Sorted(maps.Keys(all)), err
}

// mailboxNames adds the mailboxes of flows, by name and by id, read or not.
func (a *API) mailboxNames(ctx context.Context, all map[string]bool) error {
	if a.config.Flows != nil {
		for _, f := range a.config.Flows() {
			for _, m := range f.Mailboxes {
				all[m.UPN], all[m.ID] = true, true
			}
		}
	}
	if a.config.Feeds == nil {
		return nil
	}
	skipped, err := a.config.Feeds.Skipped(ctx, "")
	for _, k := range skipped {
		all[k.Mailbox.UPN], all[k.Mailbox.ID] = true, true
	}
	delete(all, "")
	return err
}
