package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// Who looks after the subscription of a person: the keeper, or who has them leave.
const (
	keeping = "keeping"
	parting = "parting"
)

const (
	// aloneSpan bounds how long one who died keeps the others away.
	aloneSpan = time.Minute
	// aloneAgain is how often who parts looks whether the keeper is done.
	aloneAgain = 50 * time.Millisecond
	// personal is how many times a sweep's span is half a life of a person's
	// subscription, so that it is renewed after five or six quarters of an hour: a
	// registration's own are listed in one call, each person's take one.
	personal = 10
)

// alone has one at a time, in the whole cluster, look after the subscription of a
// person's mailbox: what one process makes while another ends it would stay at
// Microsoft, where nobody can speak for the person any more once they have left. Who
// parts waits for the keeper, and keeps it away until they have left, here and in
// processes that have not heard of it; the keeper comes again at its next look. Of
// other flows each process does as it likes: what is left over there is swept.
func (k *Keeper) alone(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, what string, do func() error) error {
	if !f.People || k.config.Holds == nil {
		return do()
	}
	name, holder := "subscription/"+f.Name+"/"+m.ID, k.config.Holder+"/"+what
	held, err := k.hold(ctx, name, holder, aloneSpan)
	for err == nil && !held && what == parting {
		timer := time.NewTimer(aloneAgain)
		select {
		case <-timer.C:
			held, err = k.hold(ctx, name, holder, aloneSpan)
		case <-ctx.Done():
			timer.Stop()
			err = ctx.Err()
		}
	}
	if err != nil || !held {
		return err
	}
	err = do()
	after := context.WithoutCancel(ctx)
	if what == parting {
		if _, holdErr := k.hold(after, name, holder, shortestWait); err == nil {
			err = holdErr
		}
		return err
	}
	letErr := k.config.Store.Update(after, func(ctx context.Context, tx graphwarden.Tx) error {
		return k.config.Holds.LetGo(ctx, tx, name, holder)
	})
	if err == nil {
		err = letErr
	}
	return err
}

func (k *Keeper) hold(ctx context.Context, name, holder string, span time.Duration) (held bool, err error) {
	err = k.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		held, err = k.config.Holds.Hold(ctx, tx, name, holder, span)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("taking a person's subscription: %w", err)
	}
	return held, nil
}

// lookAfter renews a subscription, or makes one in its place.
func (k *Keeper) lookAfter(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, s graphwarden.Subscription) (err error) {
	switch alive := k.config.Now().Before(s.ExpiresAt); {
	case alive && s.Address == k.config.Address:
		err = k.renew(ctx, f, s)
		if graph.Is(err, graph.CodeSubscriptionGone) {
			err = k.replace(ctx, f, m, s)
		}
	case alive:
		if err = k.replace(ctx, f, m, s); err == nil {
			err = k.config.Source.Unsubscribe(ctx, f, s) // nobody is at its address
		}
	default:
		err = k.replace(ctx, f, m, s)
	}
	return err
}
