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
	"github.com/graphwarden/graphwarden/graph"
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
		return graphwarden.Intent{}, err
	}
	kept, fresh, behind, err := a.keep(ctx, in, settled)
	switch {
	case err != nil:
		return graphwarden.Intent{}, err
	case !fresh:
		return a.again(in, kept, nil)
	case settled != nil:
		return answered(settled.intent)
	case behind:
		a.Wake()
		return kept, nil
	}
	return a.perform(ctx, f, kept)
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
	reads := in.Kind == graphwarden.UpdateEvent || in.Kind == graphwarden.RespondEvent || in.Kind != graphwarden.CreateEvent && in.Version != ""
	if !reads {
		return nil, nil
	}
	body, err := a.config.Reader.WholeEvent(ctx, f, in.Mailbox, in.Item, Mark)
	if err != nil {
		return nil, err
	}
	if body == nil {
		return nil, gone(*in)
	}
	if no := keepsOnline(*in, see(body)); no != nil {
		return nil, no
	}
	named := in.Version
	meet(in, body, named != "")
	if named == "" || named == see(body).ETag {
		return nil, nil
	}
	return a.conflict(f, in, body), nil
}

// meet has a write expect the version that is there now.
func meet(in *graphwarden.Intent, body json.RawMessage, named bool) {
	s := see(body)
	b := before{ETag: s.ETag, Named: named, Response: s.Response.Response, At: s.Response.Time}
	if in.Kind == graphwarden.UpdateEvent || in.Version != "" {
		in.Version = s.ETag
	}
	in.Before = b.write()
}

func gone(in graphwarden.Intent) *graphwarden.Refusal {
	return refuse(graphwarden.Unknown, "act.event_unknown", "event", fmt.Sprintf("There is no such event in the mailbox %s.", in.Mailbox.UPN),
		"It was deleted, or the id is of another mailbox.")
}

// keep puts an intent on disk, with its outcome where that is known.
func (a *Act) keep(ctx context.Context, in graphwarden.Intent, s *settled) (kept graphwarden.Intent, fresh, behind bool, err error) {
	in.Holder, in.Attempts, in.DueAt = a.config.Holder, 1, a.config.Now().Add(lease)
	err = a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if kept, fresh, err = a.config.Intents.PutIntent(ctx, tx, in); err != nil || !fresh {
			return err
		}
		if s != nil {
			kept.Outcome = s.intent.Outcome
			_, err := a.config.Intents.EndIntent(ctx, tx, kept, s.loser)
			return err
		}
		if behind, err = a.config.Due.Behind(ctx, tx, kept.ID); err != nil || !behind {
			return err
		}
		return a.config.Due.DeferIntent(ctx, tx, kept, tx.Now())
	})
	if s != nil {
		s.intent = kept
	}
	return kept, fresh, behind, err
}

