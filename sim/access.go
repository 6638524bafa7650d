package sim

import (
	"fmt"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// resolve finds whom and what mailbox settings name.
func (s *Sim) resolve(tx *state.Tx, in *accessWish) (world.MailboxAccess, error) {
	var want world.MailboxAccess
	for _, p := range in.Policies {
		app, err := s.findApp(tx, p.App)
		if err != nil {
			return want, err
		}
		scope, err := s.findRecipient(tx, p.Scope)
		if err != nil {
			return want, err
		}
		if p.Right != world.RestrictAccess && p.Right != world.DenyAccess {
			return want, fmt.Errorf("the right %q is neither %s nor %s", p.Right, world.RestrictAccess, world.DenyAccess)
		}
		want.Policies = append(want.Policies, world.AccessPolicy{App: app, Scope: scope, Right: p.Right, Description: p.Description})
	}
	for _, a := range in.Assignments {
		if len(world.ExchangeRole(a.Role)) == 0 {
			return want, fmt.Errorf("no application role of Exchange is called %q", a.Role)
		}
		out := world.ExchangeAssignment{Principal: a.Principal, Role: a.Role}
		if out.Principal == "" {
			app, err := s.findApp(tx, a.App)
			if err != nil {
				return want, err
			}
			principal, _ := s.World.ServicePrincipal(tx, app)
			out.Principal = principal.ID
		}
		var err error
		if out.Group, err = s.findGroup(tx, a.Group); err != nil {
			return want, err
		}
		for _, name := range a.Mailboxes {
			id, err := s.findRecipient(tx, name)
			if err != nil {
				return want, err
			}
			out.Mailboxes = append(out.Mailboxes, id)
		}
		want.Assignments = append(want.Assignments, out)
	}
	return want, nil
}

// findApp gives the client id of an app named by it or by its display name.
func (s *Sim) findApp(tx *state.Tx, name string) (string, error) {
	if name == "*" {
		return name, nil
	}
	for o := range s.World.ObjectsOf(tx, "servicePrincipal") {
		if id := world.Text(o.Doc, "appId"); id == name || world.Text(o.Doc, "displayName") == name {
			return id, nil
		}
	}
	return "", fmt.Errorf("the tenant has no app %q", name)
}

func (s *Sim) findGroup(tx *state.Tx, name string) (string, error) {
	if name == "" {
		return "", nil
	}
	return s.findRecipient(tx, name)
}

// findRecipient gives the object id of a user or group named by it, by address or
// by display name.
func (s *Sim) findRecipient(tx *state.Tx, name string) (string, error) {
	if o, ok := s.World.Object(tx, name, "user", "group"); ok {
		return o.ID, nil
	}
	for _, property := range []string{"userPrincipalName", "mail", "mailNickname"} {
		if o, ok := s.World.ObjectBy(tx, property, name, "user", "group"); ok {
			return o.ID, nil
		}
	}
	for o := range s.World.ObjectsOf(tx, "group") {
		if world.Text(o.Doc, "displayName") == name {
			return o.ID, nil
		}
	}
	return "", fmt.Errorf("the tenant has no user or group %q", name)
}
