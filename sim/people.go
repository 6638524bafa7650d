package sim

import (
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// personWish makes of somebody what a company also has. Without a user somebody
// new is hired first.
type personWish struct {
	User string `json:"user"` // id, address or display name
	As   string `json:"as"`
}

// conditions are what a person can be made, by what makes them so.
func (s *Sim) conditions() map[string]func(*state.Tx, world.Object) {
	change := func(tx *state.Tx, o world.Object, set world.Doc) { s.World.ChangeObject(tx, o, set) }
	mailbox := func(tx *state.Tx, o world.Object, has bool, more world.Doc) {
		set := world.Licences(tx.Now(), has)
		maps.Copy(set, more)
		change(tx, o, set)
		s.graph.Mailboxes.SetAway(tx, o.ID, !has)
	}
	return map[string]func(*state.Tx, world.Object){
		"licensed":   func(tx *state.Tx, o world.Object) { mailbox(tx, o, true, nil) },
		"unlicensed": func(tx *state.Tx, o world.Object) { mailbox(tx, o, false, nil) },
		"onPremises": func(tx *state.Tx, o world.Object) { mailbox(tx, o, false, synchronized(tx, o)) },
		"guest":      func(tx *state.Tx, o world.Object) { mailbox(tx, o, false, s.invited(tx, o)) },
		"disabled":   func(tx *state.Tx, o world.Object) { change(tx, o, world.Doc{"accountEnabled": false}) },
		"enabled":    func(tx *state.Tx, o world.Object) { change(tx, o, world.Doc{"accountEnabled": true}) },
		"deleted":    func(tx *state.Tx, o world.Object) { s.World.SoftDelete(tx, o) },
		"restored":   func(tx *state.Tx, o world.Object) { s.World.Restore(tx, o) },
	}
}

// synchronized is what a user has who comes from the company's own directory and
// has the mailbox on its own Exchange (Microsoft Graph, user: onPremises…).
func synchronized(tx *state.Tx, o world.Object) world.Doc {
	name := world.Text(o.Doc, "mailNickname")
	return world.Doc{
		"assignedLicenses": []any{}, "assignedPlans": []any{}, "provisionedPlans": []any{},
		"onPremisesSyncEnabled": true, "onPremisesLastSyncDateTime": world.Time(tx.Now()), "onPremisesDomainName": "corp.example",
		"onPremisesSamAccountName": name, "onPremisesUserPrincipalName": name + "@corp.example", "onPremisesImmutableId": "c2ltdWxhdGVkLWFuY2hvcg==",
		"onPremisesDistinguishedName": "CN=" + name + ",OU=People,DC=corp,DC=example", "onPremisesSecurityIdentifier": world.SID(o.ID),
	}
}

// invited is what a guest has: the home address is somewhere else, and so is the
// mailbox (graph-facts §8, guests).
func (s *Sim) invited(tx *state.Tx, o world.Object) world.Doc {
	name := world.Text(o.Doc, "mailNickname")
	home := name + "@fabrikam.example"
	return world.Doc{
		"assignedLicenses": []any{}, "assignedPlans": []any{}, "provisionedPlans": []any{},
		"userType": "Guest", "creationType": "Invitation", "externalUserState": "Accepted", "externalUserStateChangeDateTime": world.Time(tx.Now()),
		"mail": home, "otherMails": []any{home}, "proxyAddresses": []any{"SMTP:" + home},
		"userPrincipalName": strings.ReplaceAll(home, "@", "_") + "#EXT#@" + s.World.Domain,
		"identities":        []any{world.Doc{"signInType": "federated", "issuer": "ExternalAzureAD", "issuerAssignedId": nil}},
	}
}

// setPerson makes somebody unlicensed, a guest, disabled and so on, and says who.
func (s *Sim) setPerson(_ *http.Request, in *personWish) (out any, err error) {
	become, ok := s.conditions()[in.As]
	if !ok {
		return nil, fmt.Errorf("nobody can be made %q: licensed, unlicensed, onPremises, guest, disabled, enabled, deleted and restored are known", in.As)
	}
	err = s.World.Update(func(tx *state.Tx) error {
		o, err := s.person(tx, in)
		if err != nil {
			return err
		}
		become(tx, o)
		o, _ = s.World.Objects.Get(tx, o.ID)
		out = map[string]string{"id": o.ID, "userPrincipalName": world.Text(o.Doc, "userPrincipalName"), "mail": world.Text(o.Doc, "mail")}
		return nil
	})
	return out, err
}

// person finds whom a wish is about, or hires somebody.
func (s *Sim) person(tx *state.Tx, in *personWish) (world.Object, error) {
	if in.As == "restored" {
		for o := range s.World.DeletedObjects(tx, "user") {
			if o.ID == in.User || strings.EqualFold(world.Text(o.Doc, "userPrincipalName"), in.User) {
				return o, nil
			}
		}
		return world.Object{}, fmt.Errorf("no user %q was deleted", in.User)
	}
	if in.User == "" {
		return s.hire(tx), nil
	}
	id, err := s.findRecipient(tx, in.User)
	if err != nil {
		return world.Object{}, err
	}
	o, ok := s.World.User(tx, id)
	if !ok {
		return o, fmt.Errorf("%q is no user", in.User)
	}
	return o, nil
}

// hire gives the company a new member of staff with licence and mailbox.
func (s *Sim) hire(tx *state.Tx) world.Object {
	id := tx.GUID()
	name := "newcomer." + id[:8]
	upn := name + "@" + s.World.Domain
	set := world.Licences(tx.Now(), true)
	maps.Copy(set, world.Doc{"accountEnabled": true, "displayName": "Newcomer " + id[:8], "givenName": "Newcomer", "surname": id[:8],
		"mail": upn, "mailNickname": name, "proxyAddresses": []any{"SMTP:" + upn}, "userPrincipalName": upn, "usageLocation": "DE"})
	o := s.World.EnrolUser(tx, id, set)
	s.World.SetPassword(tx, o.ID, s.World.InitialPassword(o.ID), false)
	s.graph.Mailboxes.SetAway(tx, o.ID, false)
	return o
}
