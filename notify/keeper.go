package notify

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

const (
	// look is how often the subscriptions are gone through when none is due and
	// nothing wakes the keeper.
	look = 5 * time.Minute
	// atOnce is how many calls for subscriptions are under way together.
	atOnce = 4
	// Waits after a subscription could not be made or renewed, doubled each time.
	shortestWait = 15 * time.Second
	longestWait  = 15 * time.Minute
)

// KeeperConfig is what a keeper is made of.
type KeeperConfig struct {
	Roster        Roster
	Source        Source
	Store         Store
	Marks         Marks
	Subscriptions Subscriptions
	// Holds keep two from looking after the subscription of one person at the same
	// time, of whatever process, each by its Holder.
	Holds  Holds
	Holder string
	// Feeds says whether a flow that the configuration no longer has is still read
	// by somebody; nil keeps the subscriptions of such flows until they lapse.
	Feeds  Forsaken
	Log    *slog.Logger
	Now    func() time.Time
	Random *rand.Rand // spreads renewals; used by the keeper alone
	States io.Reader  // client states are made of these random bytes
	// Address is where Microsoft reaches the receiver, https and public; "" when
	// nowhere: then there are no subscriptions and the sweep finds the changes.
	Address string
	// Life is how long a subscription lives unless renewed; 0 is as long as may be.
	Life time.Duration
	// Sweep is how long a subscription that has ended without a word is believed in at
	// most; 0 is a quarter of an hour.
	Sweep time.Duration
	// Probe asks the address as Microsoft would before it makes a subscription; nil
	// asks nothing.
	Probe func(ctx context.Context, address string) error
	// Marked is called when feeds have become due; it does not block.
	Marked func()
}

// Keeper keeps one subscription alive for each mailbox of each flow.
type Keeper struct {
	config KeeperConfig
	wake   chan struct{}

	mu    sync.Mutex // guards what follows, and config.Random and config.States
	awake map[owner]time.Time
	waits map[owner]wait
	// retried counts how often somebody asked to look after a mailbox at once.
	retried map[owner]int
	swept   sweeps
}

// wait is a setback's count, and when to try again.
type wait struct {
	count int
	until time.Time
}

// NewKeeper makes a keeper; Run sets it going.
func NewKeeper(c KeeperConfig) *Keeper {
	if c.Life <= 0 || c.Life > graph.LongestSubscription {
		c.Life = graph.LongestSubscription
	}
	if c.Sweep <= 0 {
		c.Sweep = sweepEvery
	}
	return &Keeper{
		config: c, wake: make(chan struct{}, 1),
		awake: map[owner]time.Time{}, waits: map[owner]wait{}, retried: map[owner]int{},
		swept: sweeps{next: map[string]time.Time{}, suspects: map[string]time.Time{}},
	}
}

// Wake has the keeper go through the subscriptions at once. It does not block.
func (k *Keeper) Wake() {
	select {
	case k.wake <- struct{}{}:
	default: // a signal is waiting already and says the same
	}
}

// Awake says whether a live subscription wakes the feeds of a mailbox.
func (k *Keeper) Awake(flow, mailboxID string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.config.Now().Before(k.awake[owner{flow, mailboxID}])
}

