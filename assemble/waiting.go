package assemble

import (
	"context"
	"errors"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
)

// waitsEvery is how often a process notes whose calls wait in it.
const waitsEvery = 15 * time.Second

// shareWaits notes whose calls wait for Microsoft's limits in this process, so
// that the one that watches knows of all, until ctx ends.
func (g *Graphwarden) shareWaits(ctx context.Context) error {
	for {
		if over, list := g.gate.Over(), g.gate.Waiting(); len(over)+len(list) > 0 {
			err := g.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
				return errors.Join(g.Store.EndWaiting(ctx, tx, over), g.Store.NoteWaiting(ctx, tx, list))
			})
			if err != nil && ctx.Err() == nil {
				g.log.Warn("noting whose calls wait", "reason", err)
			}
		}
		timer := time.NewTimer(waitsEvery)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// measureWaits measures how many mailboxes' calls wait, in the whole cluster.
func (g *Graphwarden) measureWaits(ctx context.Context, now time.Time) ([]api.Metric, error) {
	list, err := g.Store.Waiting(ctx, now)
	type whose struct{ registration, app string }
	count := map[whose]int{}
	for _, f := range g.declared.flows {
		count[whose{f.Registration, f.App}] = 0
	}
	for _, w := range list {
		count[whose{w.Registration, w.App}]++
	}
	var out []api.Metric
	for who, n := range count {
		out = append(out, gauge("budget_waiting", "Mailboxes in which an app's calls wait for one of Microsoft's limits.", float64(n), "registration", who.registration, "app", who.app))
	}
	return out, err
}
