package grants

import (
	"context"
	"slices"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

// used says of each line how often it served a call that was allowed: of all
// permissions that are granted now and open an operation, the narrowest; where nobody knows
// what is granted, of those that are needed. It gives the uses of all flows of the tenant.
func (g *Grants) used(ctx context.Context, v *visit, lines []Line) ([]graphwarden.Use, error) {
	if err := g.Store.CountUses(ctx); err != nil {
		return nil, err
	}
	uses, err := g.Store.Uses(ctx, v.tenant.Name)
	if err != nil {
		return nil, err
	}
	var granted []string
	for _, l := range lines {
		if l.Scheme == string(v.scheme) && (l.Granted || !v.known) {
			granted = append(granted, l.Permission)
		}
	}
	flows := v.flows()
	for _, u := range uses {
		i := slices.IndexFunc(flows, func(f flow.Flow) bool { return f.Name == u.Flow })
		if i < 0 {
			continue
		}
		op, found := operation(flows[i].Kind, u)
		if !found {
			continue
		}
		// What nothing opens that is granted now was refused by Microsoft, or served by a grant
		// that is gone: it is nobody's use.
		for _, name := range policy.Served(op, v.scheme.Catalog(), granted, g.Table) {
			count(lines, name, v.scheme, u)
		}
	}
	return uses, nil
}

// operation finds what the ledger names among the operations of a kind, or of those
// that the kind may have had under another configuration.
func operation(kind flow.Kind, u graphwarden.Use) (flow.Operation, bool) {
	for _, k := range []flow.Kind{kind, flow.CalendarWriting(flow.Both), flow.Presence(flow.PresenceWants{Schedule: true, Settings: true, Teams: true}), flow.MailSend(flow.ExactlyOnce)} {
		for _, op := range k.Operations() {
			if of(op, u) {
				return op, true
			}
		}
	}
	return flow.Operation{}, false
}

// count adds a use to the line of a permission: of two with one name, to the role in
// Exchange.
func count(lines []Line, name string, scheme plan.Scheme, u graphwarden.Use) {
	at := -1
	for i, l := range lines {
		if l.Permission == name && l.Scheme == string(scheme) && (at < 0 || l.By == byExchange) {
			at = i
		}
	}
	if at < 0 {
		return
	}
	l := &lines[at]
	l.Calls += u.Calls
	first, last := u.First.UTC(), u.Last.UTC()
	if l.First == nil || first.Before(*l.First) {
		l.First = &first
	}
	if l.Last == nil || last.After(*l.Last) {
		l.Last = &last
	}
}
