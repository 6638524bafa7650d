package connect

import (
	"fmt"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/exchange"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// exchangeTools is the client id of Microsoft's own public app that
// Connect-ExchangeOnline signs in to; every tenant has it (graph-facts §12.3).
const exchangeTools = "fb78d390-0c51-40cd-8e17-fdbfab77341b"

// exchangeScope is what a sign-in to Exchange asks for. Microsoft's own app has its
// permission from the start and asks for whatever that is.
func exchangeScope(c graphwarden.Cloud, own bool) string {
	resource := graphwarden.Global().Exchange // another place is called as the global cloud is
	if named, known := graphwarden.CloudNamed(c.Name); known {
		resource = named.Exchange
	}
	if own {
		return resource + "/.default"
	}
	return resource + "/Exchange.Manage"
}

// may is what an administrator who signs in lets Graphwarden do.
func may(tenant string, w Wanted) (flow.Flow, error) {
	switch {
	case w.For == "" && !w.ReadOnly:
		return flow.ForAdministrator(tenant), nil
	case w.For == "":
		return flow.ForVisit(tenant), nil
	case w.For == ForRestriction:
		return flow.ForRestriction(tenant), nil
	case w.For == ForExchange:
		return flow.ForExchange(tenant), nil
	case w.For == ForGrants:
		return flow.ForGranting(tenant), nil
	case w.For == ForApps:
		return flow.ForCensus(tenant), nil
	}
	return flow.Flow{}, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "connect.not_known_for", Field: "for",
		Say: fmt.Sprintf("An administrator does not sign in for %q.", w.For), Do: "Sign in for restriction, exchange, grants or apps, or leave it out."}
}

// Restrictor gives Graph by what an administrator lent who signed in to look at
// consents, or to take them away; and by which flow.
func (d *Desk) Restrictor(tenant, id string) (*graph.Graph, flow.Flow, error) {
	return d.lent(tenant, id, func(w Wanted) bool { return w.For == ForRestriction || w.For == "" && w.ReadOnly })
}

// Exchange gives Exchange's administration by what an administrator lent who signed
// in for it, and by which flow.
func (d *Desk) Exchange(tenant, id string) (*exchange.Exchange, flow.Flow, error) {
	s, err := d.recall(id)
	if err != nil || s.lent.Empty() || s.wanted.For != ForExchange || s.connection.Tenant.Name != tenant {
		return nil, flow.Flow{}, &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "connect.no_exchange_administrator", Field: "exchange",
			Say: fmt.Sprintf("No administrator of the tenant %s has signed in to Exchange.", tenant), Do: "Sign in as one when the command asks for it."}
	}
	return d.LendExchange(s.lent), s.may, nil
}
