package restrict

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/graph"
)

// Asked is what somebody wants of a restriction.
type Asked struct {
	Administrator string `json:"administrator"` // the id of a sign-in to Graph
	Exchange      string `json:"exchange"`      // and of one to Exchange
	Kind          string `json:"kind"`          // roles (the default) or access-policy
	Outside       string `json:"outside"`       // address of a mailbox that must not be reached; "" chooses one
	DryRun        bool   `json:"dry_run"`       // show the difference only
	Now           bool   `json:"now"`           // take consents away at once
	Undo          bool   `json:"undo"`
	By            string `json:"by"` // who asks, for the ledger
}

func (a Asked) by() graphwarden.RestrictedBy {
	if a.Kind == string(graphwarden.ByPolicy) {
		return graphwarden.ByPolicy
	}
	return graphwarden.ByRoles
}

// Outcome is the difference, and how it is after it was made up.
type Outcome struct {
	Changes []Change `json:"changes"`
	Applied bool     `json:"applied"`
	State   *State   `json:"state"` // nil when nothing is restricted
}

// View is what is wanted of Exchange for a registration, and how it is.
type View struct {
	Tenant       string   `json:"tenant"`
	Registration string   `json:"registration"`
	ClientID     string   `json:"client_id"`
	Scopes       []Scope  `json:"scopes"`
	Stays        []string `json:"stays"` // permissions that stay consents in Entra
	State        *State   `json:"state"`
	Script       string   `json:"script"` // for Exchange Online PowerShell
}

// State is how far a restriction has come.
type State struct {
	By        string    `json:"by"`
	State     string    `json:"state"`
	Inside    string    `json:"inside"`
	Outside   string    `json:"outside"`
	Reads     bool      `json:"reads"`
	ChangedAt time.Time `json:"changed_at"`
	Until     time.Time `json:"until"` // when Exchange goes by it at the latest
	LookAt    time.Time `json:"look_at"`
	ProvenAt  time.Time `json:"proven_at,omitzero"`
	Code      string    `json:"code,omitempty"`
	Say       string    `json:"say,omitempty"`
}

// Show says what is wanted for a registration and how it is.
func (r *Restrict) Show(ctx context.Context, tenant, registration string) (View, error) {
	w, err := r.want(ctx, tenant, registration)
	if err != nil {
		return View{}, err
	}
	before, err := r.known(ctx, w.registration.Name)
	if err != nil {
		return View{}, err
	}
	return View{Tenant: tenant, Registration: registration, ClientID: w.registration.ClientID, Scopes: w.scopes, Stays: append([]string{}, w.stays...),
		State: stateOf(before), Script: w.script()}, nil
}

// Apply shows the difference between what is and what is wanted, and unless it is a
// dry run makes it up. If we are cut off between two steps, what was done is there,
// and the next run goes on with the rest.
func (r *Restrict) Apply(ctx context.Context, tenant, registration string, a Asked) (Outcome, error) {
	v, err := r.open(ctx, tenant, registration, a)
	if err != nil {
		return Outcome{}, err
	}
	out := Outcome{Changes: v.difference(), State: stateOf(v.before)}
	if a.DryRun {
		return out, nil
	}
	row, holds := v.before, v.holds(out.Changes)
	if !holds {
		if row, err = v.begin(ctx, out.Changes); err != nil {
			return out, err
		}
	}
	for _, c := range changing(out.Changes) {
		if c.step == "restrict:revoke" {
			if err := v.works(ctx); err != nil {
				return out, err
			}
		}
		if err := r.Step(c.step, func() error { return c.act(ctx) }); err != nil {
			return out, fmt.Errorf("%s %s: %w", c.Do, c.What, mayNot(c, err))
		}
	}
	out.Applied = true
	if a.Undo {
		return Outcome{out.Changes, true, nil}, r.forget(ctx, v.want, a.By)
	}
	if row, err = v.tested(ctx, row); err != nil {
		return out, err
	}
	row.Wanted, row.Roles = v.want.fingerprint(), v.want.permissions()
	if row.LookAt = r.Now(); !a.Now && !holds && row.LookAt.Before(row.ChangedAt.Add(propagation)) {
		row.LookAt = row.LookAt.Add(lookEvery) // nothing is to be seen yet
	}
	if err := r.put(ctx, row, a.By); err != nil {
		return out, err
	}
	out.State = stateOf(row)
	select {
	case r.wake <- struct{}{}:
	default: // it is awake
	}
	return out, nil
}

