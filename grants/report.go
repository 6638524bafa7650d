package grants

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/catalog"
)

// Asked is what somebody wants to know, or to have changed.
type Asked struct {
	Administrator string `json:"administrator"`                                                                    // the id of a sign-in to Graph; "": the reader looks
	Exchange      string `json:"exchange"`                                                                         // and of one to Exchange; "": its roles are not read
	UnusedDays    int    `json:"unused_days" doc:"how many days something is unused before that is said; 0 is 90"` // how long something is unused before that is said; 0 is 90
	DryRun        bool   `json:"dry_run"`                                                                          // show the difference only
	By            string `json:"by"`                                                                               // who asks, for the ledger
}

// usualUnused is how many days something is unused before that is said.
const usualUnused = 90

func (a Asked) unused() time.Duration {
	if a.UnusedDays <= 0 {
		a.UnusedDays = usualUnused
	}
	return time.Duration(a.UnusedDays) * 24 * time.Hour
}

// The drifts: how a line is not as it should be.
const (
	Beyond  = "beyond"  // granted, and no flow needs it
	Wider   = "wider"   // a narrower permission would do
	Missing = "missing" // needed and not granted
	Unused  = "unused"  // granted and needed, and not used for long
	AddsUp  = "adds up" // granted for every mailbox beside a role for some
)

// Report is what a registration was granted, needs and used.
type Report struct {
	Tenant       string `json:"tenant"`
	TenantID     string `json:"tenant_id" doc:"the tenant's id or domain, as the configuration has it"`
	Registration string `json:"registration"`
	ClientID     string `json:"client_id"`
	Graph        string `json:"graph" doc:"the origin of Microsoft Graph"` // the origin of Microsoft Graph
	Scheme       string `json:"scheme" doc:"application, or delegated where it acts for people"`
	// Source is who read the grants, ReadAt when; Unread why nobody did.
	Source   string     `json:"source" doc:"who read the grants"`
	ReadAt   *time.Time `json:"read_at" doc:"when the grants were read"`
	Unread   string     `json:"unread,omitempty" doc:"why nobody read the grants"`
	Exchange string     `json:"exchange" doc:"how the roles in Exchange are known"` // how Exchange's roles are known
	// Counted is since when uses are counted.
	Counted time.Time `json:"counted_since" doc:"since when uses are counted"`
	Lines   []Line    `json:"lines" doc:"the permissions, what is not as it should be first"`
	// Changes would make the grants what the flows need.
	Changes []Change `json:"changes"`
	// Narrower are proposals for flows that have not used all that they list.
	Narrower []Narrower `json:"narrower" doc:"proposals for flows that have not used all operations that they list"`
}

// Line is one permission.
type Line struct {
	Permission string      `json:"permission" doc:"its name"`
	Scheme     string      `json:"scheme" doc:"application or delegated"`
	API        string      `json:"api" doc:"the API whose permission it is"`
	Granted    bool        `json:"granted" doc:"whether the tenant granted it"`
	By         string      `json:"by,omitempty" doc:"entra or exchange"`
	Reach      string      `json:"reach,omitempty" doc:"for whom or what it is granted"` // for whom or what it is granted
	Needed     bool        `json:"needed" doc:"whether a flow needs it"`
	Flows      []string    `json:"flows" doc:"the flows that need it"`   // that need it
	Calls      int64       `json:"calls" doc:"how many calls it served"` // that it served
	First      *time.Time  `json:"first_used" doc:"when it served the first call"`
	Last       *time.Time  `json:"last_used" doc:"when it served the last call"`
	Class      judge.Class `json:"class" doc:"how dangerous it is: critical, high, medium or low; empty where the rules do not know it"`
	Why        string      `json:"why" doc:"why it is of this class"`
	Drift      string      `json:"drift,omitempty" doc:"how it is not as it should be: beyond, wider, missing, unused or adds up"`
	Say        string      `json:"say,omitempty"`
	Do         string      `json:"do,omitempty"`

	since time.Time // when it was granted, as far as Entra says
}

// Drifts counts the lines that are not as they should be.
func (r Report) Drifts() int {
	n := 0
	for _, l := range r.Lines {
		if l.Drift != "" {
			n++
		}
	}
	return n
}

// Show tells of one registration.
func (g *Grants) Show(ctx context.Context, tenant, registration string, a Asked) (Report, error) {
	v, err := g.open(tenant, registration, a)
	if err != nil {
		return Report{}, err
	}
	if err := v.look(ctx); err != nil {
		return Report{}, err
	}
	return v.report(ctx)
}

// report compares what was read.
func (v *visit) report(ctx context.Context) (Report, error) {
	r := Report{Tenant: v.tenant.Name, TenantID: v.tenant.ID, Registration: v.short, ClientID: v.registration.ClientID, Graph: v.tenant.Cloud.Graph, Scheme: string(v.scheme),
		Source: v.by, Unread: v.unread, Exchange: v.exchangeBy}
	if !v.readAt.IsZero() {
		at := v.readAt.UTC()
		r.ReadAt = &at
	}
	var err error
	if r.Lines, err = v.compare(ctx); err != nil {
		return Report{}, err
	}
	if r.Counted, err = v.room.Store.MadeAt(ctx); err != nil {
		return Report{}, err
	}
	uses, err := v.room.used(ctx, v, r.Lines)
	if err != nil {
		return Report{}, err
	}
	if r.Narrower, err = v.narrower(uses, r.Counted); err != nil {
		return Report{}, err
	}
	v.drift(r.Lines, r.Counted)
	slices.SortStableFunc(r.Lines, byWeight)
	r.Changes = v.changes(r.Lines)
	if r.Lines == nil {
		r.Lines = []Line{}
	}
	return r, nil
}

// byWeight puts what is not as it should be first, and the worst of that first.
func byWeight(a, b Line) int {
	weight := func(l Line) int {
		w := l.Class.Rank()
		if l.Drift != "" {
			w += 10
		}
		return w
	}
	if d := weight(b) - weight(a); d != 0 {
		return d
	}
	return strings.Compare(a.Permission, b.Permission)
}

// find gives a registration of the configuration.
func (g *Grants) find(tenant, registration string) (graphwarden.Tenant, graphwarden.Registration, error) {
	t := slices.IndexFunc(g.Tenants, func(t graphwarden.Tenant) bool { return t.Name == tenant })
	i := slices.IndexFunc(g.Registrations, func(r graphwarden.Registration) bool { return r.Name == tenant+"/"+registration })
	if t < 0 || i < 0 {
		field := "registration"
		if t < 0 {
			field = "tenant"
		}
		return graphwarden.Tenant{}, graphwarden.Registration{}, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "grant.unknown", Field: field,
			Say: fmt.Sprintf("The configuration has no registration %s in a tenant %s.", registration, tenant),
			Do:  "Name one of those that graphwarden tenants lists."}
	}
	return g.Tenants[t], g.Registrations[i], nil
}

// schemeOf is the scheme that a registration's flows use.
func schemeOf(r graphwarden.Registration) catalog.Scheme {
	if r.Mode.Delegated() {
		return catalog.DelegatedWork
	}
	return catalog.Application
}