// Run keeps the subscriptions until ctx ends. One process at a time runs it.
// Each tenant has its own turn, so that one that hangs delays no other.
func (k *Keeper) Run(ctx context.Context) error {
	if k.config.Address == "" {
		<-ctx.Done()
		return nil
	}
	k.probe(ctx)
	var turns sync.WaitGroup
	defer turns.Wait()
	ended := make(chan turn)
	next := map[string]time.Time{} // by tenant; zero while its turn goes on
	again := map[string]bool{}     // woken while its turn went on, which may have passed the place
	for {
		k.forgetLapsed(ctx)
		flows := byTenant(k.config.Roster.Flows())
		first := k.config.Now().Add(look)
		for tenant := range flows {
			due, known := next[tenant]
			if known && due.IsZero() {
				continue
			}
			if known && k.config.Now().Before(due) {
				first = earlier(first, due)
				continue
			}
			next[tenant] = time.Time{}
			turns.Go(func() {
				at := k.goThrough(ctx, flows[tenant])
				select {
				case ended <- turn{tenant, at}:
				case <-ctx.Done():
				}
			})
		}
		timer := time.NewTimer(max(time.Second, first.Sub(k.config.Now())))
		select {
		case t := <-ended:
			next[t.tenant] = t.next
			if again[t.tenant] {
				next[t.tenant] = k.config.Now()
				delete(again, t.tenant)
			}
		case <-k.wake:
			for tenant, due := range next {
				if again[tenant] = due.IsZero(); !again[tenant] {
					next[tenant] = k.config.Now()
				}
			}
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
		if ctx.Err() != nil {
			return nil
		}
	}
}

// turn is the end of a tenant's turn, and when it has the next one.
type turn struct {
	tenant string
	next   time.Time
}

func byTenant(flows []flow.Flow) map[string][]flow.Flow {
	by := map[string][]flow.Flow{}
	for _, f := range flows {
		by[f.Tenant] = append(by[f.Tenant], f)
	}
	return by
}

// goThrough makes what is missing of a tenant's flows and renews what is due, and
// says when to look again.
func (k *Keeper) goThrough(ctx context.Context, flows []flow.Flow) (next time.Time) {
	next, err := k.keepAll(ctx, flows)
	if err != nil && ctx.Err() == nil {
		k.config.Log.Error("going through the subscriptions", "reason", err)
	}
	return next
}

func (k *Keeper) keepAll(ctx context.Context, flows []flow.Flow) (next time.Time, err error) {
	next = k.config.Now().Add(look)
	have, err := k.stored(ctx, flows)
	if err != nil {
		return next, err
	}
	places := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for _, f := range flows {
		for _, m := range f.Mailboxes {
			o := owner{f.Name, m.ID}
			s := have[o]
			if k.config.Now().Before(k.dueAt(o, s)) || ctx.Err() != nil {
				next = earlier(next, k.dueAt(o, s))
				continue
			}
			places <- struct{}{}
			all.Go(func() {
				k.keep(ctx, f, m, s)
				<-places
			})
		}
	}
	all.Wait()
	return k.firstWait(flows, k.sweep(ctx, flows, next)), nil
}

// stored gives the longest living stored subscription of each mailbox of some
// flows; those that belong to no mailbox of theirs any more are ended.
func (k *Keeper) stored(ctx context.Context, flows []flow.Flow) (map[owner]graphwarden.Subscription, error) {
	have := map[owner]graphwarden.Subscription{}
	for _, f := range flows {
		stored, err := k.config.Subscriptions.Subscriptions(ctx, f.Name)
		if err != nil {
			return nil, fmt.Errorf("reading the subscriptions: %w", err)
		}
		own := f.Mailboxes.IDs()
		for _, s := range stored {
			o := owner{s.Flow, s.Mailbox.ID}
			if f.Whole && !own[o.mailbox] {
				k.leave(ctx, f, s)
			} else if s.ExpiresAt.After(have[o].ExpiresAt) {
				have[o] = s
			}
		}
	}
	return have, nil
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// firstWait is when the first of some flows' mailboxes can be tried again that
// could not be kept, if that is before a time.
func (k *Keeper) firstWait(flows []flow.Flow, before time.Time) time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	now := k.config.Now()
	for o, w := range k.waits {
		if w.until.After(now) && slices.ContainsFunc(flows, func(f flow.Flow) bool { return f.Name == o.flow }) {
			before = earlier(before, w.until)
		}
	}
	return before
}

// dueAt notes how long a mailbox is awake, and says when there is something to do
// for it. A subscription that notifies another address than ours wakes nothing.
func (k *Keeper) dueAt(o owner, s graphwarden.Subscription) time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	due := s.RenewAt
	k.awake[o] = s.ExpiresAt
	if s.Address != k.config.Address {
		due, k.awake[o] = time.Time{}, time.Time{}
	}
	if wait := k.waits[o].until; wait.After(due) {
		return wait
	}
	return due
}

