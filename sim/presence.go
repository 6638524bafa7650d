package sim

import (
	"errors"
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/presence"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// presenceWish has Teams show something of somebody; without an availability they
// are signed in nowhere.
type presenceWish struct {
	User         string `json:"user"` // id, address or display name
	Availability string `json:"availability"`
	Activity     string `json:"activity"`
}

// setPresence has Teams show something of somebody, and says who.
func (s *Sim) setPresence(_ *http.Request, in *presenceWish) (out any, err error) {
	err = s.World.Update(func(tx *state.Tx) error {
		if in.User == "" {
			return errors.New("whose presence is set? user is missing")
		}
		o, err := s.person(tx, &personWish{User: in.User})
		if err != nil {
			return err
		}
		s.graph.Presences.Show(tx, o.ID, presence.Shown{Availability: in.Availability, Activity: in.Activity})
		out = map[string]string{"id": o.ID}
		return nil
	})
	return out, err
}
