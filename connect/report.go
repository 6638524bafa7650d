package connect

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Report is what a sign-in showed: what is needed, granted, missing and too much.
type Report struct {
	Account string   `json:"account,omitempty"`
	Source  string   `json:"source"` // who said what is granted
	Needed  []string `json:"needed"`
	Granted []string `json:"granted"`
	Missing []string `json:"missing"`
	TooMuch []string `json:"too_much"`
	// InExchange are needed permissions that roles in Exchange stand for, in some
	// mailboxes: a consent to them would open all.
	InExchange []string `json:"in_exchange,omitempty"`
	Complete   bool     `json:"complete"`
	// Visit is what an administrator's visit brought besides, nil without one.
	Visit *Visit `json:"visit,omitempty"`
}

// Visit tells which mailboxes of flows have their ids pinned once an administrator
// has let them be read.
type Visit struct {
	Pinned  int      `json:"pinned"`
	Missing []string `json:"missing"` // names that stand for no mailbox, with the reason
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
	needs, err := d.needs(ctx, c)
	if err != nil {
		return Report{}, err
	}
	r := Report{Source: seenInToken, Granted: seen.Roles}
	if c.Registration.Mode.Delegated() {
		r.Granted = seen.Scopes
	}
	effective := r.Granted
	granted, by, err := d.granted(ctx, c, administrator)
	if err != nil {
		return Report{}, err
	}
	if by != "" {
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
	if d.Narrowed != nil {
		if r.InExchange, err = d.Narrowed(ctx, c.Registration, r.Needed); err != nil {
			return Report{}, err
		}
	}
	r.compare(d.Table, scheme, append(effective[:len(effective):len(effective)], r.InExchange...))
	if r.Visit, err = d.visit(ctx, c.Tenant.Name, administrator); err != nil {
		return Report{}, err
	}
	standing, err := d.Custody.Standing(ctx, c.Registration)
	r.Account = standing.Account.Name
	return r, err
}

// granted reads what the tenant consented to, and says who read it; "" where
// nobody may.
func (d *Desk) granted(ctx context.Context, c Connection, administrator string) (graph.Granted, string, error) {
	if admin, flow, err := d.anyAdministrator(c.Tenant.Name, administrator); err == nil {
		g, err := admin.Granted(ctx, flow, c.Registration.ClientID, d.Table)
		if err == nil {
			d.noteSecretEnd(ctx, admin, flow, c)
			return g, "read by the administrator", nil
		}
		if mayNot(err) { // who signed in for this and cannot do it is told so
			return graph.Granted{}, "", &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "connect.not_reader", Cause: err,
				Say: "The person who signed in may not read what apps were granted.", Do: "Sign in as a Cloud Application Administrator or a Global Reader, or leave --administrator out."}
		}
	}
	if reader, has := d.Readers[c.Tenant.Name]; has {
		if g, err := d.Graph.Granted(ctx, reader, c.Registration.ClientID, d.Table); err == nil {
			d.noteSecretEnd(ctx, d.Graph, reader, c)
			return g, "read by the reader", nil
		}
	}
	return graph.Granted{}, "", nil
}

// anyAdministrator gives Graph by what an administrator lent, to read or to change.
func (d *Desk) anyAdministrator(tenant, id string) (*graph.Graph, flow.Flow, error) {
	return d.lent(tenant, id, func(Wanted) bool { return true })
}

// visit pins the tenant's mailboxes with what an administrator lent to read.
func (d *Desk) visit(ctx context.Context, tenant, administrator string) (*Visit, error) {
	admin, as, err := d.lent(tenant, administrator, func(w Wanted) bool { return w.ReadOnly })
	if err != nil || d.Pin == nil {
		return nil, nil // nobody came for that
	}
	v, err := d.Pin(ctx, tenant, admin, as)
	return &v, err
}

func mayNot(err error) bool {
	var r *graphwarden.Refusal
	return errors.As(err, &r) && r.Kind == graphwarden.Denied
}

// compare fills in what is missing and what is too much. Effective is what the
// token opens.
func (r *Report) compare(table *catalog.Catalog, scheme catalog.Scheme, effective []string) {
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

// NotGranted is what is said of permissions that flows need and a sign-in lacks.
func NotGranted(tenant, registration string, missing []string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "cli.not_granted",
		Say: fmt.Sprintf("The registration %s/%s signs in, and lacks %s.", tenant, registration, strings.Join(missing, ", ")),
		Do:  "Have an administrator consent to it: graphwarden connect " + tenant + " " + registration}
}

// passes says whether a refusal may pass by itself once an administrator has
// acted: consent takes minutes to arrive everywhere.
func passes(err error) bool {
	var r *graphwarden.Refusal
	return errors.As(err, &r) && slices.Contains([]string{"entra.consent_missing", "entra.consent_admin", "entra.app_unknown", "entra.principal_missing", "entra.secret_wrong", "entra.certificate_unknown"}, r.Code)
}

// Passing says whether waiting may mend a refusal.
func Passing(err error) bool {
	var r *graphwarden.Refusal
	if errors.As(err, &r) && (r.Kind == graphwarden.Unreachable || r.Code == "api.later") {
		return true
	}
	return passes(err) && !entra.Stays(err)
}