// open reads what an administrator can see.
func (r *Restrict) open(ctx context.Context, tenant, registration string, a Asked) (*visit, error) {
	if a.Kind != "" && a.Kind != string(graphwarden.ByPolicy) && a.Kind != string(graphwarden.ByRoles) {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "restrict.kind", Field: "kind",
			Say: fmt.Sprintf("Nothing is restricted by %q.", a.Kind), Do: "Say roles or access-policy."}
	}
	w, err := r.want(ctx, tenant, registration)
	if err != nil {
		return nil, err
	}
	v := &visit{room: r, want: w, asked: a}
	if v.graph, v.byGraph, err = r.Administrators.Restrictor(tenant, a.Administrator); err != nil {
		return nil, err
	}
	if v.exchange, v.byCommand, err = r.Administrators.Exchange(tenant, a.Exchange); err != nil {
		return nil, err
	}
	if v.before, err = r.known(ctx, w.registration.Name); err != nil {
		return nil, err
	}
	return v, v.look(ctx)
}

// holds says that what was proven is what is wanted, and nothing has to be changed:
// the proof stays, and is looked at once more.
func (v *visit) holds(changes []Change) bool {
	return !v.asked.Undo && len(changing(changes)) == 0 && v.before.State == graphwarden.RestrictionProven && v.before.By == v.asked.by() &&
		v.before.Wanted == v.want.fingerprint()
}

// begin writes down that Exchange is about to be told something. If we are cut off
// after it, the row says that the registration is not proven to be restricted.
func (v *visit) begin(ctx context.Context, changes []Change) (graphwarden.Restriction, error) {
	now := v.room.Now()
	row := v.before
	row.Tenant, row.Registration, row.By, row.Reads = v.want.tenant.Name, v.want.registration.Name, v.asked.by(), reads(v.want.roles())
	row.Code, row.Say, row.Wanted, row.Roles = "", "", unfinished, ""
	told := slices.ContainsFunc(changing(changes), func(c Change) bool { return c.step != "restrict:revoke" })
	if told || row.State == "" || v.before.By != row.By {
		row.ChangedAt, row.FreedAt, row.ProvenAt = now, time.Time{}, time.Time{}
	}
	row.State, row.LookAt = graphwarden.RestrictionWaiting, now.Add(lookEvery)
	if v.asked.Undo {
		return row, nil
	}
	row.Inside, row.Outside = graphwarden.Mailbox{}, graphwarden.Mailbox{} // chosen once Exchange can be asked
	return row, v.room.step(ctx, "restrict:begin", func(ctx context.Context, tx graphwarden.Tx) error {
		return v.room.Store.PutRestriction(ctx, tx, row)
	})
}

// known is what was written down of a registration.
func (r *Restrict) known(ctx context.Context, registration string) (graphwarden.Restriction, error) {
	list, err := r.Store.Restrictions(ctx)
	if i := slices.IndexFunc(list, func(k graphwarden.Restriction) bool { return k.Registration == registration }); i >= 0 {
		return list[i], err
	}
	return graphwarden.Restriction{}, err
}

// step has something written down as a step of that name.
func (r *Restrict) step(ctx context.Context, name string, f func(ctx context.Context, tx graphwarden.Tx) error) error {
	return r.Step(name, func() error { return r.Store.Update(ctx, f) })
}

// put writes down what somebody did, with the ledger's entry of it.
func (r *Restrict) put(ctx context.Context, row graphwarden.Restriction, by string) error {
	return r.step(ctx, "restrict:store", func(ctx context.Context, tx graphwarden.Tx) error {
		if err := r.Store.PutRestriction(ctx, tx, row); err != nil {
			return err
		}
		return r.note(ctx, tx, row.Tenant, "restriction.set "+row.Registration, by)
	})
}

func (r *Restrict) forget(ctx context.Context, w *want, by string) error {
	return r.step(ctx, "restrict:store", func(ctx context.Context, tx graphwarden.Tx) error {
		if err := r.Store.DropRestriction(ctx, tx, w.registration.Name); err != nil {
			return err
		}
		return r.note(ctx, tx, w.tenant.Name, "restriction.undone "+w.registration.Name, by)
	})
}

func (r *Restrict) note(ctx context.Context, tx graphwarden.Tx, tenant, act, by string) error {
	_, err := r.Ledger.Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Acted, App: graphwarden.House, Tenant: tenant, Path: act, Allowed: true, Rule: "operator", Note: by})
	return err
}

func stateOf(row graphwarden.Restriction) *State {
	if row.State == "" {
		return nil
	}
	return &State{By: string(row.By), State: string(row.State), Inside: row.Inside.UPN, Outside: row.Outside.UPN, Reads: row.Reads, ChangedAt: row.ChangedAt,
		Until: settled(row), LookAt: row.LookAt, ProvenAt: row.ProvenAt, Code: row.Code, Say: row.Say}
}

// needed says whether a consent is for something that the flows do.
func (v *visit) needed(g graph.Grant) bool { return replaces(v.want.roles(), g.Permission) }

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

// mailboxName is the name by which a flow lists a mailbox.
func (v *visit) mailboxName(id string) string {
	for name, listed := range v.want.names {
		if strings.EqualFold(listed, id) {
			return name
		}
	}
	return id
}
