package gate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/outbound"
	"github.com/graphwarden/graphwarden/seal"
)

// Config is what a gate is made of; every field is needed except Bearer, and Doer
// where each route has its own.
type Config struct {
	Decider Decider
	Routes  map[string]Route // by flow name; not changed afterwards
	Bearer  Bearer           // nil for a gate that only Entra's calls pass
	Ledger  Ledger
	Store   Store
	Doer    Doer
	Now     func() time.Time
	Random  io.Reader // call ids and jitter; read by one goroutine at a time
	// Cluster keeps the budgets that this process, called Holder, shares with
	// others; nil: it is alone.
	Cluster Cluster
	Holder  string
}

// Gate sends calls to Microsoft. It may be used by any number of goroutines.
type Gate struct {
	config Config
	shared *shared
}

// shared is what a gate and those made from it have in common.
type shared struct {
	budget  *budget
	cluster *cluster    // nil: this process is alone
	sick    atomic.Bool // the ledger did not take the last entry
	mu      sync.Mutex  // guards random
	random  io.Reader
}

// New makes a gate.
func New(c Config) *Gate {
	s := &shared{random: c.Random}
	s.budget = &budget{now: c.Now, jitter: s.jitter, buckets: map[owner]*bucket{}}
	if c.Cluster != nil {
		s.cluster = &cluster{rows: c.Cluster, store: c.Store, holder: c.Holder, now: c.Now, jitter: s.jitter}
	}
	return &Gate{config: c, shared: s}
}

// With gives a gate that lends the tokens of b and shares all else with g. The
// room that obtains tokens works through g, so it cannot be asked for them here.
func (g *Gate) With(b Bearer) *Gate {
	c := g.config
	c.Bearer = b
	return &Gate{config: c, shared: g.shared}
}

// Do performs a call. Besides what Microsoft answers there are three outcomes: a
// *graphwarden.Refusal, a *graphwarden.Later when the budget says not now, and
// whatever the token's custody or the ledger say. If we crash after the decision
// is on disk and before the close, the ledger shows a call whose outcome is
// unknown; there is no call without a decision.
func (g *Gate) Do(ctx context.Context, c Call) (*Answer, error) {
	ctx, along := taken(ctx)
	id, err := g.shared.newID()
	if err != nil {
		return nil, fmt.Errorf("making a call id: %w", err)
	}
	route := g.config.Routes[c.Flow]
	if route.People {
		route.Registration = route.Registration.For(c.Mailbox)
	}
	plan, decision := g.judge(ctx, c, route)
	if decision.Allowed {
		if decision, err = g.own(ctx, c, route, decision); err != nil {
			return nil, fmt.Errorf("%s: %w", c.Operation.Name(), err)
		}
	}
	if !decision.Allowed {
		entry := g.entry(ctx, id, c, route, decision)
		if err := g.record(ctx, &entry); err != nil {
			return nil, err
		}
		return nil, denied(decision)
	}
	plan.id, plan.entry, plan.along = id, g.entry(ctx, id, c, route, decision), along
	begun := g.config.Now()
	waits, stop := g.patience(ctx)
	err = overdue(ctx, g.shared.budget.enter(waits, plan.owner, c.App))
	stop()
	g.shared.budget.waited(plan, begun, err)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", c.Operation.Name(), err)
	}
	answer, err := g.perform(ctx, plan)
	if err != nil {
		plan.end()
		g.shared.budget.leave(plan.owner)
		return nil, fmt.Errorf("%s: %w", c.Operation.Name(), err)
	}
	return answer, nil
}

// Judge gives the decision that Do would come to, and makes no call: neither is it
// recorded, nor is anything sent. Whose mailbox a connection for a person may touch is
// known only once that person has signed in, and not judged here.
func (g *Gate) Judge(ctx context.Context, c Call) graphwarden.Decision {
	_, d := g.judge(ctx, c, g.config.Routes[c.Flow])
	return d
}