// keep renews a mailbox's subscription, or makes one where there is none that can
// be; the zero subscription is none.
func (k *Keeper) keep(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, s graphwarden.Subscription) {
	o := owner{f.Name, m.ID}
	k.mu.Lock()
	begun := k.retried[o]
	k.mu.Unlock()
	err := k.alone(ctx, f, m, keeping, func() error { return k.lookAfter(ctx, f, m, s) })
	k.settle(ctx, o, m, err)
	if err == nil {
		return
	}
	k.mu.Lock()
	late := k.retried[o] != begun // what failed began before there was something new
	if late {
		delete(k.waits, o)
	}
	k.mu.Unlock()
	if late {
		k.Wake()
	}
}

// renew moves the expiry, and then stores it. If we crash in between it is only
// renewed again.
func (k *Keeper) renew(ctx context.Context, f flow.Flow, s graphwarden.Subscription) error {
	expires, err := k.config.Source.Renew(ctx, f, s, k.config.Now().Add(k.config.Life))
	if err != nil {
		return err
	}
	return k.put(ctx, s, expires, func(ctx context.Context, tx graphwarden.Tx) error {
		return k.config.Subscriptions.ExtendSubscription(ctx, tx, s, expires, k.renewAt(f, expires))
	})
}

// replace makes a subscription and stores it with a mark, in the place of one
// that is gone: what changed while there was none is found by the feed. If we
// crash after Microsoft has made it and before it is stored, it notifies with a
// client state that we do not know until sweep removes it, and another one is made.
func (k *Keeper) replace(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, old graphwarden.Subscription) error {
	state, err := k.clientState()
	if err != nil {
		return err
	}
	s, err := k.config.Source.Subscribe(ctx, f, m, k.config.Address, state, k.config.Now().Add(k.config.Life))
	if err != nil {
		return err
	}
	s.RenewAt = k.renewAt(f, s.ExpiresAt)
	return k.put(ctx, s, s.ExpiresAt, func(ctx context.Context, tx graphwarden.Tx) error {
		if err := k.config.Marks.DeleteSubscription(ctx, tx, old.ID); err != nil {
			return err
		}
		if err := k.config.Marks.PutSubscription(ctx, tx, s); err != nil {
			return err
		}
		tx.AfterCommit(k.config.Marked)
		_, err := k.config.Marks.MarkDirty(ctx, tx, s.Flow, s.Mailbox.ID)
		return err
	})
}

// put stores what has become of a subscription, and notes how long it wakes.
func (k *Keeper) put(ctx context.Context, s graphwarden.Subscription, expires time.Time, what func(context.Context, graphwarden.Tx) error) error {
	if err := k.config.Store.Update(ctx, what); err != nil {
		return fmt.Errorf("storing the subscription of %s: %w", s.Mailbox.UPN, err)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.awake[owner{s.Flow, s.Mailbox.ID}] = expires
	return nil
}

// renewAt is at about 55 % of the life that is left, spread so that subscriptions
// made together are not renewed together. A person's is renewed far more often: no
// sweep tells that it has ended without a word, and the renewal does.
func (k *Keeper) renewAt(f flow.Flow, expires time.Time) time.Time {
	k.mu.Lock()
	defer k.mu.Unlock()
	left := expires.Sub(k.config.Now())
	if f.People {
		left = min(left, personal*k.config.Sweep)
	}
	return k.config.Now().Add(time.Duration(float64(left) * (0.5 + 0.1*k.config.Random.Float64())))
}

// clientState makes a secret that comes back with every notification.
func (k *Keeper) clientState() (string, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	var b [32]byte
	if _, err := io.ReadFull(k.config.States, b[:]); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// settle remembers when to try again.
func (k *Keeper) settle(ctx context.Context, o owner, m graphwarden.Mailbox, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if err == nil {
		delete(k.waits, o)
		return
	}
	w := k.waits[o]
	pause := min(shortestWait<<min(w.count, 10), longestWait)
	var later *graphwarden.Later
	if errors.As(err, &later) {
		pause = max(pause, later.After)
	}
	k.waits[o] = wait{w.count + 1, k.config.Now().Add(pause)}
	if ctx.Err() == nil {
		k.config.Log.Warn("keeping a subscription", "flow", o.flow, "mailbox", m.UPN, "again_in", pause, "reason", err)
	}
}
