package presence

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

// BoardConfig is what a board is made of.
type BoardConfig struct {
	Roster    Roster
	Book      Book
	Calendars Calendars
	Flows     []string // the presence flows
	Promise   time.Duration
	Log       *slog.Logger
	Now       func() time.Time
	// Origin names the database that the numbers are of.
	Origin string
}

// Board holds the last state of everybody, as the store has it, for the apps that
// ask this process. Every process has one, whichever runs the Room.
type Board struct {
	config BoardConfig
	wake   chan struct{}
	roster chan struct{}
	ready  chan struct{} // closed once everything has been read

	mu     sync.RWMutex
	people map[who]*graphwarden.Told
	recent []said // in order; those before recent[0] are not in it
	last   int64
	// Who listens, by whom to: "" is everybody.
	listeners map[string]map[*Stream]struct{}
	scope     map[string]map[string]string

	fresh   chan struct{} // full while somebody has freshAt and readAt; the store is asked meanwhile
	freshAt time.Time
	readAt  map[who]time.Time
}

// who is somebody of a flow.
type who struct{ flow, mailbox string }

// said is that something was told of somebody.
type said struct {
	seq int64
	who who
}

// recentKept is how much a board remembers of what was told lately. Who asks for
// more is given everybody's state that is newer than what they know.
const recentKept = 4096

// NewBoard makes a board; Run sets it going.
func NewBoard(c BoardConfig) *Board {
	return &Board{config: c, wake: make(chan struct{}, 1), roster: make(chan struct{}, 1), ready: make(chan struct{}), fresh: make(chan struct{}, 1),
		people: map[who]*graphwarden.Told{}, listeners: map[string]map[*Stream]struct{}{}, readAt: map[who]time.Time{}}
}

// Wake has the board look for what is new. It does not block.
func (b *Board) Wake() { signal(b.wake) }

// Rostered has the board look at once whose flows they are. It does not block.
func (b *Board) Rostered() { signal(b.roster) }

// Run keeps the board as the store has it until ctx ends.
func (b *Board) Run(ctx context.Context) error {
	if len(b.config.Flows) == 0 {
		<-ctx.Done()
		return nil
	}
	b.enrol()
	first := true
	for ctx.Err() == nil {
		err := b.catchUp(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			b.config.Log.Error("reading who is available", "reason", err)
		case err == nil && first:
			first = false
			close(b.ready)
		}
		timer := time.NewTimer(lookAgain)
		select {
		case <-b.wake:
		case <-b.roster:
			b.enrol()
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	return nil
}

// enrol notes who is of which flow now: nobody else is shown, whatever the store
// still has.
func (b *Board) enrol() {
	scope := map[string]map[string]string{}
	for _, f := range b.config.Roster.Flows() {
		if slices.Contains(b.config.Flows, f.Name) {
			scope[f.Name] = peopleOf(f)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.scope = scope
}

// peopleOf gives the names of a flow's people by object id.
func peopleOf(f flow.Flow) map[string]string {
	out := make(map[string]string, len(f.Mailboxes))
	for _, m := range f.Mailboxes {
		out[m.ID] = m.UPN
	}
	return out
}

// catchUp reads what is new.
func (b *Board) catchUp(ctx context.Context) error {
	for {
		list, err := b.config.Book.PresenceAfter(ctx, b.last, changesAtOnce)
		if err != nil || len(list) == 0 {
			return err
		}
		list, held := b.held(list)
		b.mu.Lock()
		for _, t := range list {
			w := who{t.Flow, t.Mailbox.ID}
			b.people[w] = &t
			b.recent = append(b.recent, said{t.Seq, w})
			b.last = t.Seq
		}
		if len(b.recent) > 2*recentKept {
			b.recent = slices.Clone(b.recent[len(b.recent)-recentKept:])
		}
		b.wakeListeners(list)
		b.mu.Unlock()
		if held {
			return nil
		}
	}
}

// wakeListeners wakes those who listen to some people; the lock is held.
func (b *Board) wakeListeners(list []graphwarden.Told) {
	for s := range b.listeners[""] {
		signal(s.wake)
	}
	for _, t := range list {
		for s := range b.listeners[t.Mailbox.ID] {
			signal(s.wake)
		}
	}
}

// held gives what may be shown now: up to somebody of whom this process does not
// know yet that they belong to the flow, because another process took them up. Who
// is still not known after a while is passed over.
func (b *Board) held(list []graphwarden.Told) (shown []graphwarden.Told, more bool) {
	const patience = 10 * time.Second
	for try := range 2 {
		i := slices.IndexFunc(list, func(t graphwarden.Told) bool {
			_, of := b.scope[t.Flow][t.Mailbox.ID]
			return !of && !t.Gone && slices.Contains(b.config.Flows, t.Flow) && b.config.Now().Sub(t.At) < patience
		})
		switch {
		case i < 0:
			return list, false
		case try == 0:
			b.enrol()
		default:
			return list[:i], true
		}
	}
	return list, false
}

// People gives the present states of those of some flows whom a filter names, by
// name or id; nobody named is everybody.
func (b *Board) People(ctx context.Context, flows, named []string) ([]Presence, error) {
	s, err := b.Stream(ctx, flows, named, "")
	if err != nil {
		return nil, err
	}
	b.freshen(ctx)
	var out []Presence
	for _, t := range s.pending() {
		if t.Gone {
			continue
		}
		var p Presence
		if err := json.Unmarshal(t.Body, &p); err != nil {
			return nil, fmt.Errorf("reading the state of %s: %w", t.Mailbox.UPN, err)
		}
		b.date(&p)
		out = append(out, p)
	}
	slices.SortFunc(out, func(x, y Presence) int {
		return cmp.Or(strings.Compare(x.Person, y.Person), strings.Compare(x.Flow, y.Flow))
	})
	return out, nil
}

// date says how lately the source of a state was read, by what is known now.
func (b *Board) date(p *Presence) {
	b.fresh <- struct{}{}
	at := b.readAt[who{p.Flow, p.ID}]
	<-b.fresh
	now := b.config.Now()
	if p.Source == FromCalendar && at.After(p.AsOf) {
		p.AsOf = at
		p.Stale = p.Stale && now.Sub(at) > b.config.Promise
	}
	// What was to end a while ago has not been looked at: nobody tells at present.
	const late = 20 * time.Second
	if !p.Until.IsZero() && now.Sub(p.Until) > late {
		p.Stale = true
	}
}

// freshen looks how lately the feeds were read, if nobody has looked for a moment.
func (b *Board) freshen(ctx context.Context) {
	const moment = 5 * time.Second
	b.fresh <- struct{}{}
	defer func() { <-b.fresh }()
	if b.config.Now().Sub(b.freshAt) < moment {
		return
	}
	for _, name := range b.config.Flows {
		sights, err := b.config.Calendars.FeedSights(ctx, name)
		if err != nil {
			b.config.Log.Warn("reading how lately calendars were read", "flow", name, "reason", err)
			return
		}
		seen := map[who]time.Time{}
		for _, s := range sights {
			w := who{name, s.Mailbox.ID}
			if t, has := seen[w]; !has || s.ReadAt.Before(t) {
				seen[w] = s.ReadAt
			}
		}
		for w, t := range seen {
			b.readAt[w] = t.UTC()
		}
	}
	b.freshAt = b.config.Now()
}
