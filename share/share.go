// Package share divides places for work among tenants and mailboxes, so that
// those whose calls hang never take them all. It promises that an owner may take
// another place only while more places are free than it has: one alone gets half
// of them, and however many hang, the next comer finds one until a logarithm of
// the places is reached. It does not say who should come first.
package share

import (
	"sync"

	"github.com/graphwarden/graphwarden"
)

// Places are places for work. They may be used by any number of goroutines.
type Places struct {
	perMailbox int

	mu        sync.Mutex
	free      int
	tenants   map[string]int
	mailboxes map[string]int
}

// New makes n places, of which the work for one mailbox takes at most perMailbox.
func New(n, perMailbox int) *Places {
	return &Places{perMailbox: perMailbox, free: n, tenants: map[string]int{}, mailboxes: map[string]int{}}
}

// Take takes a place for a mailbox of a tenant; false means that there is none
// for it now.
func (p *Places) Take(tenant, mailbox string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.tenants[tenant] >= p.free || p.mailboxes[mailbox] >= p.perMailbox {
		return false
	}
	p.free--
	p.tenants[tenant]++
	p.mailboxes[mailbox]++
	return true
}

// Leave gives a place back.
func (p *Places) Leave(tenant, mailbox string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.free++
	down(p.tenants, tenant)
	down(p.mailboxes, mailbox)
}

// Busy says for whom there is no place now; any is false when there is none for
// anybody.
func (p *Places) Busy() (busy graphwarden.Busy, any bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for tenant, n := range p.tenants {
		if n >= p.free {
			busy.Tenants = append(busy.Tenants, tenant)
		}
	}
	for mailbox, n := range p.mailboxes {
		if n >= p.perMailbox {
			busy.Mailboxes = append(busy.Mailboxes, mailbox)
		}
	}
	return busy, p.free > 0
}

func down(m map[string]int, key string) {
	if m[key]--; m[key] == 0 {
		delete(m, key)
	}
}
