package gate

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
)

const (
	// lives is how long a process is believed to live without a sign of life; then
	// the others have its places.
	lives = 15 * time.Second
	// beats is how often it gives one.
	beats = lives / 3
	// lookAgain is how long a call waits, roughly, before it looks again for a place
	// that a call of another process has.
	lookAgain = 50 * time.Millisecond
)

// Cluster keeps what several processes spend of one budget, within transactions
// of a Store.
type Cluster interface {
	// Live says that a process lives for another span.
	Live(ctx context.Context, tx graphwarden.Tx, holder string, span time.Duration) error
	// TakePlace charges a call and gives it a place, or says how long to wait; 0
	// when a call that is under way has to end.
	TakePlace(ctx context.Context, tx graphwarden.Tx, b graphwarden.Budget, holder, call string) (taken bool, wait time.Duration, err error)
	// GivePlace frees the place of a call.
	GivePlace(ctx context.Context, tx graphwarden.Tx, call string) error
	// Rest has no call of an owner begin before a time.
	Rest(ctx context.Context, tx graphwarden.Tx, owner string, until time.Time) error
	// BuryProcesses frees the places of processes that are dead.
	BuryProcesses(ctx context.Context, tx graphwarden.Tx) error
}

// cluster is this process among those that share the budgets. A call takes its
// place in the transaction that records its decision, and gives it back in the
// one that records its end; places of a process that is dead are free. So never
// more calls are under way than Microsoft allows, in all processes together, and
// a process that is alone has them all.
type cluster struct {
	rows   Cluster
	store  Store
	holder string
	now    func() time.Time
	jitter func(time.Duration) time.Duration

	mu    sync.Mutex
	until time.Time          // this process is believed to live until then
	life  context.Context    // ends when it is not any more
	end   context.CancelFunc // of life
}

// Run keeps the places of this process's calls for as long as it lives, until ctx
// ends. Without a cluster there is nothing to keep.
func (g *Gate) Run(ctx context.Context) error {
	c := g.shared.cluster
	if c == nil {
		<-ctx.Done()
		return nil
	}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		}
		c.beat(ctx, true)
		timer.Reset(beats)
	}
}

// beat gives a sign of life. When the last one is too old and no other can be
// given, the calls under way are ended: others have their places.
func (c *cluster) beat(ctx context.Context, bury bool) {
	begun := c.now()
	beating, cancel := context.WithTimeout(ctx, beats)
	defer cancel()
	err := c.store.Update(beating, func(ctx context.Context, tx graphwarden.Tx) error {
		if bury {
			if err := c.rows.BuryProcesses(ctx, tx); err != nil {
				return err
			}
		}
		return c.rows.Live(ctx, tx, c.holder, lives)
	})
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err == nil:
		c.until = begun.Add(lives)
	case c.end != nil && c.now().After(c.until.Add(-beats)):
		c.end()
		c.life, c.end = nil, nil
	}
}

// living gives a context that ends with this process's life, after a sign of it
// if the last is old.
func (c *cluster) living(ctx context.Context) (life context.Context, alive bool) {
	if !c.alive() {
		c.beat(ctx, false)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.now().Before(c.until.Add(-beats)) {
		return nil, false
	}
	if c.life == nil {
		c.life, c.end = context.WithCancel(context.WithoutCancel(ctx))
	}
	return c.life, true
}

func (c *cluster) alive() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now().Before(c.until.Add(-beats))
}

// shares says whether a call is charged to a budget of the cluster.
func (s *shared) shares(p *plan) bool {
	return s.cluster != nil && p.call.Operation.API() == flow.Graph
}

// key names an owner, the same in every process.
func (o owner) key() string { return o.origin + " " + o.client + " " + o.mailbox }

// budget is what Microsoft lets an owner spend.
func (o owner) budget() graphwarden.Budget {
	b := graphwarden.Budget{Owner: o.key(), Calls: windowSize, Span: windowSpan}
	if o.mailbox != "" {
		b.Places = concurrent
	}
	return b
}

// admit records a call's decision together with its place among the calls of all
// processes, and waits until there is one.
func (g *Gate) admit(ctx context.Context, p *plan) error {
	c := g.shared.cluster
	life, alive := c.living(ctx)
	if !alive {
		return unrecorded(errors.New("this process cannot show that it lives"))
	}
	p.life = life
	waits, stop := g.patience(ctx)
	defer stop()
	begun := g.config.Now()
	for {
		var taken bool
		var wait time.Duration
		err := g.record(ctx, &p.entry, func(ctx context.Context, tx graphwarden.Tx) (err error) {
			taken, wait, err = c.rows.TakePlace(ctx, tx, p.owner.budget(), c.holder, p.id)
			if err == nil && !taken {
				return errFull
			}
			return err
		}, p.along.put)
		switch {
		case err == nil || taken || !errors.Is(err, errFull):
			g.shared.budget.waited(p, begun, nil)
			return err
		case wait > 0:
			later := &graphwarden.Later{After: wait, Cause: errPaused}
			if wait == windowStep {
				later.Cause = errSpent // the store's word for a spent window
			}
			g.shared.budget.waited(p, begun, later)
			return later
		}
		timer := time.NewTimer(c.jitter(lookAgain))
		select {
		case <-timer.C:
		case <-waits.Done():
			timer.Stop()
			return overdue(ctx, waits.Err())
		}
	}
}

// errFull says that calls of other processes have all places.
var errFull = errors.New("calls of other processes have all places")

// while gives a context that ends with ctx and with this process's life.
func while(ctx, life context.Context) (context.Context, func()) {
	both, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(life, cancel)
	return both, func() { stop(); cancel() }
}

// over frees a call's place, and has the owner rest if Microsoft asked for it.
func (g *Gate) over(p *plan) func(context.Context, graphwarden.Tx) error {
	if !g.shared.shares(p) {
		return nil
	}
	return func(ctx context.Context, tx graphwarden.Tx) error {
		if !p.restUntil.IsZero() {
			if err := g.shared.cluster.rows.Rest(ctx, tx, p.owner.key(), p.restUntil); err != nil {
				return err
			}
		}
		return g.shared.cluster.rows.GivePlace(ctx, tx, p.id)
	}
}

// settle takes an answer into account, here and for the other processes.
func (g *Gate) settle(p *plan, response *http.Response) time.Duration {
	wait := g.shared.budget.settle(p.owner, response.StatusCode, response.Header)
	if wait > 0 {
		now := g.config.Now()
		p.restUntil = now.Add(wait)
		b := g.shared.budget
		b.mu.Lock()
		b.noteWait(p, graphwarden.AskedToWait, now)
		b.mu.Unlock()
	} else if response.StatusCode < http.StatusBadRequest {
		g.shared.budget.went(p)
	}
	return wait
}
