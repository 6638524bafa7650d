package connect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

// codeReaderMissing is the refusal of a tenant in which nobody may look for users.
const codeReaderMissing = "connect.reader_missing"

const (
	// pinAgain is how often groups are read, and names that could not be pinned are
	// tried anew: a new user's mailbox takes minutes to appear.
	pinAgain = 5 * time.Minute
	// followEvery is how often it is looked whether another process has changed
	// what is pinned.
	followEvery = 2 * time.Second
)

// Roster is the list of the flows with the mailboxes that are pinned so far. It
// puts the policy that follows from them in force, so that a mailbox can be
// touched from the moment it is pinned and not before.
type Roster struct {
	readers  map[string]flow.Flow // by tenant
	pinned   Pinned
	users    Directory
	inForce  *policy.InForce
	log      *slog.Logger
	house    []flow.Flow
	declared []flow.Flow

	members Members
	groups  Groups
	people  func(ctx context.Context, flow string) (graphwarden.MailboxScope, error)
	byGroup map[string]flow.Flow // the flows that read groups, by tenant

	following turn  // guards followed
	followed  int64 // the version of the store that was loaded last; -1: none yet

	loading turn // what is read from the store later is published later
	mu      sync.Mutex
	flows   []flow.Flow
	ready   []bool                 // of each declared flow: it was published
	byApp   map[string][]flow.Flow // nil: not asked since the last change
	wake    []func()
}

// RosterConfig is what a roster is made of.
type RosterConfig struct {
	Declared []flow.Flow // mailboxes by name; ids are pinned here
	House    []flow.Flow // the house's own flows, among them one reader for each tenant
	Pinned   Pinned
	Users    Directory
	InForce  *policy.InForce
	Log      *slog.Logger
	// Members and Groups may be nil where no flow names groups.
	Members Members
	Groups  Groups
	// People gives whose mailboxes a flow for people works in; nil where there is none.
	People func(ctx context.Context, flow string) (graphwarden.MailboxScope, error)
}

// NewRoster makes a roster and puts the house's own flows in force, without which
// nothing could be pinned.
func NewRoster(c RosterConfig) (*Roster, error) {
	r := &Roster{
		readers: map[string]flow.Flow{}, pinned: c.Pinned, users: c.Users, inForce: c.InForce,
		log: c.Log, house: c.House, declared: c.Declared, members: c.Members, groups: c.Groups, people: c.People, byGroup: map[string]flow.Flow{}, followed: -1,
		flows: make([]flow.Flow, len(c.Declared)), ready: make([]bool, len(c.Declared)),
	}
	for _, f := range c.House {
		if f.Kind.Name() == flow.Reader().Name() {
			r.readers[f.Tenant] = f
		}
		if f.Kind.Name() == flow.Members().Name() {
			r.byGroup[f.Tenant] = f
		}
	}
	return r, r.publish(nil)
}

// OnChange has f called whenever the roster has changed. It is for the time
// before Run.
func (r *Roster) OnChange(f func()) { r.wake = append(r.wake, f) }

// Flows gives the declared flows with the mailboxes that are pinned.
func (r *Roster) Flows() []flow.Flow {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shown()
}

// FlowsOf is Flows for those of one app, in the order of their names. It is asked at each
// request, and what it gives is not to be changed.
func (r *Roster) FlowsOf(app string) []flow.Flow {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.byApp == nil {
		r.byApp = map[string][]flow.Flow{}
		for _, f := range r.shown() {
			r.byApp[f.App] = append(r.byApp[f.App], f)
		}
		for _, flows := range r.byApp {
			slices.SortFunc(flows, func(x, y flow.Flow) int { return strings.Compare(x.Name, y.Name) })
		}
	}
	return r.byApp[app]
}

// Flow finds a declared flow by name.
func (r *Roster) Flow(name string) (flow.Flow, bool) {
	flows := r.Flows()
	i := slices.IndexFunc(flows, func(f flow.Flow) bool { return f.Name == name })
	if i < 0 {
		return flow.Flow{}, false
	}
	return flows[i], true
}

// Declares says whether the configuration has a flow, whether or not its mailboxes
// are pinned yet.
func (r *Roster) Declares(name string) bool {
	return slices.ContainsFunc(r.declared, func(f flow.Flow) bool { return f.Name == name })
}

// shown are the flows that have been published; the lock is held.
func (r *Roster) shown() []flow.Flow {
	var out []flow.Flow
	for i, f := range r.flows {
		if r.ready[i] {
			out = append(out, f)
		}
	}
	return out
}

// Run pins what is not pinned yet and reads the groups, again and again, until
// ctx ends. One process at a time runs it.
func (r *Roster) Run(ctx context.Context) error {
	for {
		if err := r.Pin(ctx); err != nil && ctx.Err() == nil {
			r.log.Warn("pinning mailboxes", "reason", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pinAgain):
		}
	}
}

