package store

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

const appKeyColumns = `name, app, note, flows, writes, made_at, expires_at, revoked_at, used_at, replaces, networks`

func scanAppKey(row scanner) (k graphwarden.AppKey, err error) {
	var flows, networks string
	var writes int
	var made, expires, revoked, used int64
	err = row.Scan(&k.ID, &k.App, &k.Note, &flows, &writes, &made, &expires, &revoked, &used, &k.Replaces, &networks)
	if err != nil {
		return k, err
	}
	for _, text := range strings.Fields(networks) {
		n, err := netip.ParsePrefix(text)
		if err != nil {
			return k, fmt.Errorf("reading the networks of the key %s: %w", k.ID, err)
		}
		k.Networks = append(k.Networks, n)
	}
	k.Write = writes == 1
	if flows != "" {
		k.Flows = strings.Split(flows, "\n")
	}
	k.MadeAt, k.ExpiresAt, k.RevokedAt, k.UsedAt = fromMicros(made), fromMicros(expires), fromMicros(revoked), fromMicros(used)
	return k, nil
}

// PutAppKey keeps a new key by its digest.
func (s *Store) PutAppKey(ctx context.Context, tx graphwarden.Tx, k graphwarden.AppKey, digest [32]byte) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	writes := 0
	if k.Write {
		writes = 1
	}
	networks := make([]string, len(k.Networks))
	for i, n := range k.Networks {
		networks[i] = n.String()
	}
	_, err = t.exec(ctx, `INSERT INTO app_keys (`+appKeyColumns+`, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.App, k.Note, strings.Join(k.Flows, "\n"), writes, micros(k.MadeAt), micros(k.ExpiresAt), micros(k.RevokedAt), micros(k.UsedAt), k.Replaces, strings.Join(networks, " "), digest[:])
	if err != nil {
		return fmt.Errorf("keeping the key %s: %w", k.ID, err)
	}
	return nil
}

// AppKeys gives the keys of an app, the oldest first.
func (s *Store) AppKeys(ctx context.Context, app string) ([]graphwarden.AppKey, error) {
	var list []graphwarden.AppKey
	err := s.reads.rows(ctx, `SELECT `+appKeyColumns+` FROM app_keys WHERE app = ? ORDER BY made_at, name`, []any{app}, func(row scanner) error {
		k, err := scanAppKey(row)
		list = append(list, k)
		return err
	})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading the keys of %s: %w", app, err))
	}
	return list, nil
}

// AppKeyBy finds a key by its id or, where that is "", by its digest.
func (s *Store) AppKeyBy(ctx context.Context, id string, digest [32]byte) (k graphwarden.AppKey, there bool, err error) {
	where, value := `name = ?`, any(id)
	if id == "" {
		where, value = `digest = ?`, digest[:]
	}
	err = s.reads.rows(ctx, `SELECT `+appKeyColumns+` FROM app_keys WHERE `+where, []any{value}, func(row scanner) (err error) {
		there = true
		k, err = scanAppKey(row)
		return err
	})
	if err != nil {
		return k, false, s.refuse(fmt.Errorf("finding a key: %w", err))
	}
	return k, there, nil
}

// EndAppKey changes when a key expires, was revoked or was used; a zero time
// leaves each as it is. A key that is revoked stays so.
func (s *Store) EndAppKey(ctx context.Context, tx graphwarden.Tx, id string, expires, revoked, used time.Time) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	var at [3]int64
	err = t.row(ctx, `SELECT expires_at, revoked_at, used_at FROM app_keys WHERE name = ?`, []any{id}, &at[0], &at[1], &at[2])
	if err != nil {
		return fmt.Errorf("ending the key %s: %w", id, err)
	}
	if !expires.IsZero() {
		at[0] = micros(expires)
	}
	if at[1] == 0 {
		at[1] = micros(revoked)
	}
	at[2] = max(at[2], micros(used))
	_, err = t.exec(ctx, `UPDATE app_keys SET expires_at = ?, revoked_at = ?, used_at = ? WHERE name = ?`, at[0], at[1], at[2], id)
	if err != nil {
		return fmt.Errorf("ending the key %s: %w", id, err)
	}
	return nil
}
