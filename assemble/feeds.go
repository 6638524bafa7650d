package assemble

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/duty"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/mirror"
	"github.com/graphwarden/graphwarden/outbound"
)

// readers is how many feeds are read at once; a tenant alone gets half of them.
const readers = 16

// directory asks the reader of a tenant.
type directory struct {
	graph *graph.Graph
	house []flow.Flow
}

func (d directory) Person(ctx context.Context, tenant, id string) (graph.Person, error) {
	for _, f := range d.house {
		if f.Tenant == tenant && f.Kind.Name() == flow.Reader().Name() {
			return d.graph.Person(ctx, f, id)
		}
	}
	return graph.Person{}, fmt.Errorf("the tenant %s has no reader", tenant)
}

// once has one process of all do something until ctx ends.
func (g *Graphwarden) once(name string, do func(context.Context) error) func(context.Context) error {
	d := duty.Duty{Store: steppedDuties{g.Store}, Name: name, Holder: g.self, Log: g.log}
	return func(ctx context.Context) error { return d.Run(ctx, do) }
}

type steppedDuties struct{ duty.Store }

func (d steppedDuties) Hold(ctx context.Context, tx graphwarden.Tx, name, holder string, span time.Duration) (bool, error) {
	tx.Step("duty:hold")
	return d.Store.Hold(ctx, tx, name, holder, span)
}

func (d steppedDuties) LetGo(ctx context.Context, tx graphwarden.Tx, name, holder string) error {
	tx.Step("duty:letgo")
	return d.Store.LetGo(ctx, tx, name, holder)
}

func (s steppedSource) Event(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (graph.Sight, error) {
	return stepping(s.step, "mirror:look", func() (graph.Sight, error) { return s.Source.Event(ctx, f, m, id) })
}

func (s steppedSource) HasCalendar(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string) (bool, error) {
	return stepping(s.step, "mirror:ask", func() (bool, error) { return s.Source.HasCalendar(ctx, f, m, id) })
}

func (m steppedMarks) HastenSubscription(ctx context.Context, tx graphwarden.Tx, id string) error {
	tx.Step(m.put)
	return m.Marks.HastenSubscription(ctx, tx, id)
}

type steppedRemovals struct{ mirror.Removals }

func (r steppedRemovals) LeaseRemovals(ctx context.Context, tx graphwarden.Tx, holder string, busy graphwarden.Busy, span time.Duration, limit int) ([]graphwarden.Removal, error) {
	tx.Step("mirror:doubt")
	return r.Removals.LeaseRemovals(ctx, tx, holder, busy, span, limit)
}

func (r steppedRemovals) SettleRemoval(ctx context.Context, tx graphwarden.Tx, held graphwarden.Removal, v graphwarden.Verdict, told []byte) ([]graphwarden.Change, error) {
	tx.Step("mirror:settle")
	return r.Removals.SettleRemoval(ctx, tx, held, v, told)
}

func (r steppedRemovals) DeferRemoval(ctx context.Context, tx graphwarden.Tx, held graphwarden.Removal, until time.Time) error {
	tx.Step("mirror:later")
	return r.Removals.DeferRemoval(ctx, tx, held, until)
}

func (s steppedSubscriptions) Remove(ctx context.Context, keeper flow.Flow, id string) error {
	return s.step("keeper:unsubscribe", func() error { return s.Source.Remove(ctx, keeper, id) })
}

// houseFeeds adds the house's flows that feeds need: one that looks after the
// subscriptions of each registration that a flow uses, and one that reads groups
// where a flow names some.
func (d *declared) houseFeeds(registrations []graphwarden.Registration) {
	for _, r := range registrations {
		used := func(f flow.Flow) bool { return f.Tenant == r.Tenant && f.Registration == r.Name }
		grouped := func(f flow.Flow) bool { return f.Tenant == r.Tenant && len(f.Groups) > 0 }
		if slices.ContainsFunc(d.flows, used) {
			d.house = append(d.house, flow.ForKeeper(r))
		}
		if r.Name == registrationName(r.Tenant, readerName) && slices.ContainsFunc(d.flows, grouped) {
			d.house = append(d.house, flow.ForMembers(r))
		}
	}
}

// probe asks a notification address as Microsoft does before it makes a
// subscription (graph-facts §4.3).
func probe(client interface {
	Do(*http.Request) (*http.Response, error)
}) func(ctx context.Context, address string) error {
	return func(ctx context.Context, address string) error {
		const token = "graphwarden-asks-itself & is answered"
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"?validationToken="+url.QueryEscape(token), nil)
		if err != nil {
			return err
		}
		r.Header.Set("Content-Type", "text/plain; charset=utf-8")
		answer, err := client.Do(r)
		if err != nil {
			err = outbound.Explain(err, r.URL.Host)
		} else {
			defer answer.Body.Close()
			var body []byte
			body, err = io.ReadAll(io.LimitReader(answer.Body, 4096))
			if err == nil && answer.StatusCode == http.StatusOK && strings.Contains(string(body), "graphwarden-asks-itself") {
				return nil
			}
			err = errors.Join(err, fmt.Errorf("it answered %d", answer.StatusCode))
		}
		why := err.Error()
		var refusal *graphwarden.Refusal
		if errors.As(err, &refusal) {
			why = refusal.Say
		}
		return &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "notify.address_unanswered", Cause: err,
			Say: fmt.Sprintf("Nothing of Graphwarden's answers at %s as Microsoft would ask it: %s.", address, strings.TrimSuffix(why, ".")),
			Do:  "Check public_url, DNS, the proxy in front and its certificate. If the address is only reachable from outside, ignore this; feeds are swept either way."}
	}
}

// feedRooms are what runs for the feeds: what every process does, and what one
// process of all does.
func (g *Graphwarden) feedRooms() []func(context.Context) error {
	return []func(context.Context) error{
		g.Roster.Follow, g.keeper.Follow, g.mirror.Run,
		g.once("roster", g.Roster.Run), g.once("keeper", g.keeper.Run), g.once("find", g.mirror.Find), g.once("prune", g.mirror.Prune),
		g.once("presence", g.presence.Run),
	}
}
