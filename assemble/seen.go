package assemble

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// declaredOnly is the state of what the configuration has. What it has no more is
// not told of: its rows go by themselves, or stay for when it comes back.
type declaredOnly struct {
	store                *store.Store
	flows, registrations map[string]bool
}

func (g *Graphwarden) declaredOnly() declaredOnly {
	d := declaredOnly{g.Store, map[string]bool{}, map[string]bool{}}
	for _, f := range g.declared.flows {
		d.flows[f.Name] = true
	}
	for _, c := range g.declared.connections {
		d.registrations[c.Registration.Name] = true
	}
	return d
}

// only keeps those of a list whose flow, or registration, is declared.
func only[T any](list []T, err error, among map[string]bool, of func(T) string) ([]T, error) {
	return slices.DeleteFunc(list, func(one T) bool { return !among[of(one)] }), err
}

// FeedAges are those of declared flows.
func (d declaredOnly) FeedAges(ctx context.Context) ([]graphwarden.FeedAge, error) {
	list, err := d.store.FeedAges(ctx)
	return only(list, err, d.flows, func(f graphwarden.FeedAge) string { return f.Flow })
}

// Coverage is that of declared flows.
func (d declaredOnly) Coverage(ctx context.Context, now time.Time) ([]graphwarden.Coverage, error) {
	list, err := d.store.Coverage(ctx, now)
	return only(list, err, d.flows, func(c graphwarden.Coverage) string { return c.Flow })
}

// Troubles are those of declared flows.
func (d declaredOnly) Troubles(ctx context.Context) ([]graphwarden.Trouble, error) {
	list, err := d.store.Troubles(ctx)
	return only(list, err, d.flows, func(t graphwarden.Trouble) string { return t.Flow })
}

// Skipped are the mailboxes and groups of declared flows.
func (d declaredOnly) Skipped(ctx context.Context, flow string) ([]graphwarden.Skipped, error) {
	list, err := d.store.Skipped(ctx, flow)
	return only(list, err, d.flows, func(k graphwarden.Skipped) string { return k.Flow })
}

// Standings are those of declared registrations and of their people.
func (d declaredOnly) Standings(ctx context.Context) ([]graphwarden.Standing, error) {
	list, err := d.store.Standings(ctx)
	return only(list, err, d.registrations, func(s graphwarden.Standing) string {
		registration, _, _ := strings.Cut(s.Registration, "@")
		return registration
	})
}

// Restrictions are those of declared registrations.
func (d declaredOnly) Restrictions(ctx context.Context) ([]graphwarden.Restriction, error) {
	list, err := d.store.Restrictions(ctx)
	return only(list, err, d.registrations, func(r graphwarden.Restriction) string { return r.Registration })
}
