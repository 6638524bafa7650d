package sim

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/notice"
	"github.com/graphwarden/graphwarden/sim/weather"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// steering lays out the paths by which a tenant is steered. They ask for no
// token: whoever reaches a simulator owns it.
func (s *Sim) steering(mux *http.ServeMux) {
	mux.HandleFunc("GET /sim/clock", steer(func(*http.Request, *struct{}) (any, error) { return s.time(), nil }))
	mux.HandleFunc("POST /sim/clock", steer(s.setClock))
	mux.HandleFunc("GET /sim/faults", steer(func(*http.Request, *struct{}) (any, error) { return s.Weather.Settings(), nil }))
	mux.HandleFunc("POST /sim/faults", steer(s.setFaults))
	mux.HandleFunc("GET /sim/mailboxaccess", steer(s.mailboxAccess))
	mux.HandleFunc("POST /sim/mailboxaccess", steer(s.setMailboxAccess))
	mux.HandleFunc("POST /sim/exchange", steer(s.setExchange))
	mux.HandleFunc("POST /sim/events", steer(s.touchEvent))
	mux.HandleFunc("POST /sim/people", steer(s.setPerson))
	mux.HandleFunc("POST /sim/presence", steer(s.setPresence))
	mux.HandleFunc("GET /sim/signin", steer(func(*http.Request, *struct{}) (any, error) { return s.signInTroubles(), nil }))
	mux.HandleFunc("POST /sim/signin", steer(s.setSignIn))
	mux.HandleFunc("POST /sim/challenge", steer(s.challenge))
	mux.HandleFunc("POST /sim/apps", steer(s.changeApp))
	mux.HandleFunc("POST /sim/foreign", steer(s.arrive))
	mux.HandleFunc("POST /sim/lifecycle", steer(s.raise))
	mux.HandleFunc("POST /sim/import", s.importFile)
	mux.HandleFunc("GET /sim/truth", s.tellTruth)
	mux.HandleFunc("/sim/", func(w http.ResponseWriter, r *http.Request) {
		complain(w, http.StatusNotFound, fmt.Errorf("%s %s steers nothing", r.Method, r.URL.Path))
	})
}

// steer makes a handler of a function that takes and gives JSON. A body with
// members that it does not know is refused.
func steer[T any](f func(*http.Request, *T) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in T
		if r.Method == http.MethodPost {
			d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<20))
			d.DisallowUnknownFields()
			if err := d.Decode(&in); err != nil {
				complain(w, http.StatusBadRequest, fmt.Errorf("reading the body: %w", err))
				return
			}
		}
		out, err := f(r, &in)
		if err != nil {
			complain(w, http.StatusBadRequest, err)
			return
		}
		tell(w, http.StatusOK, out)
	}
}

func tell(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that hung up is its own affair
}

func complain(w http.ResponseWriter, status int, err error) {
	tell(w, status, map[string]string{"error": err.Error()})
}

// clockState is the tenant's time.
type clockState struct {
	Now time.Time `json:"now"`
}

// clockChange sets the tenant's clock, or moves it.
type clockChange struct {
	Now     *time.Time `json:"now"`
	Advance string     `json:"advance"` // a Go duration, e.g. "2h"
}

func (s *Sim) time() clockState { return clockState{s.World.Clock().Now()} }

// The clock goes from the first to before the last of these years: a journal keeps
// times as they fit 64 bits of nanoseconds, and a token or a link that is made
// near the end lasts beyond it.
const (
	firstYear = 1980
	lastYear  = 2200
)

