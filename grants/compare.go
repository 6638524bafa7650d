package grants

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

// needed are the permissions that flows of the registration need, with the flows.
func (v *visit) needed(flows []flow.Flow) (map[string][]string, error) {
	out := map[string][]string{}
	for _, f := range slices.DeleteFunc(slices.Clone(flows), v.room.Tries) {
		names, err := policy.PermissionsIn(v.scheme.Catalog(), f.Kind, v.room.Table)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			out[name] = append(out[name], f.Name)
		}
	}
	return out, nil
}

// together leaves out what the others that are needed do without, and gives its flows to
// those by which their operations are served: a consent is for every mailbox, whichever
// flow it was given for. A role in Exchange is for the mailboxes of its flows, and stands
// in for nothing else.
func (v *visit) together(flows []flow.Flow) (map[string][]string, error) {
	scheme := v.scheme.Catalog()
	flows = slices.DeleteFunc(slices.Clone(flows), v.room.Tries)
	var kinds []flow.Kind
	for _, f := range flows {
		kinds = append(kinds, f.Kind)
	}
	names, err := policy.Together(scheme, kinds, v.room.Table)
	if err != nil {
		return nil, err
	}
	out := map[string][]string{}
	for _, f := range flows {
		for _, op := range f.Kind.Operations() {
			for _, name := range policy.Served(op, scheme, names, v.room.Table) {
				if !slices.Contains(out[name], f.Name) {
					out[name] = append(out[name], f.Name)
				}
			}
		}
	}
	return out, nil
}

// needing are the flows that go through the registration and need what they use.
func (v *visit) needing() []flow.Flow {
	return slices.DeleteFunc(v.flows(), v.room.Tries)
}

// flows are those that go through the registration.
func (v *visit) flows() []flow.Flow {
	return slices.DeleteFunc(slices.Clone(v.room.Flows), func(f flow.Flow) bool { return f.Registration != v.registration.Name })
}

// compare makes a line of each permission that is granted or needed. A permission
// that Exchange gives beside Entra has a line for each.
func (v *visit) compare(ctx context.Context) ([]Line, error) {
	needed, err := v.needed(v.flows())
	if err != nil {
		return nil, err
	}
	granted, err := v.granted(ctx, sortedKeys(needed))
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(granted, func(g grant) bool { return g.by == byExchange }) {
		if needed, err = v.together(v.flows()); err != nil {
			return nil, err
		}
	}
	v.uses = v.operationsOf(sortedKeys(needed))
	var lines []Line
	have := map[string]bool{}
	for _, g := range granted {
		l := Line{Permission: g.permission, Scheme: string(g.scheme), API: cmp.Or(g.api, "an API that the tenant no longer has"), Granted: true, By: g.by, Reach: g.reach, since: g.since}
		if g.scheme == v.scheme && g.app == catalog.MicrosoftGraph {
			l.Flows = needed[g.permission]
			l.Needed = len(l.Flows) > 0
			have[g.permission] = true
		}
		lines = append(lines, l.judged(v.room.Table, g.app))
	}
	for _, name := range sortedKeys(needed) {
		if !have[name] {
			l := Line{Permission: name, Scheme: string(v.scheme), API: graphName, Needed: true, Flows: needed[name]}
			lines = append(lines, l.judged(v.room.Table, catalog.MicrosoftGraph))
		}
	}
	for i := range lines {
		slices.Sort(lines[i].Flows)
		if lines[i].Flows == nil {
			lines[i].Flows = []string{}
		}
	}
	return lines, nil
}

// judged gives a line its class. What other APIs call their permissions says
// nothing to the rules.
func (l Line) judged(table *catalog.Catalog, app string) Line {
	l.Class, l.Why = classOf(table, app, l.Permission, plan.Scheme(l.Scheme))
	return l
}

// classOf is the class of a permission by the rules of package judge; "" where it is
// of an API that they do not know.
func classOf(table *catalog.Catalog, app, name string, scheme plan.Scheme) (judge.Class, string) {
	if _, known := table.PermissionOf(app, name); !known {
		return "", "it is a permission of an API that Microsoft's table does not know"
	}
	class, _, why := judge.ClassOf(name, scheme)
	return class, why
}

// signingIn are what signs people in. They open nothing, and stay.
func signingIn(l Line) bool {
	return l.Scheme == string(plan.Delegated) && slices.Contains([]string{"openid", "profile", "email", "offline_access"}, l.Permission)
}

