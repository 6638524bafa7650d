package assemble

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/store"
)

const (
	// denialsEvery is how often denials are written down: those that are alike
	// within it share an entry.
	denialsEvery = 10 * time.Second
	// denialsAtOnce is how many kinds of denial get an entry of their own each time;
	// the others share one. Each group has so many, so that nobody hides behind another's
	// flood.
	denialsAtOnce = 50
)

// denials gathers requests that were denied, for the ledger: a flood of them costs
// a bounded number of entries, and each is counted.
type denials struct {
	store  *store.Store
	ledger *ledger.Ledger
	log    *slog.Logger

	mu    sync.Mutex
	seen  map[api.Denial]int
	kinds map[group]int
	rest  int // beyond denialsAtOnce kinds
}

// group is one of those who do not hide behind another's flood.
type group int

const (
	strangers group = iota
	shut            // apps that are known, with keys that are not let in
	guests          // who was let in
)

// groupOf says of which group who was denied is.
func groupOf(x api.Denial) group {
	switch {
	case x.From.IsValid():
		return shut
	case x.Status == http.StatusUnauthorized:
		return strangers
	}
	return guests
}

func newDenials(s *store.Store, l *ledger.Ledger, log *slog.Logger) *denials {
	return &denials{store: s, ledger: l, log: log, seen: map[api.Denial]int{}, kinds: map[group]int{}}
}

// Refused counts one.
func (d *denials) Refused(x api.Denial) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Contains([]string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"}, x.Method) {
		x.Method = "another" // a stranger may write anything
	}
	if d.seen[x] == 0 {
		of := groupOf(x)
		if d.kinds[of] >= denialsAtOnce {
			d.rest++
			return
		}
		d.kinds[of]++
	}
	d.seen[x]++
}

// Run writes denials down until ctx ends, and at its end.
func (d *denials) Run(ctx context.Context) error {
	timer := time.NewTicker(denialsEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			last, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer stop()
			d.Write(last)
			return nil
		case <-timer.C:
			d.Write(ctx)
		}
	}
}

// Write writes down what was gathered, in one transaction. What the store does not
// take is gathered on.
func (d *denials) Write(ctx context.Context) {
	d.mu.Lock()
	seen, rest := d.seen, d.rest
	d.seen, d.kinds, d.rest = map[api.Denial]int{}, map[group]int{}, 0
	d.mu.Unlock()
	if len(seen)+rest == 0 {
		return
	}
	err := d.store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		for x, n := range seen {
			if _, err := d.ledger.Append(ctx, tx, entryOf(x, n)); err != nil {
				return err
			}
		}
		if rest == 0 {
			return nil
		}
		_, err := d.ledger.Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Acted, App: graphwarden.House, Rule: "denied", Note: fmt.Sprintf("%d more requests of other kinds were denied", rest)})
		return err
	})
	if err == nil {
		return
	}
	d.log.Warn("writing down denied requests", "reason", err)
	d.mu.Lock()
	defer d.mu.Unlock()
	for x, n := range seen {
		d.seen[x] += n
	}
	d.rest += rest
}

// entryOf is the ledger's entry of so many denials that are alike.
func entryOf(x api.Denial, n int) graphwarden.Entry {
	app := x.App
	if app == "" {
		app = graphwarden.House
	}
	e := graphwarden.Entry{Kind: graphwarden.Acted, App: app, Method: x.Method, Path: x.Path, Rule: x.Code, Status: x.Status, Note: "denied to " + x.Face}
	if x.Key != "" {
		e.Note += ", key " + x.Key
	}
	if x.Operator != "" {
		e.Note += " of " + x.Operator
	}
	if x.From.IsValid() {
		e.Note += ", from " + x.From.Unmap().String()
	}
	if n > 1 {
		e.Note += fmt.Sprintf(", %d times", n)
	}
	return e
}

// by says who asks.
func by(a api.Act) string {
	if a.Token == "" {
		return ", by " + a.Operator
	}
	return ", by " + a.Operator + " with " + a.Token
}

// recorder writes operators' requests into the ledger before they are done.
func recorder(s *store.Store, l *ledger.Ledger) api.Recorder {
	return func(ctx context.Context, a api.Act) error {
		return s.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := l.Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Acted, App: graphwarden.House, Tenant: a.Tenant, Method: a.Method, Path: a.Path,
				Allowed: true, Rule: "operator", Note: "request " + a.Request + by(a)})
			return err
		})
	}
}
