package assemble

import (
	"context"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/duty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/mirror"
)

// readers is how many feeds are read at once; a tenant alone gets half of them.
const readers = 16

// once has one process of all do something until ctx ends.
func (g *Graphwarden) once(name string, do func(context.Context) error) func(context.Context) error {
	d := duty.Duty{Store: steppedDuties{g.Store}, Name: name, Holder: g.self, Log: g.log}
	return func(ctx context.Context) error { return d.Run(ctx, do) }
}

type steppedDuties struct{ duty.Store }

func (d steppedDuties) Hold(ctx context.Context, tx graphwarden.Tx, name, holder string, span time.Duration) (bool, error) {
	tx.Step("duty:hold")
	return d.Store.Hold(ctx, tx, name, holder, span)
}

func (d steppedDuties) LetGo(ctx context.Context, tx graphwarden.Tx, name, holder string) error {
	tx.Step("duty:letgo")
	return d.Store.LetGo(ctx, tx, name, holder)
}

func (s steppedSource) Event(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (graph.Sight, error) {
	return stepping(s.step, "mirror:look", func() (graph.Sight, error) { return s.Source.Event(ctx, f, m, id) })
}

func (s steppedSource) HasCalendar(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (bool, error) {
	return stepping(s.step, "mirror:ask", func() (bool, error) { return s.Source.HasCalendar(ctx, f, m, id) })
}

type steppedRemovals struct{ mirror.Removals }

func (r steppedRemovals) LeaseRemovals(ctx context.Context, tx graphwarden.Tx, busy graphwarden.Busy, span time.Duration, limit int) ([]graphwarden.Removal, error) {
	tx.Step("mirror:doubt")
	return r.Removals.LeaseRemovals(ctx, tx, busy, span, limit)
}

func (r steppedRemovals) SettleRemoval(ctx context.Context, tx graphwarden.Tx, held graphwarden.Removal, v graphwarden.Verdict, told []byte) ([]graphwarden.Change, error) {
	tx.Step("mirror:settle")
	return r.Removals.SettleRemoval(ctx, tx, held, v, told)
}

func (r steppedRemovals) DeferRemoval(ctx context.Context, tx graphwarden.Tx, held graphwarden.Removal, until time.Time) error {
	tx.Step("mirror:later")
	return r.Removals.DeferRemoval(ctx, tx, held, until)
}
