package judge

import (
	"slices"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// recognised finds the flows that the plan describes, in the uses of its
// permissions and in its text.
func recognised(c *catalog.Catalog, p *plan.Plan, all []Permission, taken SchemeTaken) []Flow {
	r := reading{catalog: c, all: all, taken: taken.Taken}
	named := map[int]bool{}
	for i := range all {
		for _, l := range all[i].Lines {
			named[l] = true
		}
	}
	for _, l := range p.Text {
		if !named[l.Number] {
			r.text = append(r.text, withoutRoles(l))
			r.others = r.others || l.Has(sharing())
		}
	}
	var flows []Flow
	for i := range topics() {
		flows = append(flows, r.flows(&topics()[i])...)
	}
	flows = append(flows, r.unheard(flows)...)
	flows = dropped(flows, all)
	pushed(p, flows)
	if f, ok := signIn(p, all, taken); ok {
		flows = append([]Flow{f}, flows...)
	}
	if f, ok := unattended(p, all, taken, flows); ok {
		flows = append(flows, f)
	}
	return flows
}

// pushed adds the subscription to the first flow that push notifications can follow.
func pushed(p *plan.Plan, flows []Flow) {
	if len(linesWith(p, re(`push notification`))) == 0 {
		return
	}
	for _, id := range []string{"calendar", "mail", "inbox", "contacts"} {
		if i := slices.IndexFunc(flows, func(f Flow) bool { return f.topic == id }); i >= 0 {
			flows[i].Operations = append(flows[i].Operations, "POST /subscriptions")
			return
		}
	}
}

// dropped drops what another flow says better: what a name alone stands for, where
// the use of the same permission says more; mail that the fetching of an inbox means;
// sending, where what is sent is told.
func dropped(flows []Flow, all []Permission) []Flow {
	has := func(ids ...string) []int {
		var lines []int
		for _, f := range flows {
			if slices.Contains(ids, f.topic) {
				lines = append(lines, f.Lines...)
			}
		}
		return lines
	}
	better := map[string][]int{"people": has("profiles", "inventory"), "mail": has("inbox"), "sending": has("password reset", "account creation")}
	return slices.DeleteFunc(flows, func(f Flow) bool {
		lines := better[f.topic]
		drop := len(lines) > 0
		for _, l := range f.Lines {
			drop = drop && (f.topic == "people" || slices.Contains(lines, l))
		}
		if drop {
			for i := range all {
				all[i].flows = slices.DeleteFunc(all[i].flows, func(id string) bool { return id == f.ID })
			}
		}
		return drop
	})
}

var signing = sync.OnceValue(func() [3]*find.Pattern {
	return [3]*find.Pattern{
		re(`\bPKCE\b|log in with their own|sign in with|single sign-on|\bSSO\b|OpenID Connect`),
		re(`real-?time|push notification|automatic\w* (?:and|workflow|synchroni)|automatic workflow|regular(?:ly)? (?:basis|and)|in the background|continuous integration|unattended|nightly|every \d+ minutes|standard bookings connector|via ms power automate`),
		re(`continuous|session management|maintain access|stay signed`),
	}
})

// signIn is the flow of people who sign in.
func signIn(p *plan.Plan, all []Permission, taken SchemeTaken) (Flow, bool) {
	f := Flow{ID: "sign-in", What: "people sign in", scheme: plan.Delegated}
	for i := range all {
		q := &all[i]
		if q.Status != plan.Asked && q.Status != plan.Meant || q.Scheme != plan.Delegated || kindOf(subjectOf(q.Name, q.Scheme)) != identity {
			continue
		}
		q.flows = append(q.flows, f.ID)
		f.Lines = append(f.Lines, q.Lines...)
		if q.Name == "User.Read" {
			f.Operations = []string{"GET /me"}
		} else if !slices.Contains(f.keep, q.Name) {
			f.keep = append(f.keep, q.Name)
		}
	}
	for i := range p.Text {
		if l := &p.Text[i]; taken.Taken == plan.Delegated && l.Has(signing()[0]) && l.Kind != plan.Cells {
			f.Lines = append(f.Lines, onLine(l, signing()[0]))
			if !slices.Contains(f.keep, "openid") {
				f.keep = append(f.keep, "openid")
			}
		}
	}
	f.Lines = unique(f.Lines)
	return f, len(f.Lines) > 0
}

// unattended is the flow of what goes on when nobody is signed in.
func unattended(p *plan.Plan, all []Permission, taken SchemeTaken, flows []Flow) (Flow, bool) {
	f := Flow{ID: "unattended", What: "work goes on when nobody is signed in", scheme: plan.Delegated, keep: []string{"offline_access"}}
	if taken.Taken != plan.Delegated || slices.ContainsFunc(all, func(q Permission) bool {
		return q.Name == "offline_access" && (q.asked() || q.Status == plan.Meant)
	}) {
		return f, false
	}
	for i := range p.Text {
		if l := &p.Text[i]; l.Kind != plan.Heading && l.Kind != plan.Cells && l.Has(signing()[1]) {
			f.Lines = append(f.Lines, onLine(l, signing()[1]))
		}
	}
	return f, len(f.Lines) > 0 && len(flows) > 0
}

// declared are the flows of a configuration: what they need follows from what they do.
func declared(p *plan.Plan, all []Permission) []Flow {
	var out []Flow
	for _, f := range p.Flows {
		out = append(out, Flow{ID: f.Name, Lines: []int{f.Line}, What: "declared", Operations: f.Operations, scheme: f.Scheme, keep: f.Needs})
		for i := range all {
			if all[i].Scheme == f.Scheme && slices.Contains(f.Needs, all[i].Name) {
				all[i].flows = append(all[i].flows, f.Name)
			}
		}
	}
	return out
}

// declaredLeast says whether what declared flows need is proven to be the least: whether,
// of each registration's flows, it is what would be chosen for their operations.
func declaredLeast(c *catalog.Catalog, flows []plan.Flow) bool {
	of := map[string][]plan.Flow{}
	for _, f := range flows {
		of[f.Registration] = append(of[f.Registration], f)
	}
	for _, own := range of {
		var needs []string
		var operations []Flow
		for _, f := range own {
			needs = append(needs, f.Needs...)
			operations = append(operations, Flow{ID: f.Name, Operations: f.Operations, scheme: f.Scheme})
		}
		slices.Sort(needs)
		set, exact := chosen(c, tasks(c, operations), own[0].Scheme)
		slices.Sort(set)
		if !exact || !slices.Equal(set, slices.Compact(needs)) {
			return false
		}
	}
	return true
}
