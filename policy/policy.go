package policy

import (
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// Policy is what a set of flows permits. It never changes once built, so that
// any number of callers may ask it at once.
type Policy struct {
	flows   map[string]permit
	rules   *Rules
	names   map[string]string // of mailboxes, by object id: the same in every flow
	spelled map[string]string // how rules spell what apps ask for themselves, by shape
}

// permit is what one flow permits.
type permit struct {
	app        string
	allowed    graphwarden.Decision // what it permits, in these words
	operations map[flow.Operation]bool
	shapes     map[string]bool // of the operations that the app asks for itself
	mailboxes  map[string]bool // by object id
}

// New builds the policy of these flows. A flow without a name or an app, a name
// used twice and a mailbox that is not pinned to an object id are refused: each
// would leave it open what is permitted.
func New(flows []flow.Flow) (*Policy, error) {
	p := &Policy{flows: map[string]permit{}, names: map[string]string{}, spelled: spelledIn(flows)}
	for _, f := range flows {
		if f.Name == "" || f.App == "" {
			return nil, fmt.Errorf("building the policy: a flow without a name or an app: %q, %q", f.Name, f.App)
		}
		if _, taken := p.flows[f.Name]; taken {
			return nil, fmt.Errorf("building the policy: two flows are called %q", f.Name)
		}
		permit := permit{app: f.App, allowed: graphwarden.Decision{Allowed: true, Rule: "flow:" + f.Name, Reason: fmt.Sprintf("The flow %q permits it.", f.Name)},
			operations: map[flow.Operation]bool{}, shapes: map[string]bool{}, mailboxes: map[string]bool{}}
		for _, op := range f.Kind.Operations() {
			permit.operations[op] = true
			if op.IsAsked() {
				permit.shapes[op.Shape()] = true
			}
		}
		for _, m := range f.Mailboxes {
			if m.ID == "" {
				return nil, fmt.Errorf("building the policy: flow %q: mailbox %q has no object id", f.Name, m.UPN)
			}
			permit.mailboxes[m.ID] = true
			if name := strings.ToLower(m.UPN); strings.Contains(name, "@") && (p.names[m.ID] == "" || name < p.names[m.ID]) {
				p.names[m.ID] = name
			}
		}
		p.flows[f.Name] = permit
	}
	return p, nil
}

// Decide says whether the app may perform the operation in the name of the flow
// on the mailbox with this object id, "" for an operation that touches none.
func (p *Policy) Decide(app, name string, op flow.Operation, mailbox string) graphwarden.Decision {
	permit, known := p.flows[name]
	switch {
	case !known:
		return refused("default/flow", "No flow is called %q.", name)
	case permit.app != app:
		return refused("default/app", "The flow %q does not belong to the app %q.", name, app)
	case !permit.performs(op):
		return refused("default/operation", "The flow %q does not perform %q.", name, op.Name())
	case op.TouchesMailbox() && !permit.mailboxes[mailbox]:
		return refused("default/mailbox", "The flow %q may not touch the mailbox %q.", name, mailbox)
	case !op.TouchesMailbox() && mailbox != "":
		return refused("default/mailbox", "The operation %q touches no mailbox, and %q was named.", op.Name(), mailbox)
	}
	return permit.allowed
}

// performs says whether the flow's kind has the operation: the very one, or, of what
// an app asks for itself, one of the same shape in whichever version.
func (p permit) performs(op flow.Operation) bool {
	if op.IsAsked() {
		return op.Shape() != "" && p.shapes[op.Shape()]
	}
	return p.operations[op]
}

func refused(rule, format string, args ...any) graphwarden.Decision {
	return graphwarden.Decision{Rule: rule, Reason: fmt.Sprintf(format, args...)}
}
