package assemble

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/flow"
)

// Check signs in every registration and pins every mailbox once, so that what is
// wrong with the configuration shows before anything runs. What is wrong with one
// registration or mailbox is logged and holds up no other, and what may mend
// itself, or people may mend without the configuration, holds up nothing. It is an
// error when no flow can ever work as the configuration stands.
func (g *Graphwarden) Check(ctx context.Context) error {
	err := g.mourning(ctx, func() error { return g.check(ctx) })
	if err != nil {
		g.leave(context.WithoutCancel(ctx)) // it ends here
	}
	return err
}

func (g *Graphwarden) check(ctx context.Context) error {
	p, troubles := g.prospects(ctx)
	if ctx.Err() != nil || !slices.ContainsFunc(g.declared.flows, p.allows) {
		return errors.Join(troubles...)
	}
	if p.sound {
		if err := g.Roster.Pin(ctx); err != nil {
			troubles = append(troubles, err)
			runs := func(f flow.Flow) bool { return p.allows(f) && (len(f.Mailboxes) > 0 || f.People) }
			if !mends(err) && !unread(err) && !slices.ContainsFunc(g.Roster.Flows(), runs) {
				return errors.Join(troubles...)
			}
		}
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := errors.Join(troubles...); err != nil {
		g.log.Warn("starting although not everything works, it will be tried again", "reason", err)
	}
	return nil
}

// prospects are what may be expected of the registrations.
type prospects struct {
	sound bool            // one signs in
	never map[string]bool // registrations that never work as the configuration stands
	lost  map[string]bool // tenants in which none does
}

// allows says whether a flow's registration works, or may without a change of the
// configuration.
func (p prospects) allows(f flow.Flow) bool { return !p.never[f.Registration] && !p.lost[f.Tenant] }

// prospects signs in every registration, and gives what is wrong besides.
func (g *Graphwarden) prospects(ctx context.Context) (prospects, []error) {
	var troubles []error
	p := prospects{never: map[string]bool{}, lost: map[string]bool{}}
	for _, c := range g.declared.connections {
		if c.People {
			continue // nobody needs to have signed in yet
		}
		_, err := g.Custody.Bearer(ctx, c.Registration)
		switch {
		case err == nil:
			p.sound = true
			continue
		case !mends(err):
			p.never[c.Registration.Name] = true
			p.lost[c.Tenant.Name] = p.lost[c.Tenant.Name] || ofTenant(err)
		}
		troubles = append(troubles, fmt.Errorf("%s: %w", c.Registration.Name, err))
	}
	return p, troubles
}

// ofTenant says whether a registration's trouble is one of all in its tenant.
func ofTenant(err error) bool {
	var r *graphwarden.Refusal
	return errors.As(err, &r) && slices.Contains([]string{"entra.tenant_unknown", "entra.tenant_shared", "entra.other_cloud", "outbound.address"}, r.Code)
}

// mends says whether something of what is wrong may pass without a change of the
// configuration: Microsoft asks to wait or does not answer, or a person or an
// administrator has to act.
func mends(err error) bool {
	switch e := err.(type) {
	case *graphwarden.Later:
		return true
	case *graphwarden.Refusal:
		return e.Kind == graphwarden.Unreachable || idle(e) || e.Code == "entra.app_disabled" || entra.OfPerson(e.Code)
	case interface{ Unwrap() []error }:
		return slices.ContainsFunc(e.Unwrap(), mends)
	case interface{ Unwrap() error }:
		return mends(e.Unwrap())
	}
	return false
}

// unread says whether mailboxes were not found because the reader does not sign in:
// that is told, the credential is read again once its file is another, and an
// administrator can find them meanwhile (connect --administrator).
func unread(err error) bool {
	var r *graphwarden.Refusal
	return errors.As(err, &r) && r.Kind == graphwarden.Credential
}

// idle says whether Entra was not asked, because somebody has to connect first.
func idle(err error) bool {
	var r *graphwarden.Refusal
	return errors.As(err, &r) && (r.Code == connect.CodeNobodySignedIn || r.Code == "connect.revoked")
}

// Prove signs in every registration anew and pins every mailbox, and calls told
// with what works; all that does not is an error, first what only a change of the
// configuration mends.
func (g *Graphwarden) Prove(ctx context.Context, told func(string)) error {
	defer g.leave(context.WithoutCancel(ctx)) // nobody is to think that it has died
	var wrong, waits []error
	for _, c := range g.declared.connections {
		if c.People {
			continue
		}
		err := g.granted(ctx, c)
		if err == nil {
			told(c.Registration.Name + " signs in")
			continue
		}
		if idle(err) {
			wrong = append(wrong, g.known(ctx, c))
		}
		if err = fmt.Errorf("%s: %w", c.Registration.Name, err); mends(err) {
			waits = append(waits, err)
		} else {
			wrong = append(wrong, err)
		}
	}
	pinned := g.Roster.Pin(ctx)
	for _, f := range g.Roster.Flows() {
		if len(f.Mailboxes) == 1 {
			told("flow " + f.Name + " has 1 mailbox")
			continue
		}
		told(fmt.Sprintf("flow %s has %d mailboxes", f.Name, len(f.Mailboxes)))
	}
	return errors.Join(errors.Join(wrong...), errors.Join(waits...), pinned)
}

// granted signs a registration in anew and refuses one that lacks what its flows need.
func (g *Graphwarden) granted(ctx context.Context, c connect.Connection) error {
	short := strings.TrimPrefix(c.Registration.Name, c.Tenant.Name+"/")
	r, err := g.desk.ProveConnection(ctx, c.Tenant.Name, short, "")
	if err == nil && !r.Complete {
		err = connect.NotGranted(c.Tenant.Name, short, r.Missing)
	}
	return err
}

// known has Entra look whether it knows the tenant and the app of a registration
// that nobody has signed in to, by asking for a code that nobody enters.
func (g *Graphwarden) known(ctx context.Context, c connect.Connection) error {
	if c.Registration.Mode != graphwarden.ByDevice {
		return nil
	}
	if _, err := g.entra.BeginDevice(ctx, c.Tenant, c.Registration, c.Credential, c.Scopes); err != nil {
		return fmt.Errorf("%s: %w", c.Registration.Name, err)
	}
	return nil
}
