package assemble

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/graph"
	"github.com/graphwarden/graphwarden/mirror"
	"github.com/graphwarden/graphwarden/notify"
	"github.com/graphwarden/graphwarden/seal"
)

// Steps names everything that a gateway stores, sends or acknowledges, as
// Outside.Step hears it. What is stored is cut around the commit of its
// transaction, what is sent around the call, and an acknowledgement around the
// moment at which it leaves.
func Steps() []string {
	return []string{
		"act:intent", "act:draft", "act:send", "act:look", "act:outcome", "act:amend", "act:lease", "act:later",
		"attach:begin", "attach:piece", "attach:whole", "attach:look", "attach:add", "attach:session", "attach:put", "attach:stands",
		"roster:ask", "roster:pin",
		"token:lease", "token:obtain", "token:store",
		"gate:decide", "gate:send", "gate:close",
		"keeper:subscribe", "keeper:renew", "keeper:unsubscribe", "keeper:store", "keeper:forget", "keeper:mark",
		"notify:mark", "notify:renew", "notify:forget", "notify:ack",
		"mirror:ask", "mirror:find", "mirror:drop", "mirror:hurry", "mirror:lease",
		"mirror:read", "mirror:page", "mirror:finish", "mirror:empty", "mirror:reset", "mirror:defer",
		"mirror:doubt", "mirror:look", "mirror:later", "mirror:settle",
		"duty:hold", "duty:letgo", "life:free",
		"deliver:sink", "deliver:retire", "deliver:send", "deliver:settle",
		"deliver:acknowledge", "deliver:postpone", "deliver:hurry", "deliver:disable",
		"deliver:bury", "deliver:note", "deliver:put", "deliver:replay", "deliver:told", "deliver:replayed", "deliver:enable",
		"presence:ask", "presence:tell",
		"people:begin", "people:claim", "people:redeem", "people:end", "people:take", "people:put", "people:tell", "people:drop",
	}
}

// step is Outside.Step: it does something that has a name.
type step func(name string, act func() error) error

// stepping has something that gives a value be a step.
func stepping[T any](s step, name string, act func() (T, error)) (value T, err error) {
	err = s(name, func() (err error) { value, err = act(); return err })
	return value, err
}

// steppedDoer sends as a step of a name. Cut after, the other side has answered
// and nobody learns what.
type steppedDoer struct {
	step step
	name string
	next gate.Doer
}

func (d steppedDoer) Do(r *http.Request) (answer *http.Response, err error) {
	err = d.step(d.name, func() (err error) { answer, err = d.next.Do(r); return err })
	if err != nil && answer != nil {
		_ = answer.Body.Close()
		answer = nil
	}
	return answer, err
}

type steppedLedger struct{ gate.Ledger }

func (l steppedLedger) Append(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry) (graphwarden.Entry, error) {
	if e.Kind == graphwarden.Decided {
		tx.Step("gate:decide")
	} else {
		tx.Step("gate:close")
	}
	return l.Ledger.Append(ctx, tx, e)
}

type steppedDirectory struct {
	connect.Directory
	step step
}

func (d steppedDirectory) User(ctx context.Context, reader flow.Flow, name string) (graphwarden.Mailbox, error) {
	return stepping(d.step, "roster:ask", func() (graphwarden.Mailbox, error) { return d.Directory.User(ctx, reader, name) })
}

type steppedPinned struct{ connect.Pinned }

func (p steppedPinned) PinMailbox(ctx context.Context, tx graphwarden.Tx, tenant string, m graphwarden.Mailbox) error {
	tx.Step("roster:pin")
	return p.Pinned.PinMailbox(ctx, tx, tenant, m)
}

type steppedTokens struct {
	connect.Source
	step step
}

func (s steppedTokens) Obtain(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, c entra.Credential, claims entra.Claims) (entra.Token, error) {
	return stepping(s.step, "token:obtain", func() (entra.Token, error) { return s.Source.Obtain(ctx, t, r, c, claims) })
}

func (s steppedTokens) Refresh(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, c entra.Credential, refresh seal.Secret, scopes []string, claims entra.Claims) (entra.Token, error) {
	return stepping(s.step, "token:obtain", func() (entra.Token, error) { return s.Source.Refresh(ctx, t, r, c, refresh, scopes, claims) })
}

type steppedVault struct{ connect.Vault }

func (v steppedVault) PutToken(ctx context.Context, tx graphwarden.Tx, k graphwarden.SealedToken) error {
	tx.Step("token:store")
	return v.Vault.PutToken(ctx, tx, k)
}

type steppedLeases struct{ connect.Leases }

func (l steppedLeases) Hold(ctx context.Context, tx graphwarden.Tx, name, holder string, span time.Duration) (bool, error) {
	tx.Step("token:lease")
	return l.Leases.Hold(ctx, tx, name, holder, span)
}

type steppedSource struct {
	mirror.Source
	step step
}

func (s steppedSource) Calendars(ctx context.Context, f flow.Flow, m graphwarden.Mailbox) ([]graph.Calendar, error) {
	return stepping(s.step, "mirror:ask", func() ([]graph.Calendar, error) { return s.Source.Calendars(ctx, f, m) })
}

