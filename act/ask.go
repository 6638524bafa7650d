package act

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/item"
)

// ask takes a checked request: what the app asked for before with the same key is
// answered with what came of it; else the intent is put on disk and performed. fill
// writes what is sent, which holds the intent's own mark.
//
// If we crash before the intent is on disk nothing has happened; after that, it is
// resumed.
func (a *Act) ask(ctx context.Context, f flow.Flow, in graphwarden.Intent, fill func(*graphwarden.Intent) error) (graphwarden.Intent, error) {
	if in.Key != "" {
		kept, found, err := a.config.Shelf.IntentByKey(ctx, in.App, in.Key)
		if err != nil || found {
			return a.again(in, kept, err)
		}
	}
	if err := a.name(&in); err != nil {
		return in, err
	}
	if err := fill(&in); err != nil {
		return in, err
	}
	if in.Item != "" {
		defer a.lines.enter(in.Mailbox.ID + "/" + in.Item)()
	}
	// The app may give up waiting; what it asked for goes on.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	settled, err := a.prepare(ctx, f, &in)
	if err != nil {
		return graphwarden.Intent{}, unread(err)
	}
	if way, known := wayOf(in.Kind); known && settled == nil && !way.reads {
		return a.begin(ctx, f, in, way)
	}
	kept, goes, err := a.keep(ctx, in, settled)
	if err != nil || !goes {
		return kept, err
	}
	return a.perform(ctx, f, kept, nil)
}

// again answers a request whose key was used before.
func (a *Act) again(in, kept graphwarden.Intent, err error) (graphwarden.Intent, error) {
	if err != nil {
		return in, err
	}
	if kept.Hash != in.Hash {
		return graphwarden.Intent{}, refuse(graphwarden.Conflict, "act.key_reused", "Idempotency-Key",
			fmt.Sprintf("The idempotency key %.80q was used for another request.", in.Key), "Use a new key for every write, and the same key only to repeat one.")
	}
	kept.Again = true
	return answered(kept)
}

// answered gives a write to its app; one that was refused is its refusal.
func answered(in graphwarden.Intent) (graphwarden.Intent, error) {
	if in.Outcome.State == graphwarden.IntentRefused {
		return in, in.Outcome.Refusal
	}
	return in, nil
}

// settled is a write whose outcome is known before anything was sent.
type settled struct {
	intent graphwarden.Intent
	loser  *graphwarden.Loser
}

// prepare reads what a write is to change, and settles a conflict with the version
// that the app knew.
func (a *Act) prepare(ctx context.Context, f flow.Flow, in *graphwarden.Intent) (*settled, error) {
	reads := in.Kind == graphwarden.UpdateEvent || in.Kind != graphwarden.CreateEvent && in.Version != "" ||
		in.Kind == graphwarden.CancelEvent && !f.ShowsPrivate // it may have to be refused
	if !reads {
		return nil, nil
	}
	body, err := a.config.Reader.WholeEvent(ctx, f, in.Mailbox, in.Item, Mark)
	if err != nil {
		return nil, ofID(err, "event", in.Item)
	}
	if body == nil {
		return nil, gone(*in)
	}
	if no := firstOf(hidden(f, *in, body), keepsOnline(*in, see(body))); no != nil {
		return nil, no
	}
	named := in.Version
	meet(in, body, named != "")
	if named == "" || named == see(body).ETag {
		return nil, nil
	}
	return a.conflict(f, in, body), nil
}

// unread says of a write whose event could not be read before that nothing is left of it:
// nobody tries it further but the app.
func unread(err error) error {
	var later *graphwarden.Later
	var r *graphwarden.Refusal
	if !errors.As(err, &later) && (!errors.As(err, &r) || r.Kind != graphwarden.Unreachable) {
		return err
	}
	no := refuse(graphwarden.Unreachable, "act.unread", "", "Microsoft 365 could not be asked for the event, so nothing was changed, and the write was not kept.",
		"Send it again, with the same idempotency key; it is not tried by itself.")
	no.Cause = err
	return no
}

// meet has a write expect the version that is there now.
func meet(in *graphwarden.Intent, body json.RawMessage, named bool) {
	s := see(body)
	in.Series = s.Series
	b := before{ETag: s.ETag, Named: named, Open: !item.Private(body), Response: s.Response.Response, At: s.Response.Time}
	if in.Kind == graphwarden.RespondEvent {
		said := item.GistUnanswered(body)
		b.Said = said[:]
	}
	if in.Kind == graphwarden.UpdateEvent || in.Version != "" {
		in.Version = s.ETag
	}
	in.Before = b.write()
}

func gone(in graphwarden.Intent) *graphwarden.Refusal {
	return refuse(graphwarden.Unknown, "act.event_unknown", "event", fmt.Sprintf("There is no such event in the mailbox %s.", in.Mailbox.UPN),
		"It was deleted, or the id is of another mailbox.")
}

// keep puts an intent on disk in a transaction of its own, with its outcome where that
// is known. goes is false when there is nothing to do now, and what is given then is the
// app's answer: it asked before, the outcome is known, or an earlier write goes first.
func (a *Act) keep(ctx context.Context, in graphwarden.Intent, s *settled) (kept graphwarden.Intent, goes bool, err error) {
	var fresh, behind bool
	err = a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if kept, fresh, err = a.put(ctx, tx, in); err != nil || !fresh {
			return err
		}
		if s != nil {
			kept.Outcome = s.intent.Outcome
			_, err := a.config.Intents.EndIntent(ctx, tx, kept, s.loser)
			kept.Outcome.EndedAt = ends(tx)
			return err
		}
		if behind, err = a.config.Due.Behind(ctx, tx, kept.ID); err != nil || !behind {
			return err
		}
		return a.config.Due.DeferIntent(ctx, tx, kept, tx.Now())
	})
	switch {
	case err != nil:
		return graphwarden.Intent{}, false, err
	case !fresh:
		kept, err = a.again(in, kept, nil)
		return kept, false, err
	case s != nil:
		kept, err = answered(kept)
		return kept, false, err
	case behind:
		a.Wake()
	}
	return kept, !behind, nil
}

// put puts an intent on disk, held by this process. One that is there although nobody
// was told so, because the word of its commit was lost, is as good as a new one.
func (a *Act) put(ctx context.Context, tx graphwarden.Tx, in graphwarden.Intent) (kept graphwarden.Intent, fresh bool, err error) {
	in.Holder, in.Attempts, in.DueAt = a.config.Holder, 1, a.config.Now().Add(lease)
	kept, fresh, err = a.config.Intents.PutIntent(ctx, tx, in)
	if err == nil && fresh {
		err = a.claim(ctx, tx, in)
	}
	return kept, fresh || kept.ID == in.ID, err
}
