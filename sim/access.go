package sim

import (
	"fmt"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// resolve finds whom and what mailbox settings name.
func (s *Sim) resolve(tx *state.Tx, in *accessWish) (want world.MailboxAccess, err error) {
	for _, p := range in.Policies {
		policy, err := s.resolvePolicy(tx, p)
		if err != nil {
			return want, err
		}
		want.Policies = append(want.Policies, policy)
	}
	for _, a := range in.Assignments {
		assignment, err := s.resolveAssignment(tx, a)
		if err != nil {
			return want, err
		}
		want.Assignments = append(want.Assignments, assignment)
	}
	return want, nil
}

func (s *Sim) resolvePolicy(tx *state.Tx, in policyWish) (p world.AccessPolicy, err error) {
	if in.Right != world.RestrictAccess && in.Right != world.DenyAccess {
		return p, fmt.Errorf("the right %q is neither %s nor %s", in.Right, world.RestrictAccess, world.DenyAccess)
	}
	p = world.AccessPolicy{Right: in.Right, Description: in.Description}
	if p.App, err = s.findApp(tx, in.App); err != nil {
		return p, err
	}
	p.Scope, err = s.findRecipient(tx, in.Scope)
	return p, err
}

func (s *Sim) resolveAssignment(tx *state.Tx, in assignmentWish) (a world.ExchangeAssignment, err error) {
	if len(world.ExchangeRole(in.Role)) == 0 {
		return a, fmt.Errorf("no application role of Exchange is called %q", in.Role)
	}
	a = world.ExchangeAssignment{Principal: in.Principal, Role: in.Role}
	if a.Principal == "" {
		app, err := s.findApp(tx, in.App)
		if err != nil {
			return a, err
		}
		principal, _ := s.World.ServicePrincipal(tx, app)
		a.Principal = principal.ID
	}
	if in.Group != "" {
		if a.Group, err = s.findRecipient(tx, in.Group); err != nil {
			return a, err
		}
	}
	for _, name := range in.Mailboxes {
		id, err := s.findRecipient(tx, name)
		if err != nil {
			return a, err
		}
		a.Mailboxes = append(a.Mailboxes, id)
	}
	return a, nil
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