// drift says of each line how it is not as it should be.
func (v *visit) drift(lines []Line, counted time.Time) {
	if !v.known {
		return
	}
	for i := range lines {
		l := &lines[i]
		switch {
		case signingIn(*l):
		case !l.Granted:
			v.lacking(l, lines)
		case !l.Needed:
			v.tooMuch(l, lines)
		case l.By == byEntra && slices.ContainsFunc(lines, func(o Line) bool { return o.By == byExchange && o.Permission == l.Permission }):
			l.Drift = AddsUp
			l.Say = "It is for every mailbox, and adds up with the role in Exchange, which is for some."
			l.Do = fmt.Sprintf("Have it taken away once the role works: graphwarden restrict %s %s --administrator", v.tenant.Name, v.short)
		default:
			v.idle(l, counted)
		}
	}
}

// lacking is a permission that flows need and nobody granted, unless a wider one
// stands in for it.
func (v *visit) lacking(l *Line, all []Line) {
	for _, o := range all {
		if v.serves(o, l.Permission) {
			l.Say = fmt.Sprintf("%s, which is granted, opens all that the flows do by it.", o.Permission)
			return
		}
	}
	l.Drift = Missing
	l.Say = "Nobody granted it, and " + strings.Join(l.Flows, ", ") + " cannot work without it."
	l.Do = "Have an administrator grant it: " + v.command() + " --apply"
}

// tooMuch is a permission that is granted and that no flow needs.
func (v *visit) tooMuch(l *Line, all []Line) {
	l.Drift, l.Do = Beyond, "Have it taken away: "+v.command()+" --apply"
	l.Say = "No flow of this registration needs it."
	if l.By == byExchange {
		l.Do = "Have an Exchange Administrator remove the role, or: graphwarden restrict " + v.tenant.Name + " " + v.short + " --administrator"
	}
	if l.Scheme != string(v.scheme) {
		l.Say = fmt.Sprintf("The registration signs in with %s permissions, and this is not one.", v.scheme)
		return
	}
	for _, o := range all {
		if o.Needed && o.Scheme == l.Scheme && v.room.Table.Covers(o.Permission, l.Permission, v.scheme.Catalog()) {
			l.Say = fmt.Sprintf("%s, which the flows need, includes it.", o.Permission)
			return
		}
		if o.Needed && v.serves(*l, o.Permission) {
			l.Drift = Wider
			l.Say = fmt.Sprintf("The flows need no more of it than %s.", o.Permission)
			return
		}
	}
}

// idle is a permission that is granted and needed, and that nothing has used for
// long.
func (v *visit) idle(l *Line, counted time.Time) {
	long := v.asked.unused()
	since := counted
	if l.since.After(since) {
		since = l.since
	}
	if l.Last != nil && l.Last.After(since) {
		since = *l.Last
	}
	if v.room.Now().Sub(since) < long {
		return
	}
	l.Drift = Unused
	l.Say = fmt.Sprintf("Nothing has used it for %d days.", int(v.room.Now().Sub(since)/(24*time.Hour)))
	l.Do = "Ask whether " + strings.Join(l.Flows, ", ") + " should still do all that the configuration says."
}

// serves says whether a line's grant includes a permission in the registration's
// scheme, or opens all that the flows do by it.
func (v *visit) serves(l Line, permission string) bool {
	scheme := v.scheme.Catalog()
	return l.Granted && l.Scheme == string(v.scheme) && l.Permission != permission &&
		(v.room.Table.Covers(l.Permission, permission, scheme) || policy.Enough(l.Permission, v.uses[permission], scheme, v.room.Table))
}

// operationsOf are the operations of the flows by the permission, of those that are
// needed, that serves them.
func (v *visit) operationsOf(needed []string) map[string][]flow.Operation {
	out := map[string][]flow.Operation{}
	for _, f := range v.needing() {
		for _, op := range f.Kind.Operations() {
			for _, name := range policy.Served(op, v.scheme.Catalog(), needed, v.room.Table) {
				out[name] = append(out[name], op)
			}
		}
	}
	return out
}

func (v *visit) command() string {
	return "graphwarden grants " + v.tenant.Name + "/" + v.short
}

func sortedKeys(m map[string][]string) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