func (s steppedSource) Page(ctx context.Context, f flow.Flow, feed graphwarden.Feed) (graphwarden.Page, error) {
	return stepping(s.step, "mirror:read", func() (graphwarden.Page, error) { return s.Source.Page(ctx, f, feed) })
}

// feeds is a name that the interface's own methods leave free.
type feeds = mirror.Feeds

type steppedFeeds struct{ feeds }

func (s steppedFeeds) EnsureFeed(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed) (graphwarden.Feed, error) {
	tx.Step("mirror:find")
	return s.feeds.EnsureFeed(ctx, tx, feed)
}

func (s steppedFeeds) DropFeed(ctx context.Context, tx graphwarden.Tx, feed int64) ([]graphwarden.Change, error) {
	tx.Step("mirror:drop")
	return s.feeds.DropFeed(ctx, tx, feed)
}

func (s steppedFeeds) HurryFeeds(ctx context.Context, tx graphwarden.Tx) error {
	tx.Step("mirror:hurry")
	return s.feeds.HurryFeeds(ctx, tx)
}

type steppedRounds struct{ mirror.Rounds }

func (r steppedRounds) LeaseDueFeed(ctx context.Context, tx graphwarden.Tx, holder string, span time.Duration, busy graphwarden.Busy) (graphwarden.Feed, bool, error) {
	tx.Step("mirror:lease")
	return r.Rounds.LeaseDueFeed(ctx, tx, holder, span, busy)
}

func (r steppedRounds) ApplyPage(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, page graphwarden.Page) ([]graphwarden.Change, error) {
	tx.Step("mirror:page")
	return r.Rounds.ApplyPage(ctx, tx, feed, page)
}

func (r steppedRounds) FinishRound(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, sweepAt time.Time, outside func(json.RawMessage) bool) ([]graphwarden.Change, error) {
	tx.Step("mirror:finish")
	return r.Rounds.FinishRound(ctx, tx, feed, sweepAt, outside)
}

func (r steppedRounds) EmptyRound(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, next graphwarden.Cursor, sweepAt time.Time) error {
	tx.Step("mirror:empty")
	return r.Rounds.EmptyRound(ctx, tx, feed, next, sweepAt)
}

func (r steppedRounds) ResetFeed(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed) error {
	tx.Step("mirror:reset")
	return r.Rounds.ResetFeed(ctx, tx, feed)
}

func (r steppedRounds) DeferFeed(ctx context.Context, tx graphwarden.Tx, feed graphwarden.Feed, until time.Time) error {
	tx.Step("mirror:defer")
	return r.Rounds.DeferFeed(ctx, tx, feed, until)
}

type steppedSubscriptions struct {
	notify.Source
	step step
}

func (s steppedSubscriptions) Subscribe(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, address, clientState string, until time.Time) (graphwarden.Subscription, error) {
	return stepping(s.step, "keeper:subscribe", func() (graphwarden.Subscription, error) {
		return s.Source.Subscribe(ctx, f, m, address, clientState, until)
	})
}

func (s steppedSubscriptions) Renew(ctx context.Context, f flow.Flow, old graphwarden.Subscription, until time.Time) (time.Time, error) {
	return stepping(s.step, "keeper:renew", func() (time.Time, error) { return s.Source.Renew(ctx, f, old, until) })
}

func (s steppedSubscriptions) Unsubscribe(ctx context.Context, f flow.Flow, old graphwarden.Subscription) error {
	return s.step("keeper:unsubscribe", func() error { return s.Source.Unsubscribe(ctx, f, old) })
}

// steppedMarks names what the keeper and the receiver do with the same rows.
type steppedMarks struct {
	notify.Marks
	mark, put, forget string
}

func (m steppedMarks) MarkDirty(ctx context.Context, tx graphwarden.Tx, flow, mailbox string) (int, error) {
	tx.Step(m.mark)
	return m.Marks.MarkDirty(ctx, tx, flow, mailbox)
}

func (m steppedMarks) PutSubscription(ctx context.Context, tx graphwarden.Tx, s graphwarden.Subscription) error {
	tx.Step(m.put)
	return m.Marks.PutSubscription(ctx, tx, s)
}

func (m steppedMarks) DeleteSubscription(ctx context.Context, tx graphwarden.Tx, id string) error {
	if id != "" {
		tx.Step(m.forget)
	}
	return m.Marks.DeleteSubscription(ctx, tx, id)
}

// steppedAck answers 202 as a step that is over when the answer has left.
func steppedAck(s step, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(ackWriter{w, s}, r) })
}

type ackWriter struct {
	http.ResponseWriter
	step step
}

func (w ackWriter) WriteHeader(status int) {
	if status != http.StatusAccepted {
		w.ResponseWriter.WriteHeader(status)
		return
	}
	err := w.step("notify:ack", func() error {
		w.Header().Set("Content-Length", "0")
		w.ResponseWriter.WriteHeader(status)
		return http.NewResponseController(w.ResponseWriter).Flush()
	})
	if err != nil {
		panic(http.ErrAbortHandler) // nobody hears of it
	}
}