// judge asks the policy, and refuses also what is permitted by name but whose
// path, link or body would reach something else.
func (g *Gate) judge(ctx context.Context, c Call, route Route) (*plan, graphwarden.Decision) {
	in := g.circumstances(ctx, c, route)
	decision := g.config.Decider.Judge(c.App, c.Flow, c.Operation, c.Mailbox, in)
	if !decision.Allowed {
		return nil, decision
	}
	for _, part := range c.Also {
		if d := g.config.Decider.Judge(c.App, c.Flow, part.Operation, part.Mailbox, in); !d.Allowed {
			return nil, d
		}
	}
	for _, other := range c.Others {
		if d := g.config.Decider.Judge(c.App, c.Flow, c.Operation, other.ID, in); !d.Allowed {
			return nil, d
		}
	}
	if err := errors.Join(c.Operation.Judge(c.Mailbox, c.Body), c.Operation.JudgeOthers(c.Others, c.Body)); err != nil {
		return nil, graphwarden.Decision{Rule: ruleBody, Reason: "The body names something else than the call: " + err.Error()}
	}
	target, err := address(c, route.Tenant.Cloud)
	switch {
	case errors.Is(err, errForeign):
		return nil, graphwarden.Decision{Rule: ruleLink, Reason: "A link leads away from the call that it came from."}
	case err != nil:
		return nil, graphwarden.Decision{Rule: ruleAddress, Reason: "The call has no address: " + err.Error()}
	}
	return &plan{call: c, route: route, target: target, owner: owner{
		origin:  target.Scheme + "://" + target.Host,
		client:  route.Tenant.ID + "/" + route.Registration.ClientID,
		mailbox: c.Mailbox,
	}}, decision
}

// own refuses a call of a connection that acts for a person on anybody else's
// mailbox, whatever was shared with that person: only the signed-in person's own
// is ever touched. Before anybody has signed in, the token's custody says so.
func (g *Gate) own(ctx context.Context, c Call, route Route, d graphwarden.Decision) (graphwarden.Decision, error) {
	whose, knows := g.config.Bearer.(Whose)
	switch {
	case route.People && c.Mailbox == "":
		return graphwarden.Decision{Rule: ruleAccount, Reason: "The flow works in people's own mailboxes, and the call names none."}, nil
	case !knows || c.Mailbox == "" || !route.Registration.Mode.Delegated():
		return d, nil
	}
	account, err := whose.Account(ctx, route.Registration)
	foreign := func(m graphwarden.Mailbox) bool { return m.ID != account }
	if err != nil || account == "" || account == c.Mailbox && !slices.ContainsFunc(c.Others, foreign) {
		return d, err
	}
	return graphwarden.Decision{Rule: ruleAccount, Reason: "The connection acts for a person, and the mailbox is somebody else's."}, nil
}

// perform sends what was decided; a token that Microsoft refuses is renewed once,
// and so is an old one that is not allowed the call.
func (g *Gate) perform(ctx context.Context, p *plan) (*Answer, error) {
	token, err := g.token(ctx, p)
	if err != nil {
		return nil, err
	}
	status := 0
	response, err := g.first(ctx, p, token)
	if err == nil && response.StatusCode == http.StatusUnauthorized && !token.Empty() {
		status = response.StatusCode
		response, err = g.again(ctx, p, token, response)
	} else if err == nil && response.StatusCode == http.StatusForbidden && g.aged(p, token) {
		response, err = g.denied(ctx, p, token, response)
	}
	if err != nil && p.recorded {
		g.close(ctx, p, status, 0, reason(err))
	}
	if err != nil {
		return nil, err
	}
	wait := g.settle(p, response)
	return &Answer{
		Status: response.StatusCode,
		Header: response.Header,
		Body:   &body{ReadCloser: response.Body, gate: g, plan: p, status: response.StatusCode, ctx: ctx},
		Wait:   wait,
	}, nil
}

