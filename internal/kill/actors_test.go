package kill

import (
	"context"
	"fmt"

	"github.com/graphwarden/graphwarden/ledger/audit"
	"github.com/graphwarden/graphwarden/store"
)

// actor is somebody who causes effects while gateways are killed.
type actor struct {
	name string
	live func(r *trial, ctx context.Context) // all through a storm, until ctx ends; nil: not
	turn func(r *trial)                      // now and then before a kill; nil: never
	once int                                 // in how many kills its turn comes, roughly
}

// actors are all of them. Whoever is added brings a comparison of what it caused.
func actors() []actor {
	return []actor{
		{name: "people", live: func(r *trial, ctx context.Context) { r.crowd.live(ctx) }},
		{name: "an app that writes", live: func(r *trial, ctx context.Context) { r.scribe.live(ctx) }},
		{name: "people who sign in for an app, leave it, and are signed out", turn: func(r *trial) { r.persons.turn() }, once: 8},
		{name: "an operator who has changes told again", turn: func(r *trial) { r.replay("") }, once: 6},
		{name: "an app that loses its data", turn: (*trial).loseCopy, once: 15},
		{name: "a table that loses its rows", turn: (*trial).loseTable, once: 20},
	}
}

// comparison holds what was caused against what came of it, when everything has
// come to rest and no gateway runs. It gives what is wrong.
type comparison struct {
	name    string
	compare func(r *trial, s *store.Store, truth map[place]string) []string
}

// comparisons are all of them.
func comparisons() []comparison {
	return []comparison{
		{"the store and the tenant", func(r *trial, s *store.Store, truth map[place]string) []string {
			copy, _ := r.fold(s)
			return r.tenant.differences(truth, copy)
		}},
		{"the app's copy and the tenant", func(r *trial, _ *store.Store, truth map[place]string) []string {
			return r.tenant.differences(shown(truth), r.app.holds())
		}},
		{"what the app was told and what is stored", (*trial).compareTold},
		{"the table and the tenant", func(r *trial, _ *store.Store, truth map[place]string) []string {
			return r.tenant.differences(shown(truth), r.tabled())
		}},
		{"the copy of an app that began anew and the tenant", (*trial).compareAnew},
		{"what was asked to be told again and what was", (*trial).compareRetold},
		{"what the app that writes asked for and what happened", (*trial).compareWrites},
		{"what the app that writes was told and what is there", (*trial).compareHeard},
		{"what the switchboard shows and the calendars", (*trial).compareBoard},
		{"who signed in for an app and what it was told", (*trial).comparePersons},
		{"subscriptions", (*trial).compareSubscriptions},
		{"the ledger", func(r *trial, s *store.Store, _ map[place]string) []string {
			report, err := audit.Database(r.ctx, s, nil)
			r.result.entries = int(report.Entries)
			if err != nil || !report.Sound() {
				return []string{fmt.Sprintf("%+v, %v", report, err)}
			}
			return nil
		}},
	}
}
