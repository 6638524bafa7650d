package restrict

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/exchange"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Change is one line of the difference between what is and what is wanted.
type Change struct {
	Do   string `json:"do"`   // add, change, remove; later, keep and warn change nothing now
	What string `json:"what"` // for people
	Why  string `json:"why,omitempty"`

	step string
	act  func(context.Context) error
}

// visit is what a signed-in administrator sees and does.
type visit struct {
	room      *Restrict
	want      *want
	asked     Asked
	graph     *graph.Graph
	byGraph   flow.Flow
	exchange  *exchange.Exchange
	byCommand flow.Flow

	principal graph.Principal
	pointer   exchange.Principal
	pointed   bool
	have      []exchange.Assignment
	scopes    []exchange.Scope
	policies  []exchange.Policy
	before    graphwarden.Restriction // as it was written down; State "" for never
	names     map[string]exchange.Recipient
}

// look reads what is there, and changes nothing.
func (v *visit) look(ctx context.Context) (err error) {
	client := v.want.registration.ClientID
	if v.principal, err = v.graph.Principal(ctx, v.byGraph, client, v.room.Table); err != nil {
		return err
	}
	if v.pointer, v.pointed, err = v.exchange.Principal(ctx, v.byCommand, client); err != nil {
		return err
	}
	if v.pointed {
		if v.have, err = v.exchange.Assignments(ctx, v.byCommand, v.pointer.ObjectID); err != nil {
			return err
		}
	}
	if v.scopes, err = v.exchange.Scopes(ctx, v.byCommand, v.want.prefix()); err != nil {
		return err
	}
	if v.policies, err = v.exchange.Policies(ctx, v.byCommand, client); err != nil {
		return err
	}
	v.names = map[string]exchange.Recipient{}
	for _, s := range v.want.scopes {
		for _, g := range s.Groups {
			found, err := v.exchange.Recipient(ctx, v.byCommand, g)
			if exchange.Is(err, exchange.CodeUnknown) || err == nil && found.DN == "" {
				return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "restrict.group_unknown", Cause: err,
					Say: fmt.Sprintf("Exchange does not know the group %s of the flow %s.", g, s.Flows[0]),
					Do:  "Give the group an address (a mail-enabled security group), or list the mailboxes in the flow."}
			}
			if err != nil {
				return err
			}
			v.names[g] = found
		}
	}
	return nil
}

// difference lists what has to be done, in the order in which it is done.
func (v *visit) difference() []Change {
	if v.asked.Undo {
		return v.undone()
	}
	if v.asked.by() == graphwarden.ByPolicy {
		return append(v.policyChanges(), v.kept()...)
	}
	out := v.pointerChanges()
	out = append(out, v.scopeChanges()...)
	out = append(out, v.roleChanges()...)
	out = append(out, v.leftovers()...)
	return append(append(out, v.consentChanges(len(changing(out)) > 0)...), v.kept()...)
}

// changing are the lines that change something now.
func changing(list []Change) []Change {
	return slices.DeleteFunc(slices.Clone(list), func(c Change) bool { return c.act == nil })
}

// pointerChanges sees to it that Exchange points to the right service principal: a
// wrong object id is taken by Exchange and opens nothing (graph-facts §12.2).
func (v *visit) pointerChanges() []Change {
	p := exchange.Principal{AppID: v.want.registration.ClientID, ObjectID: v.principal.ID, Name: v.principal.Name}
	add := Change{Do: "add", What: fmt.Sprintf("service principal %s (object id %s) in Exchange", p.Name, p.ObjectID), step: "restrict:principal",
		act: func(ctx context.Context) error { return there(v.exchange.AddPrincipal(ctx, v.byCommand, p)) }}
	switch {
	case !v.pointed:
		return []Change{add}
	case strings.EqualFold(v.pointer.ObjectID, p.ObjectID):
		return nil
	}
	v.have = nil // they go with the pointer
	return []Change{{Do: "remove", What: "service principal with the object id " + v.pointer.ObjectID + " in Exchange", Why: "the id is not the enterprise application's, so its roles open nothing",
		step: "restrict:principal", act: func(ctx context.Context) error {
			return gone(v.exchange.RemovePrincipal(ctx, v.byCommand, p.AppID))
		}}, add}
}

func (v *visit) scopeChanges() []Change {
	var out []Change
	for _, s := range v.want.scopes {
		wanted := exchange.Scope{Name: s.Name, Filter: s.filter(func(group string) string { return v.names[group].DN })}
		i := slices.IndexFunc(v.scopes, func(have exchange.Scope) bool { return strings.EqualFold(have.Name, s.Name) })
		what := fmt.Sprintf("management scope %q: %s", s.Name, v.describe(s))
		switch {
		case i < 0:
			out = append(out, Change{Do: "add", What: what, step: "restrict:scope", act: func(ctx context.Context) error {
				return there(v.exchange.AddScope(ctx, v.byCommand, wanted))
			}})
		case v.scopes[i].Filter != wanted.Filter:
			out = append(out, Change{Do: "change", What: what, step: "restrict:scope", act: func(ctx context.Context) error {
				return v.exchange.ChangeScope(ctx, v.byCommand, wanted)
			}})
		}
	}
	return out
}

// describe says whom a scope holds.
func (v *visit) describe(s Scope) string {
	parts := slices.Clone(s.Mailboxes)
	for _, g := range s.Groups {
		parts = append(parts, "the direct members of "+v.names[g].Name)
	}
	return strings.Join(parts, ", ")
}

