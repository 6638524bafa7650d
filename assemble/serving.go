package assemble

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/notify"
)

// errReplaced ends the rooms of a configuration that another took the place of:
// they begin nothing new, and what is under way is finished.
var errReplaced = errors.New("another configuration took its place")

// Serving runs a Graphwarden and takes new configurations while it runs. The
// database and the addresses stay; everything else is made anew beside the old,
// which finishes what it has begun. Two that overlap are to each other what two
// processes of a cluster are: leases keep them apart.
type Serving struct {
	outside Outside
	taking  sync.Mutex // one takes at a time

	swap sync.RWMutex // held for writing while now changes
	now  *Graphwarden

	replaced chan *Graphwarden
}

// NewServing makes what runs g, which Build gave with the same Outside.
func NewServing(g *Graphwarden, o Outside) *Serving {
	s := &Serving{outside: o.withDefaults(), now: g, replaced: make(chan *Graphwarden)}
	g.takes(s)
	return s
}

// Now is the Graphwarden of the configuration in force.
func (s *Serving) Now() *Graphwarden {
	s.swap.RLock()
	defer s.swap.RUnlock()
	return s.now
}

// Run runs the rooms until ctx ends or one of them breaks, and waits for all.
func (s *Serving) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	g := s.Now()
	if err := g.noteApplied(ctx, "graphwarden serve"); err != nil {
		if ctx.Err() != nil {
			return nil // it was told to end before it had begun
		}
		return err
	}
	ended := make(chan error, 8)
	faces := s.faces(g)
	for _, run := range faces {
		go func() { ended <- run(ctx) }()
	}
	lives := len(faces) + 1
	life, end := context.WithCancelCause(ctx)
	go func() { ended <- g.live(life) }()
	var broken error
	for lives > 0 {
		select {
		case next := <-s.replaced:
			end(errReplaced)
			g.rests()
			g = next
			life, end = context.WithCancelCause(ctx)
			lives++
			go func() { ended <- next.live(life) }()
		case err := <-ended:
			lives--
			if errors.Is(err, errReplaced) {
				continue // it has finished
			}
			if err != nil && !errors.Is(err, http.ErrServerClosed) && ctx.Err() == nil {
				broken = errors.Join(broken, err)
			}
			stop()
		}
	}
	end(nil)
	return broken
}

// faces are the servers, which stay whatever configuration is taken.
func (s *Serving) faces(g *Graphwarden) []func(context.Context) error {
	server := &http.Server{Handler: s.with(func(g *Graphwarden) http.Handler { return g.face }), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second,
		IdleTimeout: time.Minute, ErrorLog: slog.NewLogLogger(s.outside.Log.Handler(), slog.LevelDebug)}
	out := []func(context.Context) error{
		func(context.Context) error { return server.Serve(g.listener) },
		func(ctx context.Context) error { <-ctx.Done(); return server.Close() }}
	if g.api != nil {
		out = append(out, func(ctx context.Context) error {
			// What streams is of the API in force, which may be another by then.
			defer context.AfterFunc(ctx, func() {
				if now := s.Now().api; now != nil {
					now.Leave()
				}
			})()
			return g.api.Run(ctx, s.served(g)...)
		})
	}
	return out
}

// with answers each request with what the configuration in force has for it.
func (s *Serving) with(pick func(*Graphwarden) http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.swap.RLock()
		g := s.now
		g.answering.Add(1)
		s.swap.RUnlock()
		defer g.answering.Done()
		pick(g).ServeHTTP(w, r)
	})
}

// served are the faces of operators and apps, each with its address.
func (s *Serving) served(g *Graphwarden) (list []api.Served) {
	if g.operate != nil {
		list = append(list, api.Served{Listener: g.operate, Handler: s.with(func(g *Graphwarden) http.Handler { return g.api.Operators })})
	}
	if g.apps != nil {
		list = append(list, api.Served{Listener: g.apps, Handler: s.with(func(g *Graphwarden) http.Handler { return g.forApps })})
	}
	return list
}

// notifications is what answers at the address that Microsoft calls.
func (g *Graphwarden) notifications() http.Handler {
	mux := http.NewServeMux()
	mux.Handle(notify.Path, g.receiver)
	mux.Handle("GET "+connect.ConsentPath, g.desk)
	mux.Handle("GET "+connect.SignedInPath, g.Reception)
	mux.HandleFunc("GET /readyz", g.ready)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	return mux
}

// lastAnswers bounds how long answers are waited for that are still being given
// when their configuration has ended.
const lastAnswers = time.Minute

// live runs the rooms of one configuration until its life ends or one breaks. The
// gate goes on until the answers that were begun are given.
func (g *Graphwarden) live(life context.Context) error {
	working, stop := context.WithCancel(life)
	defer stop()
	open, shut := context.WithCancel(context.WithoutCancel(life))
	defer shut()
	gate := make(chan error, 1)
	go func() { gate <- g.gate.Run(open) }()
	rooms := g.rooms()
	ended := make(chan error, len(rooms))
	for _, run := range rooms {
		go func() { ended <- run(working) }()
	}
	var broken error
	for range rooms {
		if err := <-ended; err != nil && working.Err() == nil {
			broken = errors.Join(broken, err)
		}
		stop()
	}
	g.leave(context.WithoutCancel(life))
	close(g.resting)
	if errors.Is(context.Cause(life), errReplaced) {
		g.answered()
	}
	shut()
	if err := <-gate; err != nil && life.Err() == nil {
		broken = errors.Join(broken, err)
	}
	if broken == nil && errors.Is(context.Cause(life), errReplaced) {
		return errReplaced
	}
	return broken
}

// patience is how long the rooms of a configuration wait for those of the one
// before, which finish what they have begun. Those that end sooner hand their
// duties over at once.
const patience = 2 * time.Second

// rests waits until the rooms have ended, as long as that is worth it.
func (g *Graphwarden) rests() {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-g.resting:
	case <-timer.C:
	}
}

// answered waits until what is being answered is.
func (g *Graphwarden) answered() {
	done := make(chan struct{})
	go func() { g.answering.Wait(); close(done) }()
	timer := time.NewTimer(lastAnswers)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
