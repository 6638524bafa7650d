package sim

import (
	"fmt"
	"maps"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/people"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// found builds the tenant as it is delivered: the organisation, a made-up company
// with its meetings, and the apps.
func (s *Sim) found(tx *state.Tx) error {
	s.World.Found(tx)
	c := people.Generate(people.Options{Seed: s.options.Seed, Users: s.options.Users, Domain: s.options.Domain, Around: tx.Now()})
	for _, u := range c.Users {
		maps.Copy(u, world.Licences(tx.Now(), true))
		o, err := s.account(tx, u, mailbox.ForUser)
		if err != nil {
			return err
		}
		s.World.SetPassword(tx, o.ID, s.World.InitialPassword(o.ID), false)
		s.users = append(s.users, o.ID)
	}
	s.World.MakeAdministrator(tx, s.users[0])
	for _, u := range c.Shared {
		if _, err := s.account(tx, u, mailbox.ForShared); err != nil {
			return err
		}
	}
	for _, r := range c.Rooms {
		if _, err := s.account(tx, r.Account, mailbox.ForRoom); err != nil {
			return err
		}
	}
	s.organize(tx, c)
	if err := s.keepCalendars(tx, c); err != nil {
		return err
	}
	s.apps = s.World.Deliver(tx)
	return nil
}

// account stores a person, a room or a shared mailbox with its mailbox.
func (s *Sim) account(tx *state.Tx, d people.Doc, purpose mailbox.Purpose) (world.Object, error) {
	settings, _ := d["mailboxSettings"].(people.Doc)
	d = maps.Clone(d)
	delete(d, "mailboxSettings")
	o := s.World.EnrolUser(tx, world.Text(d, "id"), d)
	m := s.graph.Mailboxes.Add(tx, o.ID, purpose, world.Text(settings, "timeZone"))
	if _, err := s.graph.Mailboxes.ChangeSettings(tx, m, settings); err != nil {
		return o, fmt.Errorf("settling the mailbox of %s: %w", world.Text(d, "userPrincipalName"), err)
	}
	return o, nil
}

// organize makes the groups and says who leads whom.
func (s *Sim) organize(tx *state.Tx, c *people.Company) {
	for _, id := range s.users {
		if o, ok := s.World.User(tx, id); ok && c.Managers[id] != "" {
			s.World.Link(tx, o, world.Manager, c.Managers[id])
		}
	}
	for _, g := range c.Groups {
		o := s.World.EnrolGroup(tx, world.Text(g.Doc, "id"), g.Doc)
		for _, id := range g.Owners {
			s.World.Link(tx, o, world.Owners, id)
		}
		for _, id := range g.Members {
			s.World.Link(tx, o, world.Members, id)
		}
	}
}

// keepCalendars makes the calendars that people keep beside their own, and a year
// of meetings.
func (s *Sim) keepCalendars(tx *state.Tx, c *people.Company) error {
	for _, k := range c.Calendars {
		owner, ok := s.World.User(tx, k.Owner)
		if !ok {
			return fmt.Errorf("a calendar of %s, who is nobody", k.Owner)
		}
		if _, err := s.graph.Mailboxes.AddCalendar(tx, owner.ID, mailbox.Calendar{Name: k.Name, Color: k.Color}); err != nil {
			return fmt.Errorf("making the calendar %s of %s: %w", k.Name, k.Owner, err)
		}
	}
	return s.graph.Calendars.Hold(tx, c.Meetings())
}