// setClock sets the clock; a journal makes the setting last. A time that the
// clock cannot show is refused.
func (s *Sim) setClock(_ *http.Request, in *clockChange) (any, error) {
	clock := s.World.Clock()
	var to time.Time
	switch {
	case in.Now != nil && in.Advance == "":
		to = *in.Now
	case in.Now == nil && in.Advance != "":
		d, err := time.ParseDuration(in.Advance)
		if err != nil {
			return nil, fmt.Errorf("reading advance: %w", err)
		}
		to = clock.Now().Add(d)
	default:
		return nil, errors.New(`give either "now" or "advance"`)
	}
	if year := to.UTC().Year(); year < firstYear || year >= lastYear {
		return nil, fmt.Errorf("the clock goes from %d to %d, not to %s", firstYear, lastYear-1, to.UTC().Format(time.RFC3339))
	}
	clock.Set(to)
	err := s.World.Update(func(tx *state.Tx) error {
		s.clocks.Put(tx, "set", tx.Now()) // the journal notes with each line how far the clock is ahead
		return nil
	})
	return s.time(), err
}

// setFaults replaces the weather: {} is fair.
func (s *Sim) setFaults(_ *http.Request, in *weather.Settings) (any, error) {
	if err := s.Weather.Set(*in); err != nil {
		return nil, err
	}
	return s.Weather.Settings(), nil
}

// lifecycleEvent is raised for one subscription, or for all when none is named.
type lifecycleEvent struct {
	Subscription string       `json:"subscription"`
	Event        notice.Event `json:"event"`
}

func (s *Sim) raise(_ *http.Request, in *lifecycleEvent) (any, error) {
	n, err := s.graph.Board.Raise(in.Subscription, in.Event)
	return map[string]int{"subscriptions": n}, err
}

// accessWish is all that restricts or opens mailboxes to apps, with people, groups
// and apps named as one likes.
type accessWish struct {
	Policies    []policyWish     `json:"policies"`
	Assignments []assignmentWish `json:"assignments"`
	// Delay is a Go duration until the settings take effect; without it they take
	// Exchange's 30 minutes to 2 hours.
	Delay *string `json:"delay"`
}

type policyWish struct {
	App         string            `json:"app"`   // client id or display name, "*" for every app
	Scope       string            `json:"scope"` // user or group: id, address or display name
	Right       world.AccessRight `json:"right"`
	Description string            `json:"description"`
}

type assignmentWish struct {
	App       string   `json:"app"`       // client id or display name, or
	Principal string   `json:"principal"` // whatever Exchange is told the service principal's id is
	Role      string   `json:"role"`
	Group     string   `json:"group"`
	Mailboxes []string `json:"mailboxes"`
}

func (s *Sim) mailboxAccess(*http.Request, *struct{}) (out any, err error) {
	err = s.World.View(func(tx *state.Tx) error { out = s.World.MailboxAccess(tx); return nil })
	return out, err
}

// setMailboxAccess replaces the settings.
func (s *Sim) setMailboxAccess(r *http.Request, in *accessWish) (any, error) {
	var delay *time.Duration
	if in.Delay != nil {
		d, err := time.ParseDuration(*in.Delay)
		if err != nil {
			return nil, fmt.Errorf("reading delay: %w", err)
		}
		delay = &d
	}
	err := s.World.Update(func(tx *state.Tx) error {
		want, err := s.resolve(tx, in)
		if err != nil {
			return err
		}
		s.World.SetMailboxAccess(tx, want, delay)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.mailboxAccess(r, nil)
}

// tellTruth gives the truth ledger's rows after a number, one JSON line each.
func (s *Sim) tellTruth(w http.ResponseWriter, r *http.Request) {
	after, err := strconv.ParseUint(r.URL.Query().Get("after"), 10, 64)
	if text := r.URL.Query().Get("after"); err != nil && text != "" {
		complain(w, http.StatusBadRequest, fmt.Errorf("after is %q, not the number of a row", text))
		return
	}
	w.Header().Set("Content-Type", "application/x-ndjson")
	err = s.Truth.After(after, func(line []byte) bool {
		_, err := w.Write(line)
		return err == nil
	})
	if err != nil {
		s.options.Log.ErrorContext(r.Context(), "telling the truth", "error", err)
		panic(http.ErrAbortHandler) // a cut connection, lest the rows pass for all there are
	}
}
