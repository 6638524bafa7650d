package act

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/item"
)

// made is what a call that makes an effect was answered with.
type made struct {
	result json.RawMessage
	err    error
}

// perform tries a write that is on disk and held, at once a few times, and keeps what
// came of it. What is not known then is tried later. first is the attempt that put it
// on disk, if there was one.
func (a *Act) perform(ctx context.Context, f flow.Flow, in graphwarden.Intent, first *made) (graphwarden.Intent, error) {
	var last error
	for try := range atOnceTries {
		looks := in.Attempts > 1 || try > 0
		ended, loser, err := a.attempt(ctx, f, &in, looks, first)
		first = nil
		if err == nil && ended {
			return a.end(ctx, in, loser)
		}
		last = err
		var later *graphwarden.Later
		if errors.As(err, &later) || ctx.Err() != nil {
			break
		}
	}
	return a.later(ctx, in, last)
}

// attempt looks for the effect, if it may be there, and makes it if it is not, unless
// that was just tried. ended is false when nobody knows what came of it.
func (a *Act) attempt(ctx context.Context, f flow.Flow, in *graphwarden.Intent, looks bool, just *made) (ended bool, loser *graphwarden.Loser, err error) {
	way, known := wayOf(in.Kind)
	if !known {
		in.Outcome = uncertain(in.Kind, "This version of Graphwarden does not know the kind of write.")
		return true, nil, nil
	}
	if just != nil {
		return a.draw(ctx, f, in, way, *just)
	}
	if way.reads && len(in.Before) == 0 { // nothing was sent yet
		return a.respond(ctx, f, in, way)
	}
	switch {
	case way.look == nil && in.Abandoned && !beforeOf(*in).Unsent:
		in.Outcome = uncertain(in.Kind, "Whoever sent it went without a word, and nothing is left by which it could be found.")
		return true, nil, nil
	case way.look != nil && looks:
		s, err := way.look(a, ctx, f, *in)
		if err != nil {
			return false, nil, err
		}
		if s.verdict != absent {
			return a.seen(ctx, f, in, s)
		}
		doubt(in, false)
		if s.item != "" {
			in.Item = s.item
		}
	}
	if way.look == nil {
		return a.unseen(ctx, f, in, way)
	}
	result, err := way.send(a, ctx, f, in)
	return a.draw(ctx, f, in, way, made{result, err})
}

// unseen sends what cannot be looked for. That it may have been sent goes to the disk with
// the decision to send it; as long as it is not there nothing was, whoever died meanwhile.
func (a *Act) unseen(ctx context.Context, f flow.Flow, in *graphwarden.Intent, way Way) (ended bool, loser *graphwarden.Loser, err error) {
	begun := *in
	begun.Before = nil
	along, kept := a.beginning(ctx, begun)
	result, err := way.send(a, along, f, in)
	if kept() {
		in.Before = nil
	}
	return a.draw(ctx, f, in, way, made{result, err})
}

// beginning has what is known of a write go to the disk with the decision to send it, if
// the write is still in these hands.
func (a *Act) beginning(ctx context.Context, in graphwarden.Intent) (along context.Context, kept func() bool) {
	return gate.Along(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		mine, err := a.config.Intents.BeginIntent(ctx, tx, in)
		if err == nil && !mine {
			err = errTaken
		}
		return err
	})
}

// errTaken says that a write is in other hands by now.
var errTaken = errors.New("another process has the write in hand")

// unsent notes of what cannot be looked for that nothing was sent of it.
func unsent(in *graphwarden.Intent) {
	if way, known := wayOf(in.Kind); known && way.look == nil {
		in.Before = before{Unsent: true}.write()
	}
}

// draw draws the conclusion from the answer to a write.
func (a *Act) draw(ctx context.Context, f flow.Flow, in *graphwarden.Intent, way Way, m made) (ended bool, loser *graphwarden.Loser, err error) {
	if m.err == nil {
		done(in, m.result)
		return true, loserOf(*in), nil
	}
	var unanswered *graphwarden.Unanswered
	if way.look == nil && errors.As(m.err, &unanswered) {
		in.Outcome = uncertain(in.Kind, "The answer was lost, and nothing is left by which the message could be found.")
		return true, nil, nil
	}
	if may := mayHave(m.err); way.reads && !may {
		defer func() { in.Before = nil }() // failed goes by what was read; then it is read again, for it may be another one
	} else {
		doubt(in, may)
	}
	return a.failed(ctx, f, in, m.err)
}

// mayHave says of what went wrong with a request whether it may have had its effect: only
// an answer that says no, or to wait, is none.
func mayHave(err error) bool {
	var unanswered *graphwarden.Unanswered
	var later *graphwarden.Later
	var refusal *graphwarden.Refusal
	switch {
	case errors.As(err, &unanswered):
		return true
	case errors.As(err, &later):
		return false
	}
	return !errors.As(err, &refusal) || refusal.Kind == graphwarden.Unreachable || refusal.Kind == graphwarden.Storage
}

