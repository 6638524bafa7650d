package gate

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/outbound"
)

// closeTime bounds how long the end of a call waits for its closing entry.
const closeTime = 30 * time.Second

// entry is the ledger's line of a decision.
func (g *Gate) entry(ctx context.Context, id string, c Call, route Route, d graphwarden.Decision) graphwarden.Entry {
	e := graphwarden.Entry{
		Kind: graphwarden.Decided, Call: id,
		App: c.App, Flow: c.Flow, Tenant: route.Tenant.Name,
		Method: c.Operation.Method(), Path: path(c.Operation), Mailbox: c.Mailbox,
		Allowed: d.Allowed, Rule: d.Rule,
	}
	switch {
	case !d.Allowed:
		e.Note = d.Reason
	case len(c.Others) > 0:
		e.Note = about(c.Others)
	}
	if by := known(ctx); by != "" {
		e.Note = strings.TrimPrefix(strings.TrimSuffix(e.Note, ".")+"; by "+by, "; ")
	}
	return e
}

// about names those whom a call asks about.
func about(people []graphwarden.Mailbox) string {
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	return "about " + strings.Join(ids, " ")
}

// also is what goes into an entry's transaction.
type also func(context.Context, graphwarden.Tx) error

// record puts an entry on disk, and remembers whether the ledger took it. What
// goes with it comes first; one that finds no place, or to which that objects, says
// nothing of the ledger.
func (g *Gate) record(ctx context.Context, e *graphwarden.Entry, with ...also) error {
	return g.recordBy(ctx, g.config.Store.Update, e, with...)
}

// update is a way to change the store in a transaction.
type update func(context.Context, func(context.Context, graphwarden.Tx) error) error

func (g *Gate) recordBy(ctx context.Context, update update, e *graphwarden.Entry, with ...also) error {
	err := update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, f := range with {
			if err := f(ctx, tx); err != nil {
				return err
			}
		}
		_, err := g.config.Ledger.Append(ctx, tx, *e)
		return err
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errFull), errors.As(err, new(*objection)):
		return err
	}
	g.shared.sick.Store(err != nil)
	if err != nil {
		return unrecorded(err)
	}
	return nil
}

// close records how a call ended. It is recorded even when the caller has given
// up. A close that the ledger does not take is not reported: the decision is on
// disk, the outcome reads unknown, and the next call is refused. The end of a call whose
// place others wait for is on disk at once; how a write ended is committed at once, and
// nobody waits for the disk; how reads ended is gathered for a moment, and how a write
// ended that was answered and is followed goes with what comes next.
func (g *Gate) close(ctx context.Context, p *plan, status int, bytes int64, note string) {
	ctx = context.WithoutCancel(ctx)
	end := graphwarden.Entry{Kind: graphwarden.Closed, Call: p.id, Allowed: true, Status: status, Bytes: bytes, Note: graphwarden.Ending(p.answered, note)}
	writes, followed := p.call.Operation.Writes(), p.call.Followed && note == ""
	if (!writes || followed) && !g.shared.shares(p) {
		update := g.config.Store.UpdateLater
		if followed {
			update = g.config.Store.UpdateNext
		}
		update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := g.config.Ledger.Append(ctx, tx, end)
			return err
		}, func(err error) { g.shared.sick.Store(err != nil) })
		return
	}
	ctx, cancel := context.WithTimeout(ctx, closeTime)
	defer cancel()
	if g.shared.shares(p) {
		_ = g.record(ctx, &end, g.over(p))
		return
	}
	_ = g.recordBy(ctx, g.config.Store.UpdateUnsynced, &end)
}

// body is an answer's body that knows its size and, once closed, ends the call.
type body struct {
	io.ReadCloser
	gate   *Gate
	plan   *plan
	status int
	ctx    context.Context
	once   sync.Once
	bytes  int64
	broken error
}

// Read counts, and remembers why the body broke off, if it did.
func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.bytes += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		b.broken = err
		err = outbound.Explain(err, b.plan.target.Host)
		if b.plan.call.Operation.Writes() {
			err = &graphwarden.Unanswered{Cause: err}
		}
	}
	return n, err
}

// Close frees the call's place and records its end. Only the first call counts.
func (b *body) Close() error {
	err := b.ReadCloser.Close()
	b.once.Do(func() {
		b.plan.end()
		leave := func() { b.gate.shared.budget.leave(b.plan.owner) }
		if b.gate.shared.shares(b.plan) {
			defer leave() // for the others, too, its place is free once that is on disk
		} else {
			leave()
		}
		note := ""
		if b.broken != nil {
			note = "The answer broke off."
		}
		b.gate.close(b.ctx, b.plan, b.status, b.bytes, note)
	})
	return err
}

// reason says for the ledger why there was no answer.
func reason(err error) string {
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	return "The call was given up."
}

// path is where an operation goes, and for a command of Exchange's which one it is:
// all of them have one path.
func path(o flow.Operation) string {
	if o.Cmdlet() != "" {
		return o.Template() + " " + o.Cmdlet()
	}
	return o.Template()
}
