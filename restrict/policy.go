package restrict

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/exchange"
)

// mark is the description by which a policy of ours is known.
func (v *visit) mark() string { return strings.TrimSpace(v.want.prefix()) }

// policyChanges keep the app to the groups and mailboxes of all its flows, by
// application access policies: one for each of them. They are for whoever cannot
// use roles yet, and they know no difference between one right and another.
func (v *visit) policyChanges() []Change {
	var out []Change
	wanted := map[string]string{} // what a policy is for, by object id
	for _, s := range v.want.scopes {
		for _, id := range s.ids {
			wanted[id] = v.mailboxName(id)
		}
		for _, g := range s.Groups {
			wanted[g] = "the members of " + v.names[g].Name
		}
	}
	for _, id := range sorted(wanted) {
		if !slices.ContainsFunc(v.policies, func(p exchange.Policy) bool { return scopedTo(p, id) && p.Right == "RestrictAccess" }) {
			out = append(out, Change{Do: "add", What: "application access policy for " + wanted[id], step: "restrict:policy",
				act: func(ctx context.Context) error {
					return there(v.exchange.AddPolicy(ctx, v.byCommand, v.want.registration.ClientID, id, v.mark()))
				}})
		}
	}
	for _, p := range v.policies {
		kept := slices.ContainsFunc(sorted(wanted), func(id string) bool { return scopedTo(p, id) })
		switch {
		case !kept && p.Description == v.mark():
			out = append(out, v.unpolicy(p))
		case !kept && p.Right == "RestrictAccess":
			out = append(out, Change{Do: "warn", What: "somebody else's application access policy lets the app into more mailboxes", Why: "its identity is " + p.ID})
		}
	}
	if len(wanted) > 0 && !slices.ContainsFunc(v.principal.Grants, v.needed) {
		out = append(out, Change{Do: "warn", What: "no consent in Entra for what the policies are to narrow", Why: "policies narrow consents; roles need none"})
	}
	return out
}

func (v *visit) unpolicy(p exchange.Policy) Change {
	return Change{Do: "remove", What: fmt.Sprintf("application access policy %s", p.ID), step: "restrict:unpolicy",
		act: func(ctx context.Context) error { return gone(v.exchange.RemovePolicy(ctx, v.byCommand, p.ID)) }}
}

// scopedTo says whether a policy is for this object. Exchange writes its security
// id and its object id.
func scopedTo(p exchange.Policy, id string) bool {
	_, object, _ := strings.Cut(p.Scope, ";")
	return strings.EqualFold(object, id)
}
