package assemble

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
)

// Integrity is how often the database is read through for damage, and for how long
// at most: what bounds its cost.
type Integrity struct {
	Every  *Duration `yaml:"every"`  // default 24h; 0s: never
	Within Duration  `yaml:"within"` // default 10m
}

func (i *Integrity) settle() {
	if i.Every == nil {
		day := Duration(24 * time.Hour)
		i.Every = &day
	}
	set(&i.Within, Duration(10*time.Minute))
}

func (i Integrity) check(found *faults) {
	found.when(*i.Every < 0 || *i.Every > 0 && time.Duration(*i.Every) < time.Minute, "integrity.every", "it is a length of time such as 24h, a minute or longer, or 0s for never")
	found.when(i.Within <= 0, "integrity.within", "it is a length of time such as 10m, above zero")
}

// firstInspection is how long after the start the first inspection waits.
const firstInspection = 2 * time.Minute

// inspect reads the database through for damage again and again, until ctx ends. One
// process at a time does, and what it found is written down for all.
func (g *Graphwarden) inspect(ctx context.Context, now func() time.Time) error {
	every := time.Duration(*g.config.Integrity.Every)
	wait := firstInspection
	for {
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil
		}
		last, err := g.Store.Inspected(ctx)
		if due := last.TriedAt.Add(every); err == nil && !last.TriedAt.IsZero() && now().Before(due) {
			wait = min(due.Sub(now()), every)
			continue
		}
		wait = every
		if err := g.inspectOnce(ctx); err != nil && ctx.Err() == nil {
			g.log.Error("inspecting the database", "reason", err)
			wait = min(every, time.Hour)
		}
	}
}

// inspectOnce reads the database through once and writes down what it found.
func (g *Graphwarden) inspectOnce(ctx context.Context) error {
	within := time.Duration(g.config.Integrity.Within)
	reading, stop := context.WithTimeout(ctx, within)
	defer stop()
	i, err := g.Store.Inspect(reading, ledger.Leaf)
	var wrong, problem string
	var r *graphwarden.Refusal
	switch {
	case ctx.Err() != nil:
		return nil
	case reading.Err() != nil:
		problem = fmt.Sprintf("it takes longer than %s", within)
	case len(i.Wrong) > 0:
		wrong = strings.Join(i.Wrong[:min(3, len(i.Wrong))], "; ")
		g.log.Error("the database is damaged", "wrong", i.Wrong)
	case errors.As(err, &r) && r.Code == "storage.damaged":
		wrong = strings.TrimSuffix(r.Say, ".")
	case err != nil:
		problem = err.Error()
	}
	return g.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return g.Store.NoteInspection(ctx, tx, wrong, problem)
	})
}
