package watch

import (
	"context"
	"time"

	"github.com/graphwarden/graphwarden"
)

// event is a change of a notice that is to be told.
type event struct {
	notice graphwarden.Notice
	name   string
}

// The events of a notice.
const (
	opened   = "opened"
	reminded = "reminded"
	closed   = "closed"
	renewed  = "" // its words are kept and told to nobody
)

// reconcile holds what is seen against the open notices. The notice and what is
// to be told of it are kept in one transaction: a crash before it tells nothing
// and the next look finds the same again; after it, the telling is on disk.
func (w *Watch) reconcile(ctx context.Context, now time.Time, seen map[key]Sighting, blind map[string]bool) error {
	rows, err := w.config.Store.Notices(ctx, false, 0, 100_000)
	if err != nil {
		return err
	}
	events := w.compare(now, rows, seen, blind)
	prune := now.Sub(w.pruned) > 24*time.Hour
	if len(events) == 0 && !prune {
		return nil
	}
	err = w.config.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		for _, e := range events {
			if err := w.config.Store.Tell(ctx, tx, e.notice, e.name, w.channels(e)); err != nil {
				return err
			}
		}
		return w.config.Store.ForgetNotices(ctx, tx, now.Add(-remembered))
	})
	if err != nil {
		return err
	}
	w.pruned = now
	clear(w.unkept) // they have rows now
	return nil
}

// channels are where a notice is told: trouble of the webhook is not told by it.
func (w *Watch) channels(e event) []string {
	if e.name == renewed {
		return nil
	}
	if w.config.Webhook == nil || e.notice.Code == webhookFailing {
		return []string{ToLog}
	}
	return []string{ToLog, ToWebhook}
}

// compare gives what is to be told now.
func (w *Watch) compare(now time.Time, rows []graphwarden.Notice, seen map[key]Sighting, blind map[string]bool) []event {
	var events []event
	open := map[key]bool{}
	for _, n := range rows {
		k := key{n.Code, n.Subject}
		open[k] = true
		s, still := seen[k]
		switch {
		case still:
			delete(w.gone, k)
			if n, tell := again(now, n, s); tell {
				events = append(events, event{w.documented(n), reminded})
			} else if n.Say != s.Say || n.Do != s.Do {
				n.Say, n.Do = s.Say, s.Do
				events = append(events, event{w.documented(n), renewed})
			}
		case !blind[n.Code] && since(w.gone, k, now) >= patienceWith(n.Code).close:
			delete(w.gone, k)
			n.ClosedAt, n.Told = now, n.Told+1
			events = append(events, event{w.documented(n), closed})
		}
	}
	for k := range w.seen {
		if _, still := seen[k]; !still && !blind[k.code] {
			delete(w.seen, k)
		}
	}
	for k, s := range seen {
		if !open[k] {
			if n, ready := w.fresh(now, k, s); ready {
				events = append(events, event{n, opened})
			}
		}
	}
	for k, n := range w.unkept {
		// It was told while the database took nothing, and is over: its row opens, so
		// that its end is told, too.
		if _, still := seen[k]; !still && !open[k] {
			events = append(events, event{*n, opened})
		}
	}
	return events
}

// again says whether an open notice is to be told again: it is time, or it is
// more urgent than when it was told.
func again(now time.Time, n graphwarden.Notice, s Sighting) (graphwarden.Notice, bool) {
	last := n.OpenedAt
	if n.RemindedAt.After(last) {
		last = n.RemindedAt
	}
	if !s.Severity.Above(n.Severity) && now.Sub(last) < patienceWith(n.Code).remind {
		return n, false
	}
	n.Severity, n.Say, n.Do, n.RemindedAt, n.Told = s.Severity, s.Say, s.Do, now, n.Told+1
	return n, true
}

// fresh makes the notice of something that is wrong for long enough: for as long as
// this watch has seen it, whatever it was before. What went wrong while nobody was
// there to mend it has its time from the first look on. One that could not be kept
// when it was told keeps its id.
func (w *Watch) fresh(now time.Time, k key, s Sighting) (graphwarden.Notice, bool) {
	lasted := since(w.seen, k, now)
	if n := w.unkept[k]; n != nil {
		return *n, true
	}
	if lasted < patienceWith(k.code).open {
		return graphwarden.Notice{}, false
	}
	from := now.Add(-lasted)
	if !s.Since.IsZero() && s.Since.Before(from) {
		from = s.Since
	}
	return w.documented(graphwarden.Notice{ID: w.id(), Code: k.code, Subject: k.subject, Severity: s.Severity, Say: s.Say, Do: s.Do,
		Since: from, OpenedAt: now, Told: 1}), true
}

// documented adds the page that explains a notice.
func (w *Watch) documented(n graphwarden.Notice) graphwarden.Notice {
	n.DocURL = w.config.DocURL + "#" + Anchor(n.Code)
	return n
}

// since says for how long k is in the map, from now on if it was not.
func since(m map[key]time.Time, k key, now time.Time) time.Duration {
	first, known := m[k]
	if !known {
		m[k] = now
		return 0
	}
	return now.Sub(first)
}