// doubt notes whether an earlier attempt may have had its effect.
func doubt(in *graphwarden.Intent, may bool) {
	in.Abandoned = may && in.Abandoned
	if b := beforeOf(*in); b.Doubt != may {
		b.Doubt = may
		in.Before = b.write()
	}
}

// doubted says whether an attempt may have had its effect since it was last looked for.
func doubted(in graphwarden.Intent) bool { return in.Abandoned || beforeOf(in).Doubt }

// respond reads how an invitation stands, and answers it. It is not read before the
// write has its turn: an earlier answer of the app's, which was still under way, would
// pass for this one. How it stood goes to the disk with the decision to answer it; where
// that did not happen nothing was sent, and it is read again.
func (a *Act) respond(ctx context.Context, f flow.Flow, in *graphwarden.Intent, way Way) (ended bool, loser *graphwarden.Loser, err error) {
	body, err := a.config.Reader.WholeEvent(ctx, f, in.Mailbox, in.Item, Mark)
	if err != nil {
		return false, nil, err
	}
	if body == nil {
		refused(in, gone(*in))
		return true, nil, nil
	}
	if no := hidden(f, *in, body); no != nil {
		refused(in, no)
		return true, nil, nil
	}
	meet(in, body, false)
	along, kept := a.beginning(ctx, *in)
	result, err := way.send(a, along, f, in)
	if !kept() && err != nil { // nothing was sent
		in.Before = nil
		return a.failed(ctx, f, in, err)
	}
	return a.draw(ctx, f, in, way, made{result, err})
}

// seen draws the conclusion from what was found instead of an absent effect.
func (a *Act) seen(ctx context.Context, f flow.Flow, in *graphwarden.Intent, s sight) (bool, *graphwarden.Loser, error) {
	switch s.verdict {
	case present:
		in.Item = s.item
		in.Outcome = graphwarden.Outcome{State: graphwarden.IntentDone, Result: bare(s.body), Looked: true}
		return true, loserOf(*in), nil
	case unclear:
		in.Outcome = uncertain(in.Kind, "The answer was lost, and what is there now does not show whether the write took effect.")
		return true, nil, nil
	}
	if s.body == nil {
		if doubted(*in) {
			in.Outcome = uncertain(in.Kind, "The answer was lost, and the event has been deleted, so that nothing shows whether the write took effect before.")
		} else {
			refused(in, gone(*in))
		}
		return true, nil, nil
	}
	doubt(in, false)                             // it would show
	if no := hidden(f, *in, s.body); no != nil { // it has become private
		refused(in, no)
		return true, nil, nil
	}
	named := beforeOf(*in).Named
	lost := beforeOf(*in).Loser
	meet(in, s.body, named)
	if named {
		if s := a.conflict(f, in, s.body); s != nil {
			return true, s.loser, nil
		}
	} else if lost != nil {
		b := beforeOf(*in)
		b.Loser = lost
		in.Before = b.write()
	}
	err := a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error { return a.config.Intents.AmendIntent(ctx, tx, *in) })
	if err != nil {
		return false, nil, err
	}
	return false, nil, errMoved
}

// errMoved says that the event has moved on, and the write is to be tried on what is
// there now.
var errMoved = errors.New("the event was changed meanwhile")

var errStranded = errors.New("no flow writes into the mailbox now")

// failed draws the conclusion from an answer that is not the wanted one.
func (a *Act) failed(ctx context.Context, f flow.Flow, in *graphwarden.Intent, err error) (bool, *graphwarden.Loser, error) {
	var refusal *graphwarden.Refusal
	d, twice := duplicate(err)
	switch {
	case twice:
		s, lookErr := a.lookDuplicate(ctx, f, *in, d)
		if lookErr != nil {
			return false, nil, lookErr
		}
		return a.seen(ctx, f, in, s)
	case mayHave(err), !errors.As(err, &refusal):
		return false, nil, err
	case refusal.Code == graph.CodeChanged:
		return false, nil, err // the next attempt looks for what is there now
	case in.Kind == graphwarden.SendMailOnce:
		return a.unsent(ctx, f, in, refusal)
	case refusal.Code == graph.CodeItemUnknown && in.Kind == graphwarden.DeleteEvent:
		was, err := a.wasThere(ctx, *in)
		if err != nil {
			return false, nil, err
		}
		if !was {
			refused(in, gone(*in))
			return true, nil, nil
		}
		in.Outcome = graphwarden.Outcome{State: graphwarden.IntentDone}
		return true, nil, nil
	case refusal.Code == graph.CodeItemUnknown && in.Kind != graphwarden.CreateEvent:
		refusal = gone(*in)
	case refusal.Code == graph.CodeWriteRefused && !heard(f, *in):
		refusal = refuse(refusal.Kind, refusal.Code, refusal.Field, "Microsoft 365 does not take what is to be written; its words may tell of a private event, which the flow is not shown.",
			"Send something else, with a new idempotency key, or have the flow shown private events (private: full).")
	default:
		field, id := idOf(*in)
		errors.As(ofID(refusal, field, id), &refusal) // a refusal it stays
	}
	refused(in, refusal)
	return true, nil, nil
}

