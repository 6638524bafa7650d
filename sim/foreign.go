package sim

import (
	"fmt"
	"net/http"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// foreignWish is apps of other companies that somebody in the tenant consented to.
type foreignWish struct {
	Name      string `json:"name"`
	Publisher string `json:"publisher"` // verified by Microsoft; "" for none
	Home      string `json:"home"`      // a tenant id; "" draws one
	Owner     string `json:"owner"`     // a user: id, address or display name; "" for none
	// Application and Delegated name permissions of Microsoft Graph that were consented
	// to; Delegated ones by Person alone, or by an administrator for everybody.
	Application []string `json:"application"`
	Delegated   []string `json:"delegated"`
	Person      string   `json:"person"`
	// Many is how many such apps there are, each with a number after its name; 0 is one
	// without.
	Many int `json:"many"`
}

// mostForeign bounds how many apps one request brings.
const mostForeign = 20_000

// arrive brings apps of other companies into the tenant, as consents to them do.
func (s *Sim) arrive(_ *http.Request, in *foreignWish) (out any, err error) {
	if in.Name == "" || in.Many < 0 || in.Many > mostForeign {
		return nil, fmt.Errorf("an app has a name, and there are 0 to %d of them", mostForeign)
	}
	var made []string
	err = s.World.Update(func(tx *state.Tx) error {
		graph, _ := s.World.ServicePrincipal(tx, world.GraphAppID)
		who := map[string]string{}
		for _, name := range []string{in.Owner, in.Person} {
			if name != "" {
				if who[name], err = s.findRecipient(tx, name); err != nil {
					return err
				}
			}
		}
		for i := range max(in.Many, 1) {
			f := world.Foreign{Name: in.Name, Home: in.Home, Publisher: in.Publisher}
			if in.Many > 0 {
				f.Name = fmt.Sprintf("%s %d", in.Name, i+1)
			}
			if f.Home == "" {
				f.Home = tx.GUID()
			}
			o := s.World.NewForeign(tx, f)
			if in.Owner != "" {
				s.World.Link(tx, o, world.Owners, who[in.Owner])
			}
			if err := s.consentTo(tx, o, graph, in, who[in.Person]); err != nil {
				return err
			}
			made = append(made, world.Text(o.Doc, "appId"))
		}
		return nil
	})
	return map[string]any{"client_ids": made}, err
}

// consentTo consents to what a foreign app asks for.
func (s *Sim) consentTo(tx *state.Tx, o, graph world.Object, in *foreignWish, person string) error {
	for _, name := range in.Application {
		id := world.RoleID(graph, name)
		if id == "" {
			return fmt.Errorf("there is no application permission %q", name)
		}
		s.World.AssignRole(tx, o, graph, id)
	}
	for _, name := range in.Delegated {
		if world.ScopeID(graph, name) == "" {
			return fmt.Errorf("there is no delegated permission %q", name)
		}
	}
	if len(in.Delegated) > 0 {
		s.World.Consent(tx, o, graph, person, in.Delegated)
	}
	return nil
}
