package store

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
)

// IntentByKey finds the write that an app asked for with a key.
func (s *Store) IntentByKey(ctx context.Context, app, key string) (in graphwarden.Intent, found bool, err error) {
	return s.oneIntent(ctx, `i.app = ? AND i.key = ?`, app, key)
}

// Intent finds a write by its id.
func (s *Store) Intent(ctx context.Context, id string) (in graphwarden.Intent, found bool, err error) {
	return s.oneIntent(ctx, `i.name = ?`, id)
}

func (s *Store) oneIntent(ctx context.Context, where string, args ...any) (in graphwarden.Intent, found bool, err error) {
	err = s.reads.rows(ctx, `SELECT `+intentColumns+` FROM intents i WHERE `+where, args, func(row scanner) error {
		found = true
		in, err = scanIntent(row)
		return err
	})
	if err != nil {
		return in, false, s.refuse(fmt.Errorf("reading a write: %w", err))
	}
	return in, found, nil
}

// Intents gives at most limit writes that were asked for before a number, the
// newest first; 0 begins with the newest. A state or an app that is not empty
// chooses those of it.
func (s *Store) Intents(ctx context.Context, state graphwarden.IntentState, app string, before int64, limit int) ([]graphwarden.Intent, error) {
	var list []graphwarden.Intent
	err := s.reads.rows(ctx, `SELECT `+intentColumns+` FROM intents i WHERE (?1 = '' OR i.state = ?1) AND (?2 = '' OR i.app = ?2) AND (?3 = 0 OR i.id < ?3)
ORDER BY i.id DESC LIMIT ?4`, []any{string(state), app, before, limit}, func(row scanner) error {
		in, err := scanIntent(row)
		list = append(list, in)
		return err
	})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading the writes: %w", err))
	}
	return list, nil
}

// Losers gives at most limit versions that lost, the newest first.
func (s *Store) Losers(ctx context.Context, app string, before int64, limit int) ([]graphwarden.Loser, error) {
	return s.losers(ctx, `(?1 = '' OR app = ?1) AND (?2 = 0 OR id < ?2) ORDER BY id DESC LIMIT ?3`, app, before, limit)
}

// LoserOf gives the version that lost to a write, or lost with it.
func (s *Store) LoserOf(ctx context.Context, intent string) (graphwarden.Loser, bool, error) {
	list, err := s.losers(ctx, `intent = ?`, intent)
	if err != nil || len(list) == 0 {
		return graphwarden.Loser{}, false, err
	}
	return list[0], true, nil
}

func (s *Store) losers(ctx context.Context, where string, args ...any) ([]graphwarden.Loser, error) {
	var list []graphwarden.Loser
	err := s.reads.rows(ctx, `SELECT id, intent, app, flow, tenant, mailbox, upn, item, side, etag, body, at FROM losers WHERE `+where, args, func(row scanner) error {
		var l graphwarden.Loser
		var at int64
		err := row.Scan(&l.Seq, &l.Intent, &l.App, &l.Flow, &l.Tenant, &l.Mailbox.ID, &l.Mailbox.UPN, &l.Item, &l.Side, &l.ETag, (*[]byte)(&l.Body), &at)
		l.At = fromMicros(at)
		list = append(list, l)
		return err
	})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading the versions that lost: %w", err))
	}
	return list, nil
}

// ForgetIntents deletes some writes whose outcome is from before a time, and
// versions that lost from before another. What is uncertain stays as long as
// those. It gives how many it deleted.
func (s *Store) ForgetIntents(ctx context.Context, tx graphwarden.Tx, before, losersBefore time.Time, limit int) (int, error) {
	t, err := open(tx)
	if err != nil {
		return 0, err
	}
	n, err := t.change(ctx, `DELETE FROM intents WHERE id IN (SELECT id FROM intents WHERE state <> 'open' AND
ended_at < (CASE WHEN state = 'uncertain' THEN CAST(?2 AS BIGINT) ELSE CAST(?1 AS BIGINT) END) ORDER BY ended_at LIMIT ?3)`, micros(before), micros(losersBefore), limit)
	if err != nil {
		return 0, fmt.Errorf("forgetting old writes: %w", err)
	}
	if err := t.forgetUnmet(ctx, before); err != nil {
		return 0, err
	}
	if err := t.forgetTraces(ctx, before); err != nil {
		return 0, err
	}
	m, err := t.change(ctx, `DELETE FROM losers WHERE at < ?`, micros(losersBefore))
	if err != nil {
		return 0, fmt.Errorf("forgetting old versions that lost: %w", err)
	}
	return n + m, nil
}
