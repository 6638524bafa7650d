package presence

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

const (
	// freshenEvery is how often it is looked how lately the feeds were read.
	freshenEvery = 15 * time.Second
	// lookAgain is how often changes are looked for when nothing wakes the room.
	lookAgain = 2 * time.Second
	// changesAtOnce is how many changes are read together.
	changesAtOnce = 500
	// toldAtOnce is how many people's states are stored in one transaction.
	toldAtOnce = 500
	// rereadAfter is how old what is in memory of a person may get: what begins beyond
	// the horizon is not in it.
	rereadAfter = horizon - promise
	// againAfter is how long the room rests when the store does not answer.
	againAfter = time.Second
)

// Config is what a room is made of.
type Config struct {
	Plans     []Plan
	Roster    Roster
	Store     Store
	Calendars Calendars
	Book      Book
	Microsoft Microsoft // nil: no flow wants anything of it
	Log       *slog.Logger
	Now       func() time.Time
	// Promise is how long a calendar goes unread at most, with time for the reading.
	Promise time.Duration
	// Asks are how often Microsoft is asked; zero values are the usual ones.
	Asks Asks
	// Told is called when something new is told; it does not block.
	Told func()
}

// Room watches the calendars of presence flows and tells what becomes of their
// people. One process of all runs it; it keeps nothing that is not in the store.
type Room struct {
	config  Config
	wake    chan struct{}
	roster  chan struct{}
	answers chan answer
}

// NewRoom makes a room; Run sets it going.
func NewRoom(c Config) *Room {
	return &Room{config: c, wake: make(chan struct{}, 1), roster: make(chan struct{}, 1), answers: make(chan answer)}
}

// Wake has the room look for changes at once. It does not block.
func (r *Room) Wake() { signal(r.wake) }

// Rostered has the room look at once whose flows they are. It does not block.
func (r *Room) Rostered() { signal(r.roster) }

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // a signal is waiting already and says the same
	}
}

// Run tells people's states until ctx ends. What it had in mind it finds in the
// store again: a crash loses nothing, and what was told is not told twice.
func (r *Room) Run(ctx context.Context) error {
	if len(r.config.Plans) == 0 {
		<-ctx.Done()
		return nil
	}
	for ctx.Err() == nil {
		if err := r.session(ctx); err != nil && ctx.Err() == nil {
			r.config.Log.Error("telling who is available", "again_in", againAfter, "reason", err)
			pause(ctx, againAfter)
		}
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// session reads everything and follows what happens, until something fails.
func (r *Room) session(ctx context.Context) error {
	h, err := r.recall(ctx)
	if err != nil {
		return err
	}
	asking, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.ask(asking, h.people)
	}()
	defer func() { stop(); <-ended }()
	freshen := time.NewTicker(freshenEvery)
	defer freshen.Stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		if err := h.tell(ctx); err != nil {
			return err
		}
		timer.Reset(h.wait())
		select {
		case <-ctx.Done():
			return nil
		case <-r.roster:
			err = h.gather(ctx)
		case a := <-r.answers:
			h.take(a)
		case <-freshen.C:
			err = errors.Join(h.freshen(ctx), h.reread(ctx))
		case <-r.wake:
		case <-timer.C:
		}
		if err = errors.Join(err, h.follow(ctx)); err != nil {
			return err
		}
		h.alarm()
	}
}

// plan finds the plan of a flow.
func (r *Room) plan(f flow.Flow) (Plan, bool) {
	for _, p := range r.config.Plans {
		if p.Flow == f.Name {
			return p, true
		}
	}
	return Plan{}, false
}

// recall reads what was told and what there is. Changes that come while it reads
// are met again, and make no difference then.
func (r *Room) recall(ctx context.Context) (*house, error) {
	h := &house{room: r, flows: map[string]*household{}, cursor: map[string]int64{}}
	last, err := r.config.Calendars.LastChange(ctx)
	if err != nil {
		return nil, err
	}
	h.start = last
	if err := h.remember(ctx); err != nil {
		return nil, fmt.Errorf("reading what was told: %w", err)
	}
	if err := h.gather(ctx); err != nil {
		return nil, fmt.Errorf("reading the people of presence flows: %w", err)
	}
	return h, nil
}

// told makes what is stored of a state.
func told(flow string, m graphwarden.Mailbox, body []byte) graphwarden.Told {
	return graphwarden.Told{Flow: flow, Mailbox: m, Body: body, Gone: body == nil}
}
