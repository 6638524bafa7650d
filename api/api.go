package api

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/seal"
)

// Config is what an API is made of. What is nil is not offered.
type Config struct {
	Token  seal.Secret // the operator's; empty: nobody is let in
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
	RotateKey   func(ctx context.Context) (connect.KeyRotation, error)
}

// API answers operators.
type API struct {
	config Config
	table  []route
	mux    *http.ServeMux
	// done ends with the server, before its connections: what streams stops.
	done chan struct{}
}

// New makes an API.
func New(c Config) *API {
	a := &API{config: c, mux: http.NewServeMux(), done: make(chan struct{})}
	a.table = a.routes()
	for _, r := range a.table {
		a.mux.Handle(r.pattern, a.serve(r))
	}
	a.mux.Handle("/", a.serve(route{answer: a.noRoute}))
	return a
}

// routes are all there are. A noun's routes stand in its own file.
func (a *API) routes() []route {
	return slices.Concat(a.statusRoutes(), a.declaredRoutes(), a.feedRoutes(), a.noticeRoutes(), a.healthRoutes(), a.metricRoutes(), a.deliveryRoutes(), a.connectionRoutes())
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

// Run serves on l until ctx ends, lets what is being answered finish, and
// returns when nothing runs any more.
func (a *API) Run(ctx context.Context, l net.Listener) error {
	server := &http.Server{Handler: a, ReadHeaderTimeout: headWait, ReadTimeout: bodyWait, WriteTimeout: answerWait, IdleTimeout: idleWait,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(a.config.Log.Handler(), slog.LevelDebug)}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	var err error
	select {
	case err = <-ended:
		close(a.done)
	case <-ctx.Done():
		close(a.done)
		last, stop := context.WithTimeout(context.WithoutCancel(ctx), lastWait)
		defer stop()
		if server.Shutdown(last) != nil {
			_ = server.Close()
		}
		err = <-ended
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// ServeHTTP answers one request.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }
