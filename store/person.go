package store

import (
	"context"
	"strings"

	"github.com/graphwarden/graphwarden"
)

const personSelection = `SELECT tenant, registration, account, app, name, scopes, signed_in_at, lost_at, lost_code FROM people`

func scanPerson(row scanner, list *[]graphwarden.Person) error {
	var p graphwarden.Person
	var scopes string
	var signedIn, lost int64
	err := row.Scan(&p.Tenant, &p.Registration, &p.Account.ID, &p.App, &p.Account.Name, &scopes, &signedIn, &lost, &p.LostCode)
	p.Scopes, p.SignedInAt, p.LostAt = strings.Fields(scopes), fromMicros(signedIn), fromMicros(lost)
	*list = append(*list, p)
	return err
}

// People gives those who signed in through a registration, or through all for "".
func (s *Store) People(ctx context.Context, tenant, registration string) (list []graphwarden.Person, err error) {
	err = s.reads.rows(ctx, personSelection+` WHERE (tenant = ?1 OR ?1 = '') AND (registration = ?2 OR ?2 = '')
ORDER BY tenant, registration, app, name, account`, []any{tenant, registration}, func(row scanner) error { return scanPerson(row, &list) })
	return list, s.refuse(wrapped(err, "reading who has signed in"))
}

// PersonIn gives a person within a transaction, once for each app.
func (s *Store) PersonIn(ctx context.Context, tx graphwarden.Tx, tenant, registration, account string) (list []graphwarden.Person, err error) {
	t, err := open(tx)
	if err != nil {
		return nil, err
	}
	err = t.rows(ctx, personSelection+` WHERE tenant = ? AND registration = ? AND account = ? ORDER BY app`,
		[]any{tenant, registration, account}, func(row scanner) error { return scanPerson(row, &list) })
	return list, wrapped(err, "reading a person")
}

// PeopleIn gives everybody of a registration within a transaction, once for each app.
func (s *Store) PeopleIn(ctx context.Context, tx graphwarden.Tx, tenant, registration string) (list []graphwarden.Person, err error) {
	t, err := open(tx)
	if err != nil {
		return nil, err
	}
	err = t.rows(ctx, personSelection+` WHERE tenant = ? AND registration = ? ORDER BY account, app`,
		[]any{tenant, registration}, func(row scanner) error { return scanPerson(row, &list) })
	return list, wrapped(err, "reading people")
}

// PutPerson writes a person of an app, whole.
func (s *Store) PutPerson(ctx context.Context, tx graphwarden.Tx, p graphwarden.Person) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `INSERT INTO people (tenant, registration, account, app, name, scopes, signed_in_at, lost_at, lost_code)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, registration, account, app) DO UPDATE SET name = excluded.name, scopes = excluded.scopes,
signed_in_at = excluded.signed_in_at, lost_at = excluded.lost_at, lost_code = excluded.lost_code`,
		p.Tenant, p.Registration, p.Account.ID, p.App, p.Account.Name, strings.Join(p.Scopes, " "), micros(p.SignedInAt), micros(p.LostAt), p.LostCode)
	if err == nil {
		err = t.bumpRoster(ctx)
	}
	return wrapped(err, "writing down a person")
}

// DropPerson forgets a person of an app, and says how many apps have them still.
func (s *Store) DropPerson(ctx context.Context, tx graphwarden.Tx, p graphwarden.Person) (left int, err error) {
	t, err := open(tx)
	if err != nil {
		return 0, err
	}
	_, err = t.exec(ctx, `DELETE FROM people WHERE tenant = ? AND registration = ? AND account = ? AND app = ?`, p.Tenant, p.Registration, p.Account.ID, p.App)
	if err == nil {
		err = t.bumpRoster(ctx)
	}
	if err == nil {
		err = t.row(ctx, `SELECT count(*) FROM people WHERE tenant = ? AND registration = ? AND account = ?`, []any{p.Tenant, p.Registration, p.Account.ID}, &left)
	}
	return left, wrapped(err, "forgetting a person")
}

// TellConnection adds a change to a flow that is about a person's connection and no
// item. It hangs on no feed that is read: of somebody whose calendars were not found
// yet, or are gone, the app is told all the same, and a feed that is left takes it not
// along.
func (s *Store) TellConnection(ctx context.Context, tx graphwarden.Tx, flow string, p graphwarden.Person, kind graphwarden.ChangeKind, body []byte) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	var feed int64
	err = t.row(ctx, `INSERT INTO feeds (flow, tenant, mailbox, upn, resource, title, window_start, window_end,
round, whole, mark, clean, due_at, not_before, sweep_at, read_at, dropped_at)
VALUES (?, ?, ?, ?, '', '', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ?)
ON CONFLICT (flow, mailbox, resource) DO UPDATE SET upn = excluded.upn RETURNING id`,
		[]any{flow, p.Tenant, p.Account.ID, p.Account.Name, micros(t.now)}, &feed)
	if err != nil {
		return wrapped(err, "finding a place to tell of a connection")
	}
	l, err := t.beginLog(ctx, position{feed: feed, flow: flow})
	if err != nil {
		return err
	}
	l.add(kind, "connection/"+p.Account.ID, body) // in order for each person
	return l.write(ctx)
}
