package wire

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Tokens tells who an access token speaks for. An error's text is what Graph
// answers about the token.
type Tokens interface {
	Verify(token string) (world.Caller, error)
}

// Witness takes down what a request really touched. For a request that writes
// it is called inside the request's transaction, for one that reads after it.
type Witness interface {
	Saw(tx *state.Tx, e world.Effect)
}

// Limits holds an app to what Outlook allows for one mailbox. Enter gives the
// way out, or when the app has to wait, how long and for which limit.
type Limits interface {
	Enter(app, mailbox string, now time.Time) (leave func(), wait time.Duration, over string)
}

// Options say what a Kernel works with. All but Log must be given.
type Options struct {
	World   *world.World
	Tokens  Tokens
	Witness Witness
	Limits  Limits
	// Shared says whether reader may see the calendars of owner's mailbox by
	// their own sharing, which delegated tokens go by.
	Shared func(tx *state.Tx, owner, reader string) bool
	// Entry stands around what answers a single request of a $batch; nil adds
	// nothing.
	Entry func(http.Handler) http.Handler
	Log   *slog.Logger
}

// Kernel serves the routes of every family.
type Kernel struct {
	Options
	model   *edm.Model
	catalog *catalog.Catalog
	root    node
	entry   http.Handler // answers a single request of a $batch
}

// New makes a kernel over the families' routes; two routes for one operation
// are an error.
func New(o Options, families ...[]Route) (*Kernel, error) {
	k := &Kernel{Options: o, model: edm.Load(), catalog: catalog.Load()}
	if k.Log == nil {
		k.Log = slog.New(slog.DiscardHandler)
	}
	k.entry = k
	if o.Entry != nil {
		k.entry = o.Entry(k)
	}
	batch := Route{Method: http.MethodPost, Path: "/$batch", AnyToken: true, Own: true, Handle: k.batch}
	for _, routes := range append(families, []Route{batch}) {
		for i := range routes {
			if err := k.lay(&routes[i]); err != nil {
				return nil, fmt.Errorf("laying out the routes: %w", err)
			}
		}
	}
	return k, nil
}

// ServeHTTP answers one request under /v1.0 or /beta.
func (k *Kernel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	version, rest, ok := cutVersion(r.URL.EscapedPath())
	c := k.newCall(r, version)
	var answer Answer
	var err error
	if !ok {
		err = BadRequest("Invalid version: %s", strings.Trim(version, "/"))
	} else if c.Caller, err = k.authenticate(r); err == nil {
		answer, err = k.serve(c, rest)
	}
	k.write(w, c, answer, err)
}

// cutVersion takes the API version off a path.
func cutVersion(path string) (version, rest string, ok bool) {
	for _, v := range []string{"/v1.0", "/beta"} {
		if rest, ok := strings.CutPrefix(path, v); ok && (rest == "" || rest[0] == '/') {
			return v, rest, true
		}
	}
	version, _, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return version, "", false
}

// authenticate reads the bearer token (graph-facts §2.1).
func (k *Kernel) authenticate(r *http.Request) (world.Caller, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || strings.TrimSpace(token) == "" {
		return world.Caller{}, BadToken("Access token is empty.")
	}
	caller, err := k.Tokens.Verify(strings.TrimSpace(token))
	if err != nil {
		return world.Caller{}, badToken(err)
	}
	return caller, nil
}

// serve finds the route and runs it.
func (k *Kernel) serve(c *Call, rawPath string) (Answer, error) {
	if err := k.find(c, rawPath); err != nil {
		return Answer{}, err
	}
	if err := k.readQuery(c); err != nil {
		return Answer{}, err
	}
	if err := k.readBody(c); err != nil {
		return Answer{}, err
	}
	if c.Route.Own {
		return c.Route.Handle(c)
	}
	return k.transact(c)
}

// transact runs the handler in one transaction, so that an error leaves nothing
// behind and what it touched is on record exactly when it happened.
func (k *Kernel) transact(c *Call) (Answer, error) {
	var answer Answer
	within := k.World.Update
	if c.Method == http.MethodGet {
		within = k.World.View
	}
	leave, err := k.enter(c)
	if err != nil {
		return Answer{}, err
	}
	defer leave()
	err = within(func(tx *state.Tx) (err error) {
		c.Tx, c.Now = tx, tx.Now()
		if err := k.admit(c); err != nil {
			return err
		}
		if answer, err = c.Route.Handle(c); err != nil {
			return err
		}
		if answer, err = k.shape(c, answer); err != nil {
			return err
		}
		k.witness(c, answer.Status)
		return nil
	})
	return answer, err
}

// InTransaction runs f as transact runs a handler, for routes with Own: f may
// be called several times with other work between. Write says whether it
// changes anything.
func (c *Call) InTransaction(write bool, f func() error) error {
	within := c.kernel.World.View
	if write {
		within = c.kernel.World.Update
	}
	return within(func(tx *state.Tx) error {
		c.Tx, c.Now = tx, tx.Now()
		if err := c.kernel.admit(c); err != nil {
			return err
		}
		return f()
	})
}

// enter holds the caller to the limits of the mailbox that it wants to touch
// (graph-facts §5: 4 requests at once, 10,000 in 10 minutes per app and mailbox).
// It looks which mailbox that is before the request's own transaction: one that
// waits for its turn to write is under way, too.
func (k *Kernel) enter(c *Call) (func(), error) {
	err := k.World.View(func(tx *state.Tx) error {
		c.Tx, c.Now = tx, tx.Now()
		return k.admit(c)
	})
	if err != nil {
		return nil, err
	}
	if c.Mailbox == "" {
		return func() {}, nil
	}
	leave, wait, over := k.Limits.Enter(c.Caller.AppID, c.Mailbox, c.Now)
	if over != "" {
		return func() {}, overLimit(over, wait)
	}
	return leave, nil
}

// overLimit refuses who is over a limit of a mailbox. For too many calls at once
// Exchange's words are known (graph-facts §5); for too many in ten minutes Microsoft
// documents the code and message that Graph has for throttling in general.
func overLimit(limit string, wait time.Duration) error {
	if limit == "MailboxConcurrency" {
		return Throttled("ApplicationThrottled", "Application is over its MailboxConcurrency limit.", wait)
	}
	return Throttled("TooManyRequests", "Please retry again later.", wait)
}

// witness records what the request touched; a handler that named nothing
// touched the mailbox and the object of its path.
func (k *Kernel) witness(c *Call, status int) {
	if len(c.touched) == 0 {
		c.Touch(c.Mailbox, c.lastKey, effectOf(c.Method))
	}
	for _, e := range c.touched {
		e.Status = status
		k.Witness.Saw(c.Tx, e)
	}
}

func effectOf(method string) world.EffectKind {
	switch method {
	case http.MethodGet:
		return world.Read
	case http.MethodPost:
		return world.Create
	case http.MethodDelete:
		return world.Delete
	}
	return world.Update
}

// refused says on the log what the simulator did not know.
func (k *Kernel) refused(ctx context.Context, c *Call) {
	k.Log.WarnContext(ctx, "not simulated, refused", "method", c.Method, "path", c.Request.URL.Path)
}
