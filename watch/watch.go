package watch

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/graphwarden/graphwarden"
)

// every is how often the state is looked at.
const every = 15 * time.Second

// remembered is how long closed notices are kept.
const remembered = 90 * 24 * time.Hour

// The channels that notices are told on.
const (
	ToLog     = "log"
	ToWebhook = "webhook"
)

// Store keeps notices and what is still to be told of them.
type Store interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
	Notices(ctx context.Context, all bool, after int64, limit int) ([]graphwarden.Notice, error)
	Tell(ctx context.Context, tx graphwarden.Tx, n graphwarden.Notice, event string, channels []string) error
	ForgetNotices(ctx context.Context, tx graphwarden.Tx, before time.Time) error
}

// Tellings keeps what is on its way to a channel.
type Tellings interface {
	DueTellings(ctx context.Context, channel string, now time.Time, limit int) ([]graphwarden.Telling, error)
	Told(ctx context.Context, tx graphwarden.Tx, x graphwarden.Telling) error
	PutOffTelling(ctx context.Context, tx graphwarden.Tx, x graphwarden.Telling) error
}

// Sighting is something wrong, as a look saw it.
type Sighting struct {
	Code, Subject string
	Severity      graphwarden.Severity
	Say, Do       string
	Since         time.Time // since when it is so, for people to read; zero: since it was first seen
}

// Look looks at one part of the state. Codes are all that it may report: while it
// fails, their notices stay as they are.
type Look struct {
	Codes []string
	See   func(ctx context.Context, now time.Time) ([]Sighting, error)
}

// Config is what a Watch is made of.
type Config struct {
	Store    Store
	Tellings Tellings
	Looks    []Look
	Webhook  *Webhook // nil: none
	Log      *slog.Logger
	Now      func() time.Time
	Random   io.Reader
	DocURL   string // the page that explains notices; #code is appended
}

// Watch looks and tells. One process of many runs it.
type Watch struct {
	config Config
	seen   map[key]time.Time // when each thing that is wrong was first seen
	gone   map[key]time.Time // since when an open notice's trouble is not seen
	unkept map[key]*graphwarden.Notice
	shown  atomic.Pointer[[]graphwarden.Notice] // unkept, for those who ask
	over   atomic.Pointer[map[key]time.Time]    // gone, for those who ask; nobody changes it
	pruned time.Time
	logged map[string]bool // tellings whose line is written and not noted yet
	posted map[string]bool // tellings that arrived and are not noted yet; of Post
	wake   chan struct{}

	running atomic.Bool
	asked   chan chan<- struct{} // somebody waits for a look
}

// key names what a notice is about.
type key struct{ code, subject string }

// New makes a Watch.
func New(c Config) *Watch {
	return &Watch{config: c, seen: map[key]time.Time{}, gone: map[key]time.Time{}, unkept: map[key]*graphwarden.Notice{}, logged: map[string]bool{}, posted: map[string]bool{}, wake: make(chan struct{}, 1), asked: make(chan chan<- struct{})}
}

// Run looks and tells until ctx ends. The webhook has a goroutine of its own, so
// that a receiver that is slow holds up no look.
func (w *Watch) Run(ctx context.Context) error {
	ended := make(chan struct{})
	go func() { defer close(ended); w.post(ctx) }()
	clear(w.seen) // of when this process had the duty before
	clear(w.gone)
	w.over.Store(nil)
	w.running.Store(true)
	defer w.running.Store(false)
	var waiting []chan<- struct{}
	for ctx.Err() == nil {
		w.Look(ctx)
		for _, done := range waiting {
			close(done)
		}
		waiting = w.rest(ctx)
	}
	<-ended
	return nil
}

// Look looks once, keeps what changed, and tells the log.
func (w *Watch) Look(ctx context.Context) {
	now := w.config.Now()
	defer w.show()
	sightings, blind := w.see(ctx, now)
	err := w.reconcile(ctx, now, sightings, blind)
	if err != nil && ctx.Err() == nil {
		w.withoutStore(ctx, now, err)
		return
	}
	w.tellLog(ctx, now)
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// see gives what every look sees, by what it is about, and the codes of looks
// that failed. What the database refuses is itself something wrong.
func (w *Watch) see(ctx context.Context, now time.Time) (map[key]Sighting, map[string]bool) {
	all, blind := map[key]Sighting{}, map[string]bool{}
	for _, l := range w.config.Looks {
		list, err := l.See(ctx, now)
		if err != nil {
			for _, code := range l.Codes {
				blind[code] = true
			}
			if s, ok := storage(err); ok {
				all[key{s.Code, s.Subject}] = s
			} else if ctx.Err() == nil {
				w.config.Log.Warn("looking at the state", "looks for", l.Codes, "reason", err)
			}
			continue
		}
		for _, s := range list {
			all[key{s.Code, s.Subject}] = s
		}
	}
	return all, blind
}

// storage makes a sighting of what the database refuses.
func storage(err error) (Sighting, bool) {
	var r *graphwarden.Refusal
	if !errors.As(err, &r) || r.Kind != graphwarden.Storage {
		return Sighting{}, false
	}
	return Sighting{Code: "notice.database", Subject: r.Code, Severity: graphwarden.Critical, Say: r.Say, Do: r.Do}, true
}

// id makes a notice's id.
func (w *Watch) id() string {
	var random [10]byte
	_, _ = io.ReadFull(w.config.Random, random[:]) // crypto/rand never fails
	return "ntc_" + hex.EncodeToString(random[:])
}

// pause waits, or until it is woken or ctx ends.
func pause(ctx context.Context, d time.Duration, wake <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-wake:
	case <-ctx.Done():
	}
}