// Follow keeps this process's flows and policy as what is pinned in the store,
// whoever pins it, until ctx ends. Every process runs it.
func (r *Roster) Follow(ctx context.Context) error {
	for {
		if err := r.CatchUp(ctx); err != nil && ctx.Err() == nil {
			r.log.Error("reading what is pinned", "reason", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(followEvery):
		}
	}
}

// CatchUp brings this process's flows and policy to what the store has now, which
// costs one small query where nothing has changed.
func (r *Roster) CatchUp(ctx context.Context) error {
	r.following.Lock()
	defer r.following.Unlock()
	version, err := r.version(ctx)
	if err != nil || version == r.followed {
		return err
	}
	if err := r.loadAll(ctx); err != nil {
		return err
	}
	r.followed = version
	return nil
}

func (r *Roster) version(ctx context.Context) (int64, error) {
	if r.members == nil {
		return 0, nil
	}
	return r.members.RosterVersion(ctx)
}

func (r *Roster) loadAll(ctx context.Context) error {
	var troubles []error
	for i := range r.declared {
		troubles = append(troubles, r.load(ctx, i))
	}
	return errors.Join(troubles...)
}

// Pin pins every declared name that is not pinned yet, reads the groups, and
// publishes what it has, each tenant by itself. Names that cannot be pinned are
// left out and come back as errors, joined; the others are not held up by them.
func (r *Roster) Pin(ctx context.Context) error {
	troubles := make([]error, len(r.declared))
	tenants := map[string][]int{}
	for i, f := range r.declared {
		tenants[f.Tenant] = append(tenants[f.Tenant], i)
	}
	var all sync.WaitGroup
	for _, flows := range tenants {
		all.Go(func() {
			for _, i := range flows {
				f := r.declared[i]
				if err := errors.Join(r.pinAll(ctx, f), r.readGroups(ctx, f), r.load(ctx, i), r.tidySkips(ctx, f)); err != nil {
					troubles[i] = fmt.Errorf("flow %s: %w", f.Name, err)
				}
			}
		})
	}
	all.Wait()
	return errors.Join(troubles...)
}

// pinAll pins those of a flow's names that are not.
func (r *Roster) pinAll(ctx context.Context, f flow.Flow) error {
	const atOnce = 8
	places := make(chan struct{}, atOnce)
	troubles := make([]error, len(f.Mailboxes))
	var all sync.WaitGroup
	for i, m := range f.Mailboxes {
		places <- struct{}{}
		all.Go(func() {
			troubles[i] = r.pin(ctx, f, m.UPN, r.users, r.readers[f.Tenant])
			<-places
		})
	}
	all.Wait()
	return errors.Join(troubles...)
}

// pin ties a name to the mailbox that it stands for. What is on disk is not asked
// again: a name that the tenant gives to somebody else stays with the first (R6).
func (r *Roster) pin(ctx context.Context, f flow.Flow, name string, users Directory, reader flow.Flow) error {
	_, known, err := r.pinned.Mailbox(ctx, f.Tenant, name)
	if err != nil || known {
		return err
	}
	var found graphwarden.Mailbox
	if reader.Name == "" {
		err = &graphwarden.Refusal{
			Kind: graphwarden.Invalid, Code: codeReaderMissing,
			Say: fmt.Sprintf("The tenant %s has no registration to find mailboxes with.", f.Tenant),
			Do:  "Name one as its reader; it needs only User.ReadBasic.All. Or let an administrator find them once: graphwarden connect " + f.Tenant + " REGISTRATION --administrator",
		}
	} else {
		found, err = users.User(ctx, reader, name)
	}
	if err != nil {
		r.skip(ctx, graphwarden.Skipped{Flow: f.Name, Tenant: f.Tenant, Mailbox: graphwarden.Mailbox{UPN: name}}, err)
		return err
	}
	err = r.pinned.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if r.members != nil {
			if err := r.members.UnskipMailbox(ctx, tx, f.Name, name); err != nil {
				return err
			}
		}
		return r.pinned.PinMailbox(ctx, tx, f.Tenant, graphwarden.Mailbox{ID: found.ID, UPN: name})
	})
	if err != nil {
		return fmt.Errorf("pinning %s: %w", name, err)
	}
	return nil
}

// publish puts the policy of the flows in force and then shows them; update are
// those that have changed, by their place among the declared.
func (r *Roster) publish(update map[int]flow.Flow) error {
	r.mu.Lock()
	flows, ready, changed := slices.Clone(r.flows), slices.Clone(r.ready), false
	for i, f := range update {
		changed = changed || !ready[i] || flows[i].Whole != f.Whole || !slices.Equal(flows[i].Mailboxes, f.Mailboxes)
		flows[i], ready[i] = f, true
	}
	was, wasReady := r.flows, r.ready
	r.flows, r.ready = flows, ready
	p, err := policy.New(slices.Concat(r.house, r.shown()))
	if err != nil {
		r.flows, r.ready = was, wasReady
		r.mu.Unlock()
		return err
	}
	r.inForce.Replace(p)
	r.byApp = nil
	r.mu.Unlock()
	for _, wake := range r.wake {
		if changed {
			wake()
		}
	}
	return nil
}
