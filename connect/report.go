package connect

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/graph"
)

// Report is what a sign-in showed: what is needed, granted, missing and too much.
type Report struct {
	Account  string   `json:"account,omitempty"`
	Source   string   `json:"source"` // who said what is granted
	Needed   []string `json:"needed"`
	Granted  []string `json:"granted"`
	Missing  []string `json:"missing"`
	TooMuch  []string `json:"too_much"`
	Complete bool     `json:"complete"`
}

// seenInToken is the source that is always there.
const seenInToken = "seen in token"

// ProveConnection signs the connection in anew and says what it may. What is granted is
// read by the administrator who signed in for this (an id of Begin, "" for none),
// or by the tenant's reader where that may, or else seen in the token.
func (d *Desk) ProveConnection(ctx context.Context, tenant, registration, administrator string) (Report, error) {
	c, err := d.find(tenant, registration)
	if err != nil {
		return Report{}, err
	}
	seen, err := d.Custody.Prove(ctx, c.Registration)
	if err != nil {
		return Report{}, err
	}
	needs, err := d.needs(c)
	if err != nil {
		return Report{}, err
	}
	r := Report{Source: seenInToken, Granted: seen.Roles}
	if c.Registration.Mode.Delegated() {
		r.Granted = seen.Scopes
	}
	effective := r.Granted
	if granted, by := d.granted(ctx, c, administrator); by != "" {
		r.Source, r.Granted = by, granted.Application
		if c.Registration.Mode.Delegated() {
			r.Granted = granted.Delegated
		}
		// What is granted and not in the token yet does not work yet.
	}
	for _, n := range needs {
		r.Needed = append(r.Needed, n.Name)
	}
	scheme, _ := c.scheme()
	r.compare(scheme, effective)
	standing, err := d.Custody.Standing(ctx, c.Registration)
	r.Account = standing.Account.Name
	return r, err
}

// granted reads what the tenant consented to, and says who read it; "" where
// nobody may.
func (d *Desk) granted(ctx context.Context, c Connection, administrator string) (graph.Granted, string) {
	if admin, flow, err := d.administrator(c.Tenant.Name, administrator); err == nil {
		if g, err := admin.Granted(ctx, flow, c.Registration.ClientID); err == nil {
			d.noteSecretEnd(ctx, admin, flow, c)
			return g, "read by the administrator"
		}
	}
	if reader, has := d.Readers[c.Tenant.Name]; has {
		if g, err := d.Graph.Granted(ctx, reader, c.Registration.ClientID); err == nil {
			d.noteSecretEnd(ctx, d.Graph, reader, c)
			return g, "read by the reader"
		}
	}
	return graph.Granted{}, ""
}

// compare fills in what is missing and what is too much. Effective is what the
// token opens.
func (r *Report) compare(scheme catalog.Scheme, effective []string) {
	table := catalog.Load()
	covers := func(held []string, name string) bool {
		return slices.ContainsFunc(held, func(h string) bool { return strings.EqualFold(h, name) || table.Covers(h, name, scheme) })
	}
	r.Missing, r.TooMuch = []string{}, []string{}
	for _, name := range r.Needed {
		if !covers(effective, name) {
			r.Missing = append(r.Missing, name)
		}
	}
	slices.Sort(r.Granted)
	r.Granted = slices.Compact(r.Granted)
	for _, name := range r.Granted {
		needed := slices.ContainsFunc(r.Needed, func(n string) bool { return strings.EqualFold(n, name) })
		if !needed && !slices.Contains([]string{"openid", "profile", "email", "offline_access"}, name) {
			r.TooMuch = append(r.TooMuch, name)
		}
	}
	r.Complete = len(r.Missing) == 0
	for _, list := range []*[]string{&r.Needed, &r.Granted} {
		if *list == nil {
			*list = []string{}
		}
	}
}

// passes says whether a refusal may pass by itself once an administrator has
// acted: consent takes minutes to arrive everywhere.
func passes(err error) bool {
	var r *graphwarden.Refusal
	return errors.As(err, &r) && slices.Contains([]string{"entra.consent_missing", "entra.app_unknown", "entra.principal_missing", "entra.secret_wrong", "entra.certificate_unknown"}, r.Code)
}

// Passing says whether waiting may mend a refusal.
func Passing(err error) bool {
	var r *graphwarden.Refusal
	if errors.As(err, &r) && (r.Kind == graphwarden.Unreachable || r.Code == "api.later") {
		return true
	}
	return passes(err) && !entra.Stays(err)
}
