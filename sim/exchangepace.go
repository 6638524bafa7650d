package sim

import (
	"fmt"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// exchangeWish says how Exchange is to be.
type exchangeWish struct {
	// Delay is a Go duration that Exchange takes from now on to go by what it is told;
	// without it that is its own 30 minutes to 2 hours.
	Delay *string `json:"delay"`
}

// setExchange makes Exchange quick, or as slow as it is.
func (s *Sim) setExchange(_ *http.Request, in *exchangeWish) (any, error) {
	var delay *time.Duration
	if in.Delay != nil {
		d, err := time.ParseDuration(*in.Delay)
		if err != nil || d < 0 {
			return nil, fmt.Errorf("delay is %q, not a duration such as 0s", *in.Delay)
		}
		delay = &d
	}
	err := s.World.Update(func(*state.Tx) error { s.World.ExchangeDelay = delay; return nil })
	return in, err
}
