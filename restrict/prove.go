package restrict

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

const (
	// lookEvery is how often it is looked whether Exchange goes by what it was told.
	lookEvery = 5 * time.Minute
	// againEvery is how often what is proven is looked at again: somebody may have
	// consented for every mailbox meanwhile.
	againEvery = 6 * time.Hour
	// slack is how long after Exchange's two hours nobody is alarmed.
	slack = 15 * time.Minute
)

// The codes of what is found; docs/errors.md explains each.
const (
	CodeConsentLeft    = "restrict.consent_left"
	codeUnknown        = "restrict.unknown"
	codeInsideRefused  = "restrict.inside_refused"
	codeOutsideReached = "restrict.outside_reached"
	codeOutdated       = "restrict.outdated"
)

// settled is when Exchange goes by what it was told at the latest.
func settled(row graphwarden.Restriction) time.Time {
	end := row.ChangedAt.Add(propagation + slack)
	if row.FreedAt.Add(slack).After(end) {
		return row.FreedAt.Add(slack)
	}
	return end
}

// Run looks at what is not proven yet, and now and then at what is, until ctx ends.
// One process at a time runs it; what it knows stands in the store, so that it goes
// on after a restart.
func (r *Restrict) Run(ctx context.Context) error {
	for {
		next, err := r.Look(ctx)
		if err != nil && ctx.Err() == nil {
			r.Log.Warn("looking at restrictions", "reason", err)
		}
		timer := time.NewTimer(max(time.Second, min(next, lookEvery)))
		select {
		case <-timer.C:
		case <-r.wake:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
	}
}

// Look looks at every restriction that is due, and says when the next one is.
func (r *Restrict) Look(ctx context.Context) (next time.Duration, err error) {
	list, err := r.Store.Restrictions(ctx)
	if err != nil {
		return lookEvery, err
	}
	next = lookEvery
	var troubles []error
	for _, row := range list {
		if now := r.Now(); row.LookAt.After(now) && !r.moved(ctx, row) {
			next = min(next, row.LookAt.Sub(now))
			continue
		}
		if err := r.look(ctx, row); err != nil {
			troubles = append(troubles, fmt.Errorf("%s: %w", row.Registration, err))
		}
	}
	return next, errors.Join(troubles...)
}

// look finds out how one restriction is, and writes it down. If we are cut off
// before, it is looked at again.
func (r *Restrict) look(ctx context.Context, row graphwarden.Restriction) error {
	_, name, _ := strings.Cut(row.Registration, "/")
	w, err := r.want(ctx, row.Tenant, name)
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) && refusal.Code == codeUnknown {
		return r.step(ctx, "restrict:look", func(ctx context.Context, tx graphwarden.Tx) error {
			return r.Store.DropRestriction(ctx, tx, row.Registration)
		})
	}
	if err == nil {
		err = r.judge(ctx, w, &row)
	}
	if err != nil { // nobody could look: that says nothing about the restriction
		row.LookAt = r.Now().Add(lookEvery)
	} else {
		w.compare(&row)
	}
	first := row.State == graphwarden.RestrictionProven && row.ProvenAt.IsZero()
	if first {
		row.ProvenAt = r.Now()
	}
	return errors.Join(err, r.step(ctx, "restrict:look", func(ctx context.Context, tx graphwarden.Tx) error {
		if err := r.Store.PutRestriction(ctx, tx, row); err != nil || !first {
			return err
		}
		tx.AfterCommit(func() {
			r.Log.Info("Exchange keeps a registration to its mailboxes", "registration", row.Registration, "inside", row.Inside.UPN, "outside", row.Outside.UPN)
		})
		return r.note(ctx, tx, row.Tenant, "restriction.proven "+row.Registration, "")
	}))
}

