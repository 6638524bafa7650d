package store

import (
	"context"
	"strings"

	"github.com/graphwarden/graphwarden"
)

const seenColumns = `registration, tenant, tried_at, read_at, problem, held, beyond, missing, added, removed, changed_at`

// PutGrantsSeen writes down what was seen of a registration's grants, over what was
// seen before.
func (s *Store) PutGrantsSeen(ctx context.Context, tx graphwarden.Tx, g graphwarden.GrantsSeen) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	list := func(names []string) string { return strings.Join(names, " ") }
	_, err = t.exec(ctx, `INSERT INTO grants_seen (`+seenColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (registration) DO UPDATE SET tenant = excluded.tenant, tried_at = excluded.tried_at, read_at = excluded.read_at, problem = excluded.problem,
held = excluded.held, beyond = excluded.beyond, missing = excluded.missing, added = excluded.added, removed = excluded.removed, changed_at = excluded.changed_at`,
		g.Registration, g.Tenant, micros(g.TriedAt), micros(g.ReadAt), g.Problem, list(g.Held), list(g.Beyond), list(g.Missing), list(g.Added), list(g.Removed), micros(g.ChangedAt))
	return wrapped(err, "writing down the grants of a registration")
}

// GrantsSeen lists what was seen of each registration's grants.
func (s *Store) GrantsSeen(ctx context.Context) ([]graphwarden.GrantsSeen, error) {
	var all []graphwarden.GrantsSeen
	err := s.reads.rows(ctx, `SELECT `+seenColumns+` FROM grants_seen ORDER BY registration`, nil, func(row scanner) error {
		var g graphwarden.GrantsSeen
		var tried, read, changed int64
		var held, beyond, missing, added, removed string
		err := row.Scan(&g.Registration, &g.Tenant, &tried, &read, &g.Problem, &held, &beyond, &missing, &added, &removed, &changed)
		g.TriedAt, g.ReadAt, g.ChangedAt = fromMicros(tried), fromMicros(read), fromMicros(changed)
		g.Held, g.Beyond, g.Missing = strings.Fields(held), strings.Fields(beyond), strings.Fields(missing)
		g.Added, g.Removed = strings.Fields(added), strings.Fields(removed)
		all = append(all, g)
		return err
	})
	return all, s.refuse(wrapped(err, "reading the grants that were seen"))
}
