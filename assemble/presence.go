package assemble

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/policy"
	"github.com/graphwarden/graphwarden/presence"
	"github.com/graphwarden/graphwarden/zone"
)

// presenceKind is the kind of flow that presence settings belong to.
const presenceKind = "presence"

// Presence is what a presence flow tells, and what it asks besides calendars.
type Presence struct {
	Zone      string `yaml:"zone"`      // of mailboxes that do not say theirs
	Calendars string `yaml:"calendars"` // default (the default) or all
	Subjects  bool   `yaml:"subjects"`  // tell what meetings are about that are not private
	Schedule  bool   `yaml:"schedule"`  // free and busy times of those whose calendar cannot be read
	Settings  bool   `yaml:"settings"`  // time zone and automatic replies of each mailbox
	Teams     bool   `yaml:"teams"`     // what Teams knows
}

// wants is what the flow asks besides calendars.
func (p Presence) wants() flow.PresenceWants {
	return flow.PresenceWants{Schedule: p.Schedule, Settings: p.Settings, Teams: p.Teams}
}

// settlePresence fills in what a presence flow leaves out: it looks a month ahead,
// and nothing is sent.
func (f *Flow) settlePresence() {
	if f.Kind != presenceKind {
		return
	}
	set(&f.Window.Past, Duration(2*24*time.Hour))
	set(&f.Window.Future, Duration(31*24*time.Hour))
	if f.Sink.empty() && len(f.Sinks) == 0 {
		f.Sink.Type = string(graphwarden.Nowhere)
	}
}

func (f *Flow) checkPresence(found *faults, at string, known bool) {
	p := f.Presence
	found.when(known && f.Kind != presenceKind && p != (Presence{}), at+".presence", "it belongs to a flow of kind presence, and this is of kind %s", f.Kind)
	found.word(at+".presence.calendars", p.Calendars, "default", "all")
	if p.Zone != "" {
		if _, err := zone.Load(p.Zone); err != nil {
			found.at(at+".presence.zone", "%s", err)
		}
	}
}

// declarePresence says in the house's words what a presence flow wants, and by
// which permission it knows what it tells.
func (c *Config) declarePresence(d *declared, f *flow.Flow, from *Flow) error {
	p := from.Presence
	f.Kind, f.DefaultOnly = flow.Presence(p.wants()), p.Calendars != "all"
	scheme := catalog.Application
	if c.Tenants[from.Tenant].Registrations[from.Registration].mode().Delegated() {
		scheme = catalog.DelegatedWork
	}
	known, err := permissionsOf(scheme, d.table)
	if err != nil {
		return err
	}
	d.plans = append(d.plans, presence.Plan{Flow: f.Name, Zone: p.Zone, Subjects: p.Subjects, Wants: p.wants(), Permissions: known})
	return nil
}

// permissionsOf names the permission by which each source of presence is read. It
// follows from the operations: what a source adds to them, or else what calendars
// are read by.
func permissionsOf(scheme catalog.Scheme, table *catalog.Catalog) (map[presence.Source]string, error) {
	base, err := policy.PermissionsIn(scheme, flow.Presence(flow.PresenceWants{}), table)
	if err != nil || len(base) == 0 {
		return nil, fmt.Errorf("finding the permissions of presence: %v, %w", base, err)
	}
	out := map[presence.Source]string{presence.FromCalendar: base[0]}
	for source, wants := range map[presence.Source]flow.PresenceWants{
		presence.FromSchedule: {Schedule: true}, presence.FromSettings: {Settings: true}, presence.FromTeams: {Teams: true},
	} {
		all, err := policy.PermissionsIn(scheme, flow.Presence(wants), table)
		if err != nil {
			return nil, fmt.Errorf("finding the permission of %s: %w", source, err)
		}
		all = slices.DeleteFunc(all, func(name string) bool { return slices.Contains(base, name) })
		out[source] = append(all, base[0])[0]
	}
	return out, nil
}

// people makes the rooms that say who is available.
func (g *Graphwarden) people(microsoft *graph.Graph, o Outside) {
	var flows []string
	for _, p := range g.declared.plans {
		flows = append(flows, p.Flow)
	}
	g.Board = presence.NewBoard(presence.BoardConfig{Roster: g.Roster, Book: g.Store, Calendars: g.Store, Flows: flows,
		Promise: g.config.promise(), Log: o.Log, Now: o.Now, Origin: g.Store.Origin()})
	g.presence = presence.NewRoom(presence.Config{Plans: g.declared.plans, Roster: g.Roster, Store: g.Store, Calendars: g.Store,
		Book: steppedBook{g.Store}, Microsoft: steppedPeople{microsoft, o.Step}, Log: o.Log, Now: o.Now, Promise: g.config.promise(), Told: g.Board.Wake})
	g.Roster.OnChange(g.Board.Rostered)
	g.Roster.OnChange(g.presence.Rostered)
}

// changed wakes the rooms for changes that were stored.
func (g *Graphwarden) changed() {
	g.deliver.Wake()
	g.presence.Wake()
}

type steppedBook struct{ presence.Book }

func (b steppedBook) PutPresence(ctx context.Context, tx graphwarden.Tx, list []graphwarden.Told) error {
	tx.Step("presence:tell")
	return b.Book.PutPresence(ctx, tx, list)
}

type steppedPeople struct {
	presence.Microsoft
	step step
}

func (p steppedPeople) Schedules(ctx context.Context, f flow.Flow, through graphwarden.Mailbox, people []graphwarden.Mailbox, from, to time.Time) ([]graph.Schedule, error) {
	return stepping(p.step, "presence:ask", func() ([]graph.Schedule, error) { return p.Microsoft.Schedules(ctx, f, through, people, from, to) })
}

func (p steppedPeople) Settings(ctx context.Context, f flow.Flow, m graphwarden.Mailbox) (graph.Settings, error) {
	return stepping(p.step, "presence:ask", func() (graph.Settings, error) { return p.Microsoft.Settings(ctx, f, m) })
}

func (p steppedPeople) Presences(ctx context.Context, f flow.Flow, people []graphwarden.Mailbox) ([]graph.Presence, error) {
	return stepping(p.step, "presence:ask", func() ([]graph.Presence, error) { return p.Microsoft.Presences(ctx, f, people) })
}
