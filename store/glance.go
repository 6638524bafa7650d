package store

import (
	"context"
	"errors"

	"github.com/graphwarden/graphwarden"
)

// Glance is what a quick look at a database showed.
type Glance struct {
	Version, Newest int      // of the schema: the database's, and this program's
	Wrong           []string // damage that the engine sees
	Upkeep          Upkeep
	Applied         *graphwarden.Applied // the configuration that was taken last; nil: none
}

// Look looks quickly at a database, whether or not a process works on it, and
// changes nothing. Only a thorough look reads through the file for damage.
func Look(ctx context.Context, o Options, thorough bool) (g Glance, err error) {
	s, err := OpenBeside(ctx, o, true)
	if err != nil {
		return g, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	g.Newest = newest()
	if g.Version, err = schemaVersion(ctx, s.pooled); err != nil {
		return g, s.refuse(err)
	}
	if thorough && s.URL == "" {
		var i Inspection
		if err := i.pragma(ctx, s.pooled, `PRAGMA quick_check(10)`); err != nil {
			return g, s.refuse(err)
		}
		g.Wrong = i.Wrong
	}
	if g.Version >= upkeepVersion {
		g.Upkeep, err = s.Upkeep(ctx)
	}
	if g.Version >= appliedVersion && err == nil {
		var last graphwarden.Applied
		var found bool
		if last, found, err = s.Applied(ctx); found {
			g.Applied = &last
		}
	}
	return g, err
}
