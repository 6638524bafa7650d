package demo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	webhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/graphwarden/graphwarden"
)

// arrival is one delivery that the app took.
type arrival struct {
	app       string
	kind      string // created, updated, deleted
	subject   string
	typ       string // singleInstance, seriesMaster, occurrence, exception
	item      string
	master    string // of an occurrence or exception: its series
	mailbox   string
	calendar  string
	reference string // the app's own
	at        time.Time
}

// receiver is the app: a small web server that checks the signature of what it
// is sent, with the library that Standard Webhooks publishes, and keeps a copy of
// the calendars.
type receiver struct {
	server    *http.Server
	listener  net.Listener
	verifiers map[string]*webhooks.Webhook // by app

	mu       sync.Mutex
	down     bool
	refused  int
	forged   int
	seen     map[string]bool    // delivery ids
	doubles  int                // ids that came again
	twice    int                // events that were created although they were there
	copy     map[string]arrival // by item
	arrivals chan arrival
	// connections are what the app was told of its users' sign-ins.
	connections chan arrival
	record      io.Writer // every envelope as a line, or nil
}

// startReceiver listens on a free port of this machine. Secrets are the apps'
// signing secrets.
func startReceiver(secrets map[string]string, record io.Writer) (*receiver, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the app's receiver: %w", err)
	}
	r := &receiver{listener: l, verifiers: map[string]*webhooks.Webhook{}, seen: map[string]bool{},
		copy: map[string]arrival{}, arrivals: make(chan arrival, 1<<16), connections: make(chan arrival, 1<<10), record: record}
	for app, secret := range secrets {
		if r.verifiers[app], err = webhooks.NewWebhook(secret); err != nil {
			return nil, errors.Join(fmt.Errorf("reading the secret of %s: %w", app, err), l.Close())
		}
	}
	r.server = &http.Server{Handler: r, ReadHeaderTimeout: 10 * time.Second}
	return r, nil
}

// url is where an app's changes are sent.
func (r *receiver) url(app string) string { return "http://" + r.listener.Addr().String() + "/" + app }

// run serves until close.
func (r *receiver) run() error {
	if err := r.server.Serve(r.listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (r *receiver) close() error { return r.server.Close() }

// ServeHTTP takes one delivery.
func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	app := strings.TrimPrefix(q.URL.Path, "/")
	body, err := io.ReadAll(io.LimitReader(q.Body, 4<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.WriteHeader(r.take(app, q.Header, body))
}

// take answers with a status: 503 while the app is down, 401 for what is not
// signed as it should be, 204 for what is kept.
func (r *receiver) take(app string, header http.Header, body []byte) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	verifier := r.verifiers[app]
	switch {
	case r.down:
		r.refused++
		return http.StatusServiceUnavailable
	case verifier == nil || verifier.Verify(body, header) != nil:
		r.forged++
		return http.StatusUnauthorized
	}
	var e graphwarden.Envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return http.StatusBadRequest
	}
	if r.seen[e.ID] {
		r.doubles++
		return http.StatusNoContent
	}
	r.seen[e.ID] = true
	r.keep(app, e)
	if r.record != nil {
		if _, err := fmt.Fprintf(r.record, "%s\n", bytes.TrimSpace(body)); err != nil {
			return http.StatusInternalServerError
		}
	}
	return http.StatusNoContent
}

// keep applies a change to the app's copy.
func (r *receiver) keep(app string, e graphwarden.Envelope) {
	a := arrival{app: app, kind: e.Type[strings.LastIndexByte(e.Type, '.')+1:], item: e.Subject,
		mailbox: e.Data.Mailbox, calendar: e.Data.Calendar, at: time.Now()}
	a.reference = e.Data.Reference
	if strings.HasPrefix(e.Type, "com.graphwarden.connection.") {
		select {
		case r.connections <- a:
		default: // nobody listens to the story so closely
		}
		return
	}
	if a.kind == string(graphwarden.Deleted) {
		gone := r.copy[a.item]
		a.subject, a.typ, a.master = gone.subject, gone.typ, gone.master
		delete(r.copy, a.item)
	} else {
		var item struct{ Subject, Type, SeriesMasterID string }
		if json.Unmarshal(e.Data.Item, &item) == nil {
			a.subject, a.typ, a.master = item.Subject, item.Type, item.SeriesMasterID
		}
		if _, there := r.copy[a.item]; there && a.kind == string(graphwarden.Created) {
			r.twice++
		}
		r.copy[a.item] = a
	}
	if a.subject == "" { // an occurrence is told in full by its master
		a.subject = r.copy[a.master].subject
	}
	select {
	case r.arrivals <- a:
	default: // nobody listens to the story so closely
	}
}

// setDown takes the app down or brings it back, and says how often it was called
// in vain.
func (r *receiver) setDown(down bool) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = down
	n := r.refused
	r.refused = 0
	return n
}

// tally is what the receiver counted.
type tally struct{ taken, doubles, twice, forged, items int }

func (r *receiver) tally() tally {
	r.mu.Lock()
	defer r.mu.Unlock()
	return tally{len(r.seen), r.doubles, r.twice, r.forged, len(r.copy)}
}

// events gives the ids of the events, without masters of series, that the app
// has of a mailbox.
func (r *receiver) events(mailbox string) map[string]bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := map[string]bool{}
	for id, a := range r.copy {
		if strings.EqualFold(a.mailbox, mailbox) && a.typ != "seriesMaster" {
			out[id] = true
		}
	}
	return out
}

// referenceOf is the app's own reference that came with an item.
func (r *receiver) referenceOf(item string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.copy[item].reference
}