// moved says whether the flows want something else by now that nobody was told of.
func (r *Restrict) moved(ctx context.Context, row graphwarden.Restriction) bool {
	if row.State == graphwarden.RestrictionPast || row.State == graphwarden.RestrictionFailed || row.Wanted == "" || row.Wanted == unfinished {
		return false
	}
	_, name, _ := strings.Cut(row.Registration, "/")
	w, err := r.want(ctx, row.Tenant, name)
	return err == nil && row.Wanted != w.fingerprint()
}

// compare says that a restriction which holds is not the one that the flows want
// by now: somebody has changed their mailboxes or what they do.
func (w *want) compare(row *graphwarden.Restriction) {
	if row.State == graphwarden.RestrictionFailed || row.Wanted == "" || row.Wanted == w.fingerprint() {
		return
	}
	row.State, row.Code = graphwarden.RestrictionPast, codeOutdated
	row.Say = "The flows want other mailboxes or rights than Exchange was told."
	if row.Wanted == unfinished {
		row.Say = "What Exchange was to be told was begun and not brought to its end."
	}
}

// judge signs in anew, because a token says what was consented when it was made,
// and probes.
func (r *Restrict) judge(ctx context.Context, w *want, row *graphwarden.Restriction) error {
	seen, err := r.Custody.Prove(ctx, w.registration)
	if err != nil {
		return err
	}
	now := r.Now()
	row.Code, row.Say, row.LookAt = "", "", now.Add(lookEvery)
	left := slices.DeleteFunc(slices.Clone(seen.Roles), func(p string) bool { return !replaces(w.roles(), p) })
	switch {
	case row.By == graphwarden.ByRoles && len(left) > 0:
		row.FreedAt, row.State = time.Time{}, graphwarden.RestrictionWaiting
		if !now.Before(row.ChangedAt.Add(propagation)) {
			row.State, row.Code = graphwarden.RestrictionOpen, CodeConsentLeft
			row.Say = fmt.Sprintf("The consent to %s in Entra is still there and opens every mailbox.", strings.Join(left, ", "))
		}
		return nil
	case row.By == graphwarden.ByRoles && row.FreedAt.IsZero():
		row.FreedAt = now
	}
	if !row.Reads {
		if row.State = graphwarden.RestrictionWaiting; !now.Before(settled(*row)) {
			row.State, row.LookAt = graphwarden.RestrictionProven, now.Add(againEvery)
		}
		return nil
	}
	return r.probe(ctx, w, row)
}

// probe reads the names of calendars inside and outside.
func (r *Restrict) probe(ctx context.Context, w *want, row *graphwarden.Restriction) error {
	f := flow.ForProbe(w.registration, graphwarden.MailboxScope{row.Inside, row.Outside})
	if err := r.Admit([]flow.Flow{f}); err != nil {
		return err
	}
	defer func() { _ = r.Admit(nil) }() // none is always understood
	in, err := r.reached(ctx, f, row.Inside, true)
	if err != nil {
		return err
	}
	out, err := r.reached(ctx, f, row.Outside, false)
	if err != nil {
		return err
	}
	switch {
	case in && !out:
		row.State, row.LookAt = graphwarden.RestrictionProven, r.Now().Add(againEvery)
		return nil
	case out:
		row.Code, row.Say = codeOutsideReached, fmt.Sprintf("The mailbox %s can be read, although no flow may.", row.Outside.UPN)
	default:
		row.Code, row.Say = codeInsideRefused, fmt.Sprintf("The mailbox %s cannot be read, although a flow may.", row.Inside.UPN)
	}
	if row.State = graphwarden.RestrictionWaiting; !r.Now().Before(settled(*row)) {
		row.State = graphwarden.RestrictionFailed
	}
	return nil
}

// reached says whether a mailbox can be read. Where there is none to try, it is as
// it should be.
func (r *Restrict) reached(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, should bool) (bool, error) {
	if m.ID == "" {
		return should, nil
	}
	_, err := r.Prober.Calendars(ctx, f, m)
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) && refusal.Kind == graphwarden.Denied && strings.HasPrefix(refusal.Code, "graph.") {
		return false, nil
	}
	return err == nil, err
}