func (v *visit) roleChanges() []Change {
	var out []Change
	for _, s := range v.want.scopes {
		for _, role := range s.Roles {
			a := exchange.Assignment{Name: s.assignment(role), Role: role, Scope: s.Name}
			same := slices.ContainsFunc(v.have, func(have exchange.Assignment) bool {
				return have.Role == role && strings.EqualFold(have.Scope, s.Name)
			})
			if !same {
				out = append(out, Change{Do: "add", What: fmt.Sprintf("role %q for the scope %q", role, s.Name), step: "restrict:assign",
					act: func(ctx context.Context) error {
						return there(v.exchange.Assign(ctx, v.byCommand, v.principal.ID, a))
					}})
			}
		}
	}
	return out
}

// leftovers are roles and scopes of ours that no flow wants any more.
func (v *visit) leftovers() []Change {
	var out []Change
	for _, a := range v.ours() {
		if !slices.ContainsFunc(v.want.scopes, func(s Scope) bool {
			return strings.EqualFold(s.Name, a.Scope) && slices.Contains(s.Roles, a.Role)
		}) {
			out = append(out, v.unassign(a))
		}
	}
	for _, s := range v.scopes {
		if !slices.ContainsFunc(v.want.scopes, func(w Scope) bool { return strings.EqualFold(w.Name, s.Name) }) {
			out = append(out, v.unscope(s))
		}
	}
	return out
}

// ours are the assignments that were made for this registration's flows.
func (v *visit) ours() []exchange.Assignment {
	return slices.DeleteFunc(slices.Clone(v.have), func(a exchange.Assignment) bool {
		return !strings.HasPrefix(strings.ToLower(a.Name), strings.ToLower(v.want.prefix()))
	})
}

func (v *visit) unassign(a exchange.Assignment) Change {
	return Change{Do: "remove", What: fmt.Sprintf("role %q for the scope %q", a.Role, a.Scope), step: "restrict:unassign",
		act: func(ctx context.Context) error { return gone(v.exchange.Unassign(ctx, v.byCommand, a.Name)) }}
}

func (v *visit) unscope(s exchange.Scope) Change {
	return Change{Do: "remove", What: fmt.Sprintf("management scope %q", s.Name), step: "restrict:unscope",
		act: func(ctx context.Context) error { return gone(v.exchange.RemoveScope(ctx, v.byCommand, s.Name)) }}
}

// propagation is the longest that Exchange takes to go by what it was told
// (graph-facts §12.1, §12.2).
const propagation = 2 * time.Hour

// consentChanges take the consents away that are for every mailbox, once the roles
// have had their time: roles and consents add up.
func (v *visit) consentChanges(others bool) []Change {
	ripe := v.asked.Now || !others && v.before.State != "" && v.before.By == graphwarden.ByRoles && !v.room.Now().Before(v.before.ChangedAt.Add(propagation))
	var out []Change
	for _, g := range v.principal.Grants {
		if !replaces(v.want.roles(), g.Permission) {
			continue
		}
		c := Change{Do: "remove", What: fmt.Sprintf("consent to %s for every mailbox, in Entra", g.Permission), Why: "a role in Exchange adds to it and does not narrow it",
			step: "restrict:revoke", act: func(ctx context.Context) error { return v.graph.Revoke(ctx, v.byGraph, v.principal, g) }}
		if !ripe {
			c.Do, c.act = "later", nil
			c.Why = "the roles need up to two hours first, or calls would be refused meanwhile; run this again then, or say --now"
		}
		out = append(out, c)
	}
	return out
}

// kept are things that nobody asked for and that nothing is done about.
func (v *visit) kept() []Change {
	var out []Change
	for _, a := range v.have {
		ours := slices.ContainsFunc(v.ours(), func(o exchange.Assignment) bool { return o.Name == a.Name })
		if !ours && replaces(v.want.roles(), permissionOf(a.Role)) {
			out = append(out, Change{Do: "warn", What: fmt.Sprintf("somebody else's role %q (%s) opens more mailboxes", a.Role, a.Name),
				Why: "it adds up with this one; remove it if nothing else needs it"})
		}
	}
	for _, g := range v.principal.Grants {
		if Role(g.Permission) != "" && !replaces(v.want.roles(), g.Permission) {
			out = append(out, Change{Do: "warn", What: fmt.Sprintf("consent to %s for every mailbox, in Entra", g.Permission), Why: "no flow of this registration needs it"})
		}
	}
	if v.asked.by() == graphwarden.ByRoles && len(v.policies) > 0 {
		out = append(out, Change{Do: "keep", What: fmt.Sprintf("%d application access policies of this app", len(v.policies)), Why: "they narrow consents in Entra only, not roles in Exchange"})
	}
	return out
}

// undone lists how everything of ours is taken away again.
func (v *visit) undone() []Change {
	var out []Change
	for _, a := range v.ours() {
		out = append(out, v.unassign(a))
	}
	for _, s := range v.scopes {
		out = append(out, v.unscope(s))
	}
	for _, p := range v.policies {
		if p.Description == v.mark() {
			out = append(out, v.unpolicy(p))
		}
	}
	if v.pointed && len(v.ours()) == len(v.have) {
		out = append(out, Change{Do: "remove", What: "service principal " + v.pointer.Name + " in Exchange", step: "restrict:principal",
			act: func(ctx context.Context) error {
				return gone(v.exchange.RemovePrincipal(ctx, v.byCommand, v.want.registration.ClientID))
			}})
	}
	return append(out, Change{Do: "keep", What: "the consents in Entra", Why: "what was taken away is given back by graphwarden connect " + v.want.tenant.Name + " " + v.want.short})
}

// there takes "it exists already" for done: a run that was cut off got as far.
func there(err error) error {
	if exchange.Is(err, exchange.CodeExists) {
		return nil
	}
	return err
}

// gone takes "there is no such thing" for done.
func gone(err error) error {
	if exchange.Is(err, exchange.CodeUnknown) {
		return nil
	}
	return err
}
