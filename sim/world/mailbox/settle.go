package mailbox

import (
	"fmt"

	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/people"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Settle gives the people, rooms and shared accounts of a made-up company, who
// are in the directory already, their mailboxes and further calendars.
func (b *Mailboxes) Settle(tx *state.Tx, company *people.Company) error {
	accounts := map[Purpose][]Doc{ForUser: company.Users, ForShared: company.Shared}
	for _, r := range company.Rooms {
		accounts[ForRoom] = append(accounts[ForRoom], r.Account)
	}
	for _, purpose := range []Purpose{ForUser, ForShared, ForRoom} {
		for _, d := range accounts[purpose] {
			settings, _ := d["mailboxSettings"].(Doc)
			m := b.Add(tx, outlook.Text(d, "id"), purpose, "UTC")
			if _, err := b.ChangeSettings(tx, m, settings); err != nil {
				return fmt.Errorf("the mailbox of %s: %w", outlook.Text(d, "userPrincipalName"), err)
			}
		}
	}
	for _, k := range company.Calendars {
		owner, ok := b.world.User(tx, k.Owner)
		if !ok {
			return fmt.Errorf("the calendar %q: nobody is called %s", k.Name, k.Owner)
		}
		if _, err := b.AddCalendar(tx, owner.ID, Calendar{Name: k.Name, Color: k.Color}); err != nil {
			return fmt.Errorf("the calendar %q of %s: %w", k.Name, k.Owner, err)
		}
	}
	return nil
}
