package policy

import (
	"sync/atomic"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// InForce is the policy that decides now. It is replaced as a whole when the
// configuration or the pinned mailboxes change; a decision is made by one policy
// or the other, never by a mixture. The zero InForce refuses everything.
type InForce struct {
	policy atomic.Pointer[Policy]
	rules  *Rules // of every policy that is put in force
}

// Under gives one whose every policy is under rules; nil are none.
func Under(rules *Rules) *InForce { return &InForce{rules: rules} }

// Replace puts a policy in force, for every decision from now on.
func (f *InForce) Replace(p *Policy) {
	under := *p
	under.rules = f.rules
	f.policy.Store(&under)
}

// Judge asks the policy in force, and its rules.
func (f *InForce) Judge(app, name string, op flow.Operation, mailbox string, c Circumstances) graphwarden.Decision {
	p := f.policy.Load()
	if p == nil {
		return refused("default/none", "No policy is in force yet.")
	}
	return p.Judge(app, name, op, mailbox, c)
}
