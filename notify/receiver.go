package notify

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/graphwarden/graphwarden"
)

const (
	// Path is where Microsoft sends notifications of both sorts.
	Path = "/hooks/graph"

	bodyLimit = 1 << 20 // a batch of notifications without resource data is smaller
	// batchLimit is more notifications than fit the body limit if they are Microsoft's.
	batchLimit = 5000
	tokenLimit = 2 << 10
	// answerWithin keeps an answer inside the three seconds after which Microsoft
	// calls an endpoint slow (graph-facts §4.4); what is not on disk by then is
	// refused, and Microsoft sends it again.
	answerWithin = 2 * time.Second
	// atMost is how many batches are taken in together: more than the disk is ever
	// behind with while it works, and a bound on memory while it does not.
	atMost = 512
)

// Receiver is the http.Handler that Microsoft's notifications arrive at.
type Receiver struct {
	store  Store
	marks  Marks
	log    *slog.Logger
	marked func() // feeds have become due
	lapsed func() // a subscription needs attention
	places chan struct{}
	timed  http.Handler

	genuine, strange, unstored atomic.Int64
}

// NewReceiver makes a receiver. It calls marked when feeds have become due and
// lapsed when a subscription needs attention; neither may block.
func NewReceiver(store Store, marks Marks, log *slog.Logger, marked, lapsed func()) *Receiver {
	r := &Receiver{store: store, marks: marks, log: log, marked: marked, lapsed: lapsed, places: make(chan struct{}, atMost)}
	r.timed = http.TimeoutHandler(http.HandlerFunc(r.answer), answerWithin, notStored)
	return r
}

const notStored = "not stored, send again"

// notification is one item of what Microsoft posts (graph-facts §4.4, §4.5).
type notification struct {
	SubscriptionID string `json:"subscriptionId"`
	ClientState    string `json:"clientState"`
	Lifecycle      string `json:"lifecycleEvent"`
}

// ServeHTTP answers the handshake, or takes notifications in: 202 once their
// marks are on disk, 503 when the disk does not take them in time.
func (r *Receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	r.timed.ServeHTTP(w, request)
}

func (r *Receiver) answer(w http.ResponseWriter, request *http.Request) {
	if request.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "only POST", http.StatusMethodNotAllowed)
		return
	}
	if query := request.URL.Query(); query.Has("validationToken") {
		shake(w, query.Get("validationToken"))
		return
	}
	select {
	case r.places <- struct{}{}:
		defer func() { <-r.places }()
	default:
		http.Error(w, notStored, http.StatusServiceUnavailable)
		return
	}
	var batch struct {
		Value []notification `json:"value"`
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, request.Body, bodyLimit))
	if err := decoder.Decode(&batch); err != nil || len(batch.Value) > batchLimit {
		http.Error(w, "not a batch of notifications", http.StatusBadRequest)
		return
	}
	genuine, err := r.take(request.Context(), batch.Value)
	if err != nil {
		r.unstored.Add(int64(len(batch.Value)))
		r.log.Error("taking notifications in", "count", len(batch.Value), "reason", err)
		http.Error(w, notStored, http.StatusServiceUnavailable)
		return
	}
	r.genuine.Add(int64(genuine))
	w.WriteHeader(http.StatusAccepted)
}

// shake answers the handshake: the token as plain text, and nothing that a
// browser could take for anything else (§4.3).
func shake(w http.ResponseWriter, token string) {
	if token == "" || len(token) > tokenLimit {
		http.Error(w, "not a validation token", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = io.WriteString(w, html.EscapeString(token)) // who does not read the answer asks again
}

// take stores what the genuine ones of some notifications mean, in one
// transaction, and says how many those are. If we crash before it is on disk,
// Microsoft has no answer and sends them again.
func (r *Receiver) take(ctx context.Context, all []notification) (genuine int, err error) {
	meant, err := r.read(ctx, all)
	if err != nil || meant.empty() {
		return 0, err
	}
	err = r.store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return r.apply(ctx, tx, meant)
	})
	if err != nil {
		return 0, fmt.Errorf("marking %d mailboxes: %w", len(meant.dirty), err)
	}
	return meant.genuine, nil
}

// meaning is what a batch comes down to.
type meaning struct {
	dirty map[owner]bool
	renew map[string]graphwarden.Subscription
	gone  map[string]bool

	genuine int // notifications
}

// owner is a mailbox in a flow.
type owner struct{ flow, mailbox string }

func (m meaning) empty() bool { return len(m.dirty)+len(m.renew)+len(m.gone) == 0 }

// read sorts out what a batch means. What does not carry the client state of the
// subscription that it names was not sent by Microsoft, or belongs to a
// subscription that we do not know: it means nothing, and the sender is not told.
func (r *Receiver) read(ctx context.Context, all []notification) (meaning, error) {
	m := meaning{dirty: map[owner]bool{}, renew: map[string]graphwarden.Subscription{}, gone: map[string]bool{}}
	found := map[string]graphwarden.Subscription{}
	foreign := 0
	for _, n := range all {
		s, looked := found[n.SubscriptionID]
		if !looked {
			var err error
			if s, _, err = r.marks.SubscriptionByID(ctx, n.SubscriptionID); err != nil {
				return meaning{}, fmt.Errorf("finding a subscription: %w", err)
			}
			found[n.SubscriptionID] = s
		}
		if s.ClientState == "" || subtle.ConstantTimeCompare([]byte(s.ClientState), []byte(n.ClientState)) != 1 {
			foreign++
			continue
		}
		m.genuine++
		switch n.Lifecycle {
		case "reauthorizationRequired":
			m.renew[s.ID] = s
		case "subscriptionRemoved":
			m.gone[s.ID] = true
			m.dirty[owner{s.Flow, s.Mailbox.ID}] = true
		default: // a change, or "missed"
			m.dirty[owner{s.Flow, s.Mailbox.ID}] = true
		}
	}
	r.strange.Add(int64(foreign))
	if foreign > 0 { // one line, however much a stranger sends
		r.log.Warn("notifications are not ours", "count", foreign, "of", len(all))
	}
	return m, nil
}

func (r *Receiver) apply(ctx context.Context, tx graphwarden.Tx, m meaning) error {
	for o := range m.dirty {
		if _, err := r.marks.MarkDirty(ctx, tx, o.flow, o.mailbox); err != nil {
			return err
		}
	}
	for id := range m.renew {
		if err := r.marks.HastenSubscription(ctx, tx, id); err != nil {
			return err
		}
	}
	for id := range m.gone {
		if err := r.marks.DeleteSubscription(ctx, tx, id); err != nil {
			return err
		}
	}
	if len(m.dirty) > 0 {
		tx.AfterCommit(r.marked)
	}
	if len(m.renew)+len(m.gone) > 0 {
		tx.AfterCommit(r.lapsed)
	}
	return nil
}
