package calendar

import (
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// extend takes the extensions of a new event's body over.
func extend(e *Event, v any) (err error) {
	values, _ := v.([]any)
	for _, value := range values {
		d, _ := value.(Doc)
		if e.Extensions, err = e.Extensions.With(d); err != nil {
			return err
		}
	}
	return nil
}

// SetExtensions gives an event other open extensions.
func (c *Calendars) SetExtensions(tx *state.Tx, e *Event, all outlook.Extensions) {
	x := e.clone()
	x.Extensions = all
	c.store(tx, x, "extensions")
}