// perform tries a write that is on disk and held, at once a few times, and keeps what
// came of it. What is not known then is tried later.
func (a *Act) perform(ctx context.Context, f flow.Flow, in graphwarden.Intent) (graphwarden.Intent, error) {
	var last error
	for try := range atOnceTries {
		looks := in.Attempts > 1 || try > 0
		ended, loser, err := a.attempt(ctx, f, &in, looks)
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

// attempt looks for the effect, if it may be there, and makes it if it is not. ended
// is false when nobody knows what came of it.
func (a *Act) attempt(ctx context.Context, f flow.Flow, in *graphwarden.Intent, looks bool) (ended bool, loser *graphwarden.Loser, err error) {
	way, known := wayOf(in.Kind)
	if !known {
		in.Outcome = uncertain("This version of Graphwarden does not know the kind of write.")
		return true, nil, nil
	}
	if looks {
		s, err := way.look(a, ctx, f, *in)
		if err != nil {
			return false, nil, err
		}
		if s.verdict != absent {
			return a.seen(ctx, f, in, s)
		}
	}
	result, err := way.send(a, ctx, f, *in)
	if err == nil {
		done(in, result)
		return true, loserOf(*in), nil
	}
	return a.failed(ctx, f, in, err)
}

// seen draws the conclusion from what was found instead of an absent effect.
func (a *Act) seen(ctx context.Context, f flow.Flow, in *graphwarden.Intent, s sight) (bool, *graphwarden.Loser, error) {
	switch s.verdict {
	case present:
		in.Item = s.item
		in.Outcome = graphwarden.Outcome{State: graphwarden.IntentDone, Result: bare(s.body), Looked: true}
		return true, loserOf(*in), nil
	case unclear:
		in.Outcome = uncertain("The answer was lost, and what is there now does not show whether the write took effect.")
		return true, nil, nil
	}
	if s.body == nil {
		refused(in, gone(*in))
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
	case !errors.As(err, &refusal), refusal.Kind == graphwarden.Unreachable, refusal.Kind == graphwarden.Storage:
		return false, nil, err
	case refusal.Code == graph.CodeChanged:
		return false, nil, err // the next attempt looks for what is there now
	case refusal.Code == graph.CodeItemUnknown && in.Kind == graphwarden.DeleteEvent:
		in.Outcome = graphwarden.Outcome{State: graphwarden.IntentDone}
		return true, nil, nil
	case refusal.Code == graph.CodeItemUnknown && in.Kind != graphwarden.CreateEvent:
		refusal = gone(*in)
	}
	refused(in, refusal)
	return true, nil, nil
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

func uncertain(why string) graphwarden.Outcome {
	return graphwarden.Outcome{State: graphwarden.IntentUncertain, Refusal: refuse(graphwarden.Unreachable, "act.uncertain", "", why,
		"Look at the event in Microsoft 365; if the write is still wanted, send it with a new idempotency key.")}
}

// bare gives an event as Graph sent it without what tells of the request.
func bare(body json.RawMessage) json.RawMessage {
	var event map[string]json.RawMessage
	if len(body) == 0 || json.Unmarshal(body, &event) != nil {
		return nil
	}
	for name := range event {
		if strings.HasPrefix(name, "singleValueExtendedProperties") || name == "@odata.context" {
			delete(event, name)
		}
	}
	out, err := json.Marshal(event)
	if err != nil {
		return nil
	}
	return out
}

// end keeps what came of a write. If we crash before it is on disk, the effect is
// found when the write is resumed.
func (a *Act) end(ctx context.Context, in graphwarden.Intent, loser *graphwarden.Loser) (graphwarden.Intent, error) {
	first := false
	err := a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		first, err = a.config.Intents.EndIntent(ctx, tx, in, loser)
		return err
	})
	if err != nil {
		return in, fmt.Errorf("keeping what came of the write %s: %w", in.ID, err)
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
	a.Wake() // what waited behind it
	return answered(in)
}

// later has a write tried again that has no outcome yet, longer and longer from its
// last attempt, until nobody believes in it any more.
func (a *Act) later(ctx context.Context, in graphwarden.Intent, why error) (graphwarden.Intent, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), within)
	defer cancel()
	now := a.config.Now()
	if in.MadeAt.Add(giveUp).Before(now) {
		in.Outcome = uncertain("Microsoft 365 could not be asked for a day, so nobody knows whether the write took effect.")
		return a.end(ctx, in, nil)
	}
	wait := min(time.Second<<min(in.Attempts-1, 9), 5*time.Minute)
	var later *graphwarden.Later
	if errors.As(why, &later) {
		wait = max(wait, later.After)
	}
	err := a.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return a.config.Due.DeferIntent(ctx, tx, in, tx.Now().Add(wait))
	})
	if err != nil {
		return in, fmt.Errorf("putting off the write %s: %w", in.ID, err)
	}
	a.config.Log.Info("a write is tried again", "write", in.ID, "kind", in.Kind, "after", wait, "reason", why)
	a.Wake()
	return in, nil
}
