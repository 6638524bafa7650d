package assemble

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/store"
)

// LastApplied is what the configuration says that was taken last, by a database on
// which a server may run; the zero Facts when none ever was.
func LastApplied(ctx context.Context, o store.Options) (f Facts, err error) {
	g, err := store.Look(ctx, o, false)
	if err != nil {
		if code, _ := graphwarden.Explain(err); code == "storage.absent" {
			return f, nil
		}
		return f, err
	}
	if g.Applied == nil {
		return f, nil
	}
	return f, json.Unmarshal(g.Applied.Facts, &f)
}

// applied is the configuration in the form that is remembered.
func (g *Graphwarden) applied(by string) (graphwarden.Applied, error) {
	f, err := g.config.Facts()
	if err != nil {
		return graphwarden.Applied{}, err
	}
	text, err := json.Marshal(f)
	return graphwarden.Applied{Fingerprint: f.Fingerprint(), By: by, Facts: text}, err
}

// noteApplied remembers the configuration that is taken, with who took it, in the
// database and in the ledger. A crash before it repeats it at the next start.
func (g *Graphwarden) noteApplied(ctx context.Context, by string) error {
	a, err := g.applied(by)
	if err != nil {
		return err
	}
	return g.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		fresh, err := g.Store.Apply(ctx, tx, a)
		if err != nil || !fresh {
			return err
		}
		_, err = g.Ledger.Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Acted, App: graphwarden.House, Path: "configuration.take", Allowed: true,
			Rule: "operator", Note: a.Fingerprint + " by " + a.By})
		return err
	})
}

// takes has operators ask for and change the configuration.
func (g *Graphwarden) takes(s *Serving) {
	if t, is := g.took.(*taker); is {
		t.Serving = s
	}
}

// taker is the configuration as operators see it.
type taker struct{ *Serving }

// InForce tells which configuration is in force.
func (t *taker) InForce(ctx context.Context) (api.InForce, error) {
	g := t.Now()
	a, err := g.applied("")
	if err != nil {
		return api.InForce{}, err
	}
	out := api.InForce{Fingerprint: a.Fingerprint, Facts: a.Facts, File: g.config.file}
	last, found, err := g.Store.Applied(ctx)
	if err == nil && found && last.Fingerprint == a.Fingerprint {
		at := last.At.UTC()
		out.By, out.At = last.By, &at
	}
	return out, err
}

// Take has the server take its file, if that and what is in force are what the
// asker has seen.
func (t *taker) Take(ctx context.Context, asked api.Applying) (api.Taken, error) {
	p, err := t.Reload(ctx, asked.By, func(p Plan) error {
		if p.From != asked.From || p.To != asked.To {
			return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "config.stale",
				Say: "The plan is stale: the file that the server reads, or what is in force, is another than when it was made.",
				Do:  "Run graphwarden plan with the server's --config, read it, and apply that."}
		}
		return nil
	})
	return api.Taken{Fingerprint: p.To, Changed: len(p.Differences) > len(p.Restarts()), Restart: append([]string{}, p.Restarts()...)}, err
}

// Reload reads the file again and takes what it says, if agree does not object to
// what that changes. What is under way is finished as it was begun. What is taken
// only at a start stays as it is, and stands in the plan.
func (s *Serving) Reload(ctx context.Context, by string, agree func(Plan) error) (Plan, error) {
	s.taking.Lock()
	defer s.taking.Unlock()
	old := s.Now()
	fresh, err := LoadWith(old.config.file, old.config.env)
	if err != nil {
		return Plan{}, err
	}
	before, err := old.config.Facts()
	if err != nil {
		return Plan{}, err
	}
	after, err := fresh.Facts()
	if err != nil {
		return Plan{}, err
	}
	p := Compare(before, after)
	if err := agree(p); err != nil {
		return p, err
	}
	if len(p.Differences) == len(p.Restarts()) {
		return p, nil
	}
	fresh.keep(old.config)
	return p, s.replace(ctx, old, fresh, by, p)
}

// replace puts a configuration in the place of another. The database remembers it
// first: a crash from there on begins with the file, which says the same.
func (s *Serving) replace(ctx context.Context, old *Graphwarden, fresh *Config, by string, p Plan) error {
	next, err := build(ctx, fresh, s.outside.ending(old, fresh), old)
	if err != nil {
		return err
	}
	next.takes(s)
	if err := next.noteApplied(ctx, by); err != nil {
		return err
	}
	s.swap.Lock()
	s.now = next
	s.swap.Unlock()
	if old.api != nil {
		old.api.Leave()
	}
	select {
	case s.replaced <- next:
	case <-ctx.Done():
		return ctx.Err()
	}
	s.outside.Log.Info("another configuration is in force", "by", by, "differences", len(p.Differences), "need_restart", strings.Join(p.Restarts(), " "))
	return next.endFlows(ctx, old)
}

// ending keeps the sinks of flows that end: their apps are told that each item is
// deleted.
func (o Outside) ending(old *Graphwarden, fresh *Config) Outside {
	o.leaving = nil
	for i, t := range old.declared.targets {
		if _, stays := fresh.Flows[t.Sink.Flow]; !stays {
			o.leaving = append(o.leaving, endingSink{t, old.declared.sinkCAs[i]})
		}
	}
	return o
}

// endingSink is a sink of a flow that ended.
type endingSink struct {
	deliver.Target
	ca string
}

// endFlows ends the feeds of flows that the configuration no longer has: each item
// is told as deleted, and the copy goes.
func (g *Graphwarden) endFlows(ctx context.Context, old *Graphwarden) error {
	for name := range old.config.Flows {
		if _, stays := g.config.Flows[name]; stays {
			continue
		}
		feeds, err := g.Store.Feeds(ctx, name)
		if err != nil {
			return err
		}
		err = g.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			for _, feed := range feeds {
				if _, err := g.Store.LeaveFeed(ctx, tx, feed.ID); err != nil {
					return err
				}
			}
			tx.AfterCommit(g.deliver.Wake)
			return nil
		})
		if err != nil {
			return fmt.Errorf("ending the flow %s: %w", name, err)
		}
	}
	return nil
}
