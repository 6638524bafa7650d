package sim

import (
	"fmt"
	"net/http"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// eventWish is what happens to an event outside Graph.
type eventWish struct {
	Mailbox  string `json:"mailbox"`  // of whom: id, address or display name
	Event    string `json:"event"`    // an id in any format
	Do       string `json:"do"`       // "move" or "feint"
	Calendar string `json:"calendar"` // the name of where it is moved; made if it is not there
}

// touchEvent moves an event to another calendar, or feigns that it is gone.
func (s *Sim) touchEvent(_ *http.Request, in *eventWish) (any, error) {
	err := s.World.Update(func(tx *state.Tx) error {
		owner, err := s.findRecipient(tx, in.Mailbox)
		if err != nil {
			return err
		}
		e, err := s.graph.Calendars.ByID(tx, owner, in.Event)
		if err != nil {
			return fmt.Errorf("finding the event: %w", err)
		}
		switch in.Do {
		case "move":
			to, err := s.calendarNamed(tx, owner, in.Calendar)
			if err != nil {
				return err
			}
			return s.graph.Calendars.Move(tx, e, to)
		case "feint":
			s.graph.Calendars.Feint(tx, e)
			return nil
		}
		return fmt.Errorf("do is %q, it can be move or feint", in.Do)
	})
	return struct{}{}, err
}
