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
}

// Replace puts a policy in force, for every decision from now on.
func (f *InForce) Replace(p *Policy) { f.policy.Store(p) }

// Decide asks the policy in force.
func (f *InForce) Decide(app, name string, op flow.Operation, mailbox string) graphwarden.Decision {
	p := f.policy.Load()
	if p == nil {
		return refused("default/none", "No policy is in force yet.")
	}
	return p.Decide(app, name, op, mailbox)
}