// wasThere says of an event that Microsoft does not know whether it can have been deleted:
// it was read or asked for before, or something else tells of it. Else the id is a wrong one.
func (a *Act) wasThere(ctx context.Context, in graphwarden.Intent) (bool, error) {
	if in.Attempts > 1 || len(in.Before) > 0 {
		return true, nil
	}
	return a.config.Shelf.Met(ctx, in)
}

func done(in *graphwarden.Intent, result json.RawMessage) {
	s := see(result)
	if s.ID != "" {
		in.Item = s.ID
	}
	in.Outcome = graphwarden.Outcome{State: graphwarden.IntentDone, Result: bare(result), ETag: s.ETag}
}

func refused(in *graphwarden.Intent, r *graphwarden.Refusal) {
	in.Outcome = graphwarden.Outcome{State: graphwarden.IntentRefused, Refusal: r}
}

func uncertain(kind graphwarden.WriteKind, why string) graphwarden.Outcome {
	where := "Look at the event in Microsoft 365"
	if mails(kind) {
		where = "Look into the mailbox's Sent Items, or ask a recipient"
	}
	return graphwarden.Outcome{State: graphwarden.IntentUncertain, Refusal: refuse(graphwarden.Unreachable, "act.uncertain", "", why,
		where+"; if the write is still wanted, send it with a new idempotency key.")}
}

// bare gives an event as Graph sent it without what tells of the request.
func bare(body json.RawMessage) json.RawMessage {
	return item.Without(body, func(name string) bool {
		return strings.HasPrefix(name, "singleValueExtendedProperties") || name == "@odata.context"
	})
}

// givenUp is the outcome of a write that can be neither made nor looked for any
// more. One that could not be looked for from the beginning has never been sent: what
// may have been sent has an outcome already.
func givenUp(in graphwarden.Intent, why string) graphwarden.Outcome {
	if way, known := wayOf(in.Kind); known && way.look == nil && (!in.Abandoned || beforeOf(in).Unsent) {
		return graphwarden.Outcome{State: graphwarden.IntentRefused, Refusal: refuse(graphwarden.Unreachable, "act.not_sent", "",
			why+", and the message was not sent.", "If it is still wanted, send it with a new idempotency key.")}
	}
	return uncertain(in.Kind, why+", so nobody knows whether the write took effect.")
}

// end keeps what came of a write. If we crash before it is kept, or the power fails before
// it is on disk, the effect is found when the write is resumed.
func (a *Act) end(ctx context.Context, in graphwarden.Intent, loser *graphwarden.Loser) (graphwarden.Intent, error) {
	first := false
	err := a.keeping(in, loser)(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		first, err = a.config.Intents.EndIntent(ctx, tx, in, loser)
		in.Outcome.EndedAt = ends(tx)
		return err
	})
	if err != nil {
		return in, fmt.Errorf("keeping what came of the write %s: %w", in.ID, err)
	}
	if mails(in.Kind) {
		in.Request = nil // no message is kept that was sent
		a.under.end(in.ID)
	}
	if !first { // another process was quicker
		kept, found, err := a.config.Shelf.Intent(ctx, in.ID)
		if err != nil || !found {
			return in, err
		}
		in = kept
	}
	if in.Outcome.State == graphwarden.IntentUncertain {
		a.config.Log.Warn("a write is uncertain", "write", in.ID, "kind", in.Kind, "app", in.App, "flow", in.Flow)
	}
	if in.Kind != graphwarden.CreateEvent && !mails(in.Kind) {
		a.Wake() // what waited behind it
	}
	return answered(in)
}

// ends is when a write ends that a transaction ends, as the store gives it back.
func ends(tx graphwarden.Tx) time.Time { return tx.Now().UTC().Truncate(time.Microsecond) }

// patience is how long a write of some age rests between two attempts: an eighth of
// its age, so that it comes about soon after Microsoft can be asked again, however long
// that took.
func patience(age time.Duration) time.Duration {
	return min(max(age/8, time.Second), 5*time.Minute)
}

// later has a write tried again that has no outcome yet, after longer and longer rests,
// until nobody believes in it any more.
func (a *Act) later(ctx context.Context, in graphwarden.Intent, why error) (graphwarden.Intent, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	now := a.config.Now()
	if in.MadeAt.Add(giveUp).Before(now) {
		in.Outcome = givenUp(in, "Microsoft 365 could not be asked for a day")
		return a.end(ctx, in, nil)
	}
	wait := patience(now.Sub(in.MadeAt))
	var later *graphwarden.Later
	if errors.As(why, &later) {
		wait = max(wait, later.After)
	}
	unsent(&in) // what may have been sent has an outcome
	err := a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if mine, err := a.config.Intents.BeginIntent(ctx, tx, in); err != nil || !mine {
			return err
		}
		return a.config.Due.DeferIntent(ctx, tx, in, tx.Now().Add(wait))
	})
	if err != nil {
		return in, fmt.Errorf("putting off the write %s: %w", in.ID, err)
	}
	a.config.Log.Info("a write is tried again", "write", in.ID, "kind", in.Kind, "after", wait, "reason", why)
	a.Wake()
	return in, nil
}
