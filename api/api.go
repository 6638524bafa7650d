package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/logbook"
	"github.com/graphwarden/graphwarden/seal"
)

// Config is what an API is made of. What is nil is not offered.
type Config struct {
	Token  seal.Secret // the owner's, of operator_token_file; empty: nobody is let in
	Staff  Staff       // the personal tokens of other operators; nil: there are none
	Log    *slog.Logger
	Now    func() time.Time
	Random io.Reader // ids of requests

	Declared   Declared
	Status     func(ctx context.Context) (Status, error)
	Feeds      Feeds
	Notices    Notices
	Conditions []Condition // of being ready
	Metrics    Measure

	Deliveries Deliveries
	Sinks      Sinks // goes with Deliveries

	Connections Connections
	SignIns     SignIns // goes with Connections
	People      People
	RotateKey   func(ctx context.Context) (connect.KeyRotation, error)
	// Restrictions keep registrations to their mailboxes; nil: nobody does.
	Restrictions Restrictions
	// Grants tell what registrations were granted, need and used; nil: nobody does.
	Grants Grants

	// Entries are the ledger's, Logbook the last lines of the log; nil: none is shown.
	Entries Entries
	Logbook *logbook.Book

	// Cursors is what cursors are signed with. An API without it is not made.
	Cursors       seal.Secret
	Configuration Configuration

	// For apps.
	Keys    Doorkeeper
	AppKeys AppKeys            // what operators do with keys
	Flows   func() []flow.Flow // with their mailboxes, as they are now
	// CatchUp has Flows know what was changed elsewhere; it is asked before an app is
	// told that something is not there. nil: they know.
	CatchUp func(ctx context.Context) error
	Tries   Tries
	Reading Reading
	// Following begins to read changes; Shapes says how each flow's are told.
	Following Follows
	Shapes    map[string]deliver.Shape
	Rate      int     // requests of a key in a minute; 0 is usualRate
	Acts      Acts    // writes of apps
	Asks      Asks    // goes with Acts
	Known     Known   // goes with Acts; nil: nobody looks
	Hiding    Hiding  // goes with Known
	Mails     Mails   // goes with Acts
	Intents   Intents // writes as operators see them
	// Presences say who is available; of presence flows.
	Presences Presences
	// Refused is told whom an answer was denied, for the ledger.
	Refused func(d Denial)
	// Record writes down what an operator asks that may change something, before it
	// is done; nil: nobody does.
	Record Recorder
}

// API answers operators at one address and apps at another: each a face with its
// part of one table of routes.
type API struct {
	config Config
	// Operators and Apps answer requests.
	Operators, Apps http.Handler
	operators, apps *face
	// done ends with the servers, before their connections: what streams stops.
	done chan struct{}
	left sync.Once // done was closed
}

// New makes an API.
func New(c Config) *API {
	if c.Cursors.Empty() {
		panic("an API needs a secret to sign cursors with") // a programmer's mistake: anybody could make cursors
	}
	a := &API{config: c, done: make(chan struct{})}
	all := a.routes()
	a.operators, a.apps = newFace(a, false, all), newFace(a, true, all)
	a.Operators, a.Apps = a.operators, a.apps
	return a
}

// routes are all there are. A noun's routes stand in its own file.
func (a *API) routes() []route {
	return slices.Concat(a.statusRoutes(), a.declaredRoutes(), a.feedRoutes(), a.noticeRoutes(), a.healthRoutes(), a.metricRoutes(), a.deliveryRoutes(), a.connectionRoutes(), a.configurationRoutes(),
		a.keyRoutes(), a.describeRoutes(), a.explainRoutes(), a.mailboxRoutes(), a.readingRoutes(), a.newsRoutes(), a.peopleRoutes(), a.restrictionRoutes(), a.grantRoutes(), a.tenantAppRoutes(), a.eventRoutes(), a.mailRoutes(), a.writeRoutes(), a.presenceRoutes(), a.activityRoutes(), a.operatorRoutes())
}

// The waits and sizes that requests are held to. A stream has no end of its own.
const (
	headWait   = 10 * time.Second
	bodyWait   = 30 * time.Second
	answerWait = time.Minute
	idleWait   = 2 * time.Minute
	lastWait   = 3 * time.Second // for answers under way when the server ends
	largest    = 1 << 20         // bytes of a request's body
)

// Served is a handler and where it answers.
type Served struct {
	Listener net.Listener
	Handler  http.Handler
}

// Run serves at every place until ctx ends or one of them breaks, lets what is
// being answered finish, and returns when nothing runs any more.
func (a *API) Run(ctx context.Context, places ...Served) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ended := make(chan error, len(places))
	var servers []*http.Server
	for _, p := range places {
		server := &http.Server{Handler: apart(p.Handler), ReadHeaderTimeout: headWait, ReadTimeout: bodyWait, WriteTimeout: answerWait, IdleTimeout: idleWait,
			MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.config.Log.Handler(), slog.LevelDebug)}
		servers = append(servers, server)
		go func() {
			ended <- server.Serve(p.Listener)
			stop()
		}()
	}
	<-ctx.Done()
	a.Leave()
	last, over := context.WithTimeout(context.WithoutCancel(ctx), lastWait)
	defer over()
	for _, server := range servers {
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
	}
	var broken error
	for range servers {
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			broken = errors.Join(broken, err)
		}
	}
	return broken
}

// apart ends the connection behind a request whose body came in chunks. Beside these
// there may have stood a length, which net/http forgets: who goes by that, such as a
// proxy in front, finds the next request elsewhere (RFC 9112, section 6.1).
func apart(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if len(r.TransferEncoding) > 0 {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}
