package gate

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// longTurn is how long a call may wait for a place before that is worth a word.
const longTurn = 10 * time.Second

// waiter is who waits for whose mailbox.
type waiter struct{ app, tenant, registration, mailbox string }

// waited notes that a call was told to come again later, or that its turn was
// long in coming. Waits that follow each other closely count as one.
func (b *budget) waited(p *plan, begun time.Time, err error) {
	var later *graphwarden.Later
	why := graphwarden.ShortOfPlaces
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	switch {
	case errors.Is(err, errSpent):
		why = graphwarden.ShortOfCalls
	case errors.Is(err, errBusy):
	case errors.As(err, &later):
		why = graphwarden.AskedToWait
	case now.Sub(begun) < longTurn:
		return
	}
	b.noteWait(p, why, now)
}

// noteWait notes a wait; the lock is held.
func (b *budget) noteWait(p *plan, why graphwarden.Shortage, now time.Time) {
	r := p.route.Registration
	who := waiter{p.call.App, r.Tenant, r.Name, p.call.Mailbox}
	w, known := b.waits[who]
	if !known || now.Sub(w.Last) > graphwarden.WaitingForgets {
		if b.waits == nil {
			b.waits = map[waiter]graphwarden.Waiting{}
		}
		b.forgetWaits(now)
		w = graphwarden.Waiting{App: who.app, Tenant: who.tenant, Registration: who.registration, Mailbox: graphwarden.Mailbox{ID: who.mailbox}, Since: now}
	}
	w.Why, w.Last = why, now
	w.Count++
	b.waits[who] = w
}

// calmAfter is how long there has to be nothing to wait for until a call that goes
// through ends the waits before it: of those who wait in turns some always get through.
const calmAfter = time.Minute

// went notes that a call went through: its app does not wait any more in its mailbox,
// unless it did, or was asked to, a moment ago.
func (b *budget) went(p *plan) {
	r := p.route.Registration
	who := waiter{p.call.App, r.Tenant, r.Name, p.call.Mailbox}
	b.mu.Lock()
	defer b.mu.Unlock()
	w, known := b.waits[who]
	if !known || b.now().Sub(w.Last) < calmAfter || b.now().Sub(b.bucket(p.owner).until) < calmAfter {
		return
	}
	delete(b.waits, who)
	b.over = append(b.over, w)
}

// Over gives the waits that have ended in this process since it was last asked.
func (g *Gate) Over() []graphwarden.Waiting {
	b := g.shared.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	over := b.over
	b.over = nil
	return over
}

// forgetWaits drops waits that are over; the lock is held.
func (b *budget) forgetWaits(now time.Time) {
	for who, w := range b.waits {
		if now.Sub(w.Last) > graphwarden.WaitingForgets {
			delete(b.waits, who)
		}
	}
}

// Waiting says whose calls wait at present in this process, by app and mailbox.
func (g *Gate) Waiting() []graphwarden.Waiting {
	b := g.shared.budget
	b.mu.Lock()
	defer b.mu.Unlock()
	b.forgetWaits(b.now())
	out := make([]graphwarden.Waiting, 0, len(b.waits))
	for _, w := range b.waits {
		out = append(out, w)
	}
	slices.SortFunc(out, func(x, y graphwarden.Waiting) int {
		return strings.Compare(x.App+" "+x.Registration+" "+x.Mailbox.ID, y.App+" "+y.Registration+" "+y.Mailbox.ID)
	})
	return out
}
