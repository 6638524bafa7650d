package act

import (
	"context"
	"errors"
	"fmt"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// begin tries a write for the first time. Its intent goes to the disk in one
// transaction with the decision of its first call, so that the app waits for one commit
// before Microsoft is asked, and for another one before it is answered.
//
// If we crash before that transaction is on disk nothing has happened; after that, the
// write is resumed. Where there was no such transaction nothing was sent: the intent
// gets one of its own, and the write goes on from there.
func (a *Act) begin(ctx context.Context, f flow.Flow, in graphwarden.Intent, way Way) (graphwarden.Intent, error) {
	var kept graphwarden.Intent
	tried := in
	along, done := gate.Along(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		k, fresh, err := a.put(ctx, tx, in)
		if err != nil {
			return err
		}
		if !fresh {
			return errAskedBefore
		}
		behind, err := a.config.Due.Behind(ctx, tx, k.ID)
		if err == nil && behind {
			err = errBehind
		}
		kept = k
		tried.Holder, tried.Attempts = k.Holder, k.Attempts // what else is sent is held by them
		return err
	})
	result, err := way.send(a, along, f, &tried)
	switch {
	case done():
		kept.Item, kept.Before = tried.Item, tried.Before // of a draft that was made
		return a.perform(ctx, f, kept, &made{result, err})
	case err == nil:
		return graphwarden.Intent{}, fmt.Errorf("the write %s was made past the gate", in.ID)
	}
	// The time for the attempt may be over; what the app asked for goes on.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	unsent(&in)
	kept, goes, keeping := a.keep(ctx, in, nil)
	switch {
	case keeping != nil || !goes:
		return kept, keeping
	case errors.Is(err, errAskedBefore), errors.Is(err, errBehind):
		return a.perform(ctx, f, kept, nil) // it may go now
	}
	return a.perform(ctx, f, kept, &made{err: err})
}

// Why an intent does not go to the disk together with a call.
var (
	errAskedBefore = errors.New("the app has asked with the same key")
	errBehind      = errors.New("an earlier write of the item has no outcome yet")
)
