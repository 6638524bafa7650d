package connect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

// pinAgain is how often names that could not be pinned are tried anew: a new
// user's mailbox takes minutes to appear.
const pinAgain = 5 * time.Minute

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

	mu    sync.Mutex
	flows []flow.Flow
	wake  []func()
}

// RosterConfig is what a roster is made of.
type RosterConfig struct {
	Declared []flow.Flow // mailboxes by name; ids are pinned here
	House    []flow.Flow // the house's own flows, among them one reader for each tenant
	Pinned   Pinned
	Users    Directory
	InForce  *policy.InForce
	Log      *slog.Logger
}

// NewRoster makes a roster and puts the house's own flows in force, without which
// nothing could be pinned.
func NewRoster(c RosterConfig) (*Roster, error) {
	r := &Roster{
		readers: map[string]flow.Flow{}, pinned: c.Pinned, users: c.Users, inForce: c.InForce,
		log: c.Log, house: c.House, declared: c.Declared,
	}
	for _, f := range c.House {
		if f.Kind.Name() == flow.Reader().Name() {
			r.readers[f.Tenant] = f
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
	return slices.Clone(r.flows)
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

// Run pins what is not pinned yet, again and again, until ctx ends.
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

// Pin pins every declared name that is not pinned yet and publishes what it has.
// Names that cannot be pinned are left out and come back as errors, joined; the
// others are not held up by them.
func (r *Roster) Pin(ctx context.Context) error {
	var troubles []error
	var flows []flow.Flow
	for _, f := range r.declared {
		pinned, err := r.pinAll(ctx, f, r.users, r.readers[f.Tenant])
		if err != nil {
			troubles = append(troubles, fmt.Errorf("flow %s: %w", f.Name, err))
		}
		flows = append(flows, pinned)
	}
	if err := r.publish(flows); err != nil {
		return err
	}
	return errors.Join(troubles...)
}

// PinBy pins the mailboxes of one tenant's flows as an administrator finds them who
// signed in for that, and publishes what there is then.
func (r *Roster) PinBy(ctx context.Context, tenant string, users Directory, as flow.Flow) (Visit, error) {
	v := Visit{Missing: []string{}}
	seen := map[string]bool{}
	for _, f := range r.declared {
		if f.Tenant != tenant {
			continue
		}
		for _, m := range f.Mailboxes {
			if seen[m.UPN] {
				continue
			}
			seen[m.UPN] = true
			_, err := r.pin(ctx, f, m.UPN, users, as)
			var refusal *graphwarden.Refusal
			switch {
			case err == nil:
				v.Pinned++
			case errors.As(err, &refusal):
				v.Missing = append(v.Missing, m.UPN+": "+refusal.Say)
			default:
				return v, err
			}
		}
	}
	return v, r.republish(ctx)
}

// republish shows what is pinned on disk by now, and asks nobody for the rest.
func (r *Roster) republish(ctx context.Context) error {
	var flows []flow.Flow
	for _, f := range r.declared {
		var known graphwarden.MailboxScope
		for _, m := range f.Mailboxes {
			pinned, has, err := r.pinned.Mailbox(ctx, f.Tenant, m.UPN)
			if err != nil {
				return err
			}
			if has {
				known = append(known, pinned)
			}
		}
		f.Mailboxes = known
		flows = append(flows, f)
	}
	return r.publish(flows)
}

// pinAll gives a flow with those of its mailboxes that could be pinned.
func (r *Roster) pinAll(ctx context.Context, f flow.Flow, users Directory, reader flow.Flow) (flow.Flow, error) {
	const atOnce = 8
	places := make(chan struct{}, atOnce)
	found := make([]graphwarden.Mailbox, len(f.Mailboxes))
	troubles := make([]error, len(f.Mailboxes))
	var all sync.WaitGroup
	for i, m := range f.Mailboxes {
		places <- struct{}{}
		all.Go(func() {
			found[i], troubles[i] = r.pin(ctx, f, m.UPN, users, reader)
			<-places
		})
	}
	all.Wait()
	f.Mailboxes = slices.DeleteFunc(found, func(m graphwarden.Mailbox) bool { return m.ID == "" })
	return f, errors.Join(troubles...)
}

// pin gives the mailbox that a name stands for. What is on disk is not asked
// again: a name that the tenant gives to somebody else stays with the first (R6).
func (r *Roster) pin(ctx context.Context, f flow.Flow, name string, users Directory, reader flow.Flow) (graphwarden.Mailbox, error) {
	m, known, err := r.pinned.Mailbox(ctx, f.Tenant, name)
	if err != nil || known {
		return m, err
	}
	if reader.Name == "" {
		return graphwarden.Mailbox{}, &graphwarden.Refusal{
			Kind: graphwarden.Invalid, Code: "connect.reader_missing",
			Say: fmt.Sprintf("The tenant %s has no registration to find mailboxes with.", f.Tenant),
			Do:  "Name one as its reader; it needs only User.ReadBasic.All. Or let an administrator find them once: graphwarden connect " + f.Tenant + " REGISTRATION --administrator",
		}
	}
	found, err := users.User(ctx, reader, name)
	if err != nil {
		return graphwarden.Mailbox{}, err
	}
	m = graphwarden.Mailbox{ID: found.ID, UPN: name}
	err = r.pinned.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return r.pinned.PinMailbox(ctx, tx, f.Tenant, m)
	})
	if err != nil {
		return graphwarden.Mailbox{}, fmt.Errorf("pinning %s: %w", name, err)
	}
	return m, nil
}

// publish puts the policy of the flows in force and then shows them.
func (r *Roster) publish(flows []flow.Flow) error {
	p, err := policy.New(slices.Concat(r.house, flows))
	if err != nil {
		return err
	}
	r.inForce.Replace(p)
	r.mu.Lock()
	changed := !slices.EqualFunc(r.flows, flows, func(a, b flow.Flow) bool { return slices.Equal(a.Mailboxes, b.Mailboxes) })
	r.flows = flows
	r.mu.Unlock()
	for _, wake := range r.wake {
		if changed {
			wake()
		}
	}
	return nil
}