// token borrows the token of the call's registration; calls to Entra and to upload
// sessions carry none.
func (g *Gate) token(ctx context.Context, p *plan) (seal.Secret, error) {
	if api := p.call.Operation.API(); api == flow.Login || api == flow.Session {
		return seal.Secret{}, nil
	}
	if g.config.Bearer == nil {
		return seal.Secret{}, fmt.Errorf("this gate lends no tokens")
	}
	return g.config.Bearer.Bearer(ctx, p.route.Registration)
}

// first sends the request together with its decision's way to the disk. A write
// waits for the disk, and so do a call that something goes along with and one that needs a place among those of other
// processes. A read's answer does, while the two go on at once; but after the
// ledger has once not taken an entry, reads wait like writes until it does again,
// so that nothing is sent past a ledger known to be ill.
func (g *Gate) first(ctx context.Context, p *plan, token seal.Secret) (*http.Response, error) {
	var err error
	switch {
	case g.shared.shares(p):
		err = g.admit(ctx, p)
	case p.call.Operation.Writes(), p.along != nil, g.shared.sick.Load():
		err = g.record(ctx, &p.entry, p.along.put)
	default:
		return g.together(ctx, p, token)
	}
	if err != nil {
		return nil, err
	}
	p.recorded = true
	p.along.done()
	return g.send(ctx, p, token)
}

// together sends a read while its decision goes to the disk.
func (g *Gate) together(ctx context.Context, p *plan, token seal.Secret) (*http.Response, error) {
	var recording error
	var both sync.WaitGroup
	both.Go(func() { recording = g.record(ctx, &p.entry) })
	response, err := g.send(ctx, p, token)
	both.Wait()
	if recording != nil && err == nil {
		response.Body.Close()
	}
	if recording != nil {
		return nil, recording
	}
	p.recorded = true
	return response, err
}

// again repeats a call with a new token, as the same call of the ledger.
func (g *Gate) again(ctx context.Context, p *plan, stale seal.Secret, refused *http.Response) (*http.Response, error) {
	fresh, err := g.config.Bearer.Renew(ctx, p.route.Registration, stale, strings.Join(refused.Header.Values("WWW-Authenticate"), ", "))
	if err != nil {
		refused.Body.Close()
		return nil, err
	}
	if fresh.Equal(stale) {
		return refused, nil
	}
	refused.Body.Close()
	if err := g.shared.budget.charge(p.owner); err != nil {
		return nil, err
	}
	return g.send(ctx, p, fresh)
}

// aged says whether a new token may be allowed what this one was not.
func (g *Gate) aged(p *plan, token seal.Secret) bool {
	ages, knows := g.config.Bearer.(Ages)
	return knows && !token.Empty() && ages.Aged(p.route.Registration, token)
}

// denied repeats a call that was denied with a new token. Where there is none, the
// denial is the answer.
func (g *Gate) denied(ctx context.Context, p *plan, old seal.Secret, refused *http.Response) (*http.Response, error) {
	fresh, err := g.config.Bearer.Renew(ctx, p.route.Registration, old, "")
	if err != nil || fresh.Equal(old) {
		return refused, nil
	}
	if g.shared.budget.charge(p.owner) != nil {
		return refused, nil
	}
	refused.Body.Close()
	return g.send(ctx, p, fresh)
}

func (g *Gate) send(ctx context.Context, p *plan, token seal.Secret) (*http.Response, error) {
	ctx, left := leaving(p.within(ctx), p.call.Operation.Writes())
	request, err := p.request(ctx)
	if err != nil {
		return nil, err
	}
	if !token.Empty() {
		token.Attach(request)
	}
	doer := p.route.Doer
	if doer == nil {
		doer = g.config.Doer
	}
	response, err := doer.Do(request)
	if err != nil {
		return nil, left.lost(outbound.Explain(err, request.URL.Host))
	}
	p.answered = requestID(response.Header)
	return response, nil
}
