package ledger

import (
	"context"
	"time"

	"github.com/graphwarden/graphwarden"
)

// State is how much of a ledger is signed.
type State struct {
	Waiting int64     // how many entries no checkpoint covers
	Since   time.Time // when the first of them was written; zero: there is none
}

// State says how much of the ledger is signed, as far as is known without reading it
// again. It refuses as Sign does when the checkpoints that there are do not fit.
func (s *Signer) State(ctx context.Context) (State, error) {
	held, err := s.Outside.Held()
	if err != nil {
		return State{}, err
	}
	last, err := s.Rows.LastEntry(ctx)
	if err != nil {
		return State{}, err
	}
	covered := int64(0)
	k, err := loadKey(ctx, s.Keys, s.Sealer, s.Origin, s.Random, false)
	if err == nil {
		var known []graphwarden.Checkpoint
		if known, err = s.known(ctx, k, held); err != nil {
			return State{}, err
		}
		for _, c := range known {
			covered = max(covered, c.Size)
		}
	} else if held != "" {
		return State{}, err
	}
	if covered > last {
		return State{}, behind(last, covered)
	}
	out := State{Waiting: last - covered}
	err = s.Rows.EntriesAfter(ctx, covered, 1, func(e graphwarden.Entry, _ [32]byte) error {
		out.Since = e.At
		return nil
	})
	return out, err
}
