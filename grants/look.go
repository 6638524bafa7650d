package grants

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Run looks at every registration as often as it should, until ctx ends. One process
// at a time runs it; what was seen stands in the store.
func (g *Grants) Run(ctx context.Context) error {
	if g.Every <= 0 {
		<-ctx.Done()
		return nil
	}
	for {
		if err := g.Look(ctx); err != nil && ctx.Err() == nil {
			g.Log.Warn("looking at what apps are granted", "reason", err)
		}
		timer := time.NewTimer(g.wait(ctx))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// wait is how long it is until the next registration is due.
func (g *Grants) wait(ctx context.Context) time.Duration {
	seen, err := g.Store.GrantsSeen(ctx)
	next := g.Every
	for _, s := range seen {
		next = min(next, g.Every-g.Now().Sub(s.TriedAt))
	}
	if err != nil {
		next = g.Every
	}
	return max(time.Second, next)
}

// Look reads what is granted to every registration that is due, by the readers of
// their tenants, and writes down what is new.
func (g *Grants) Look(ctx context.Context) error {
	seen, err := g.Store.GrantsSeen(ctx)
	if err != nil {
		return err
	}
	var troubles []error
	for _, r := range g.Registrations {
		before := graphwarden.GrantsSeen{Registration: r.Name, Tenant: r.Tenant}
		if i := slices.IndexFunc(seen, func(s graphwarden.GrantsSeen) bool { return s.Registration == r.Name }); i >= 0 {
			before = seen[i]
		}
		if !before.TriedAt.IsZero() && g.Now().Sub(before.TriedAt) < g.Every {
			continue
		}
		if err := g.see(ctx, r, before); err != nil {
			troubles = append(troubles, fmt.Errorf("%s: %w", r.Name, err))
		}
	}
	return errors.Join(append(troubles, g.Store.CountUses(ctx))...)
}

// see looks at one registration. If we are cut off before it is written down, the
// next look sees the same.
func (g *Grants) see(ctx context.Context, r graphwarden.Registration, before graphwarden.GrantsSeen) error {
	v, err := g.open(r.Tenant, short(r), Asked{})
	if err != nil {
		return err
	}
	if err := v.look(ctx); err != nil {
		return err
	}
	now := before
	now.TriedAt, now.Problem = g.Now(), v.unread
	if v.unread == "" {
		report, err := v.report(ctx)
		if err != nil {
			return err
		}
		now = v.seen(report)
		now.Added, now.Removed, now.ChangedAt = before.Added, before.Removed, before.ChangedAt
		added, removed := without(now.Held, before.Held), without(before.Held, now.Held)
		if !before.ReadAt.IsZero() && len(added)+len(removed) > 0 {
			now.Added, now.Removed, now.ChangedAt = added, removed, now.ReadAt
		}
	}
	return g.Step("grants:see", func() error {
		return g.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error { return g.Store.PutGrantsSeen(ctx, tx, now) })
	})
}

// short is a registration's name within its tenant.
func short(r graphwarden.Registration) string { return r.Name[len(r.Tenant)+1:] }

// without gives what is in one list and not in the other.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(n string) bool { return slices.Contains(other, n) })
}
