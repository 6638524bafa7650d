package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

const operatorColumns = `name, operator, note, posts, made_by, made_at, expires_at, revoked_at, used_at`

func scanOperatorToken(row scanner) (k graphwarden.OperatorToken, err error) {
	var posts string
	var made, expires, revoked, used int64
	if err := row.Scan(&k.ID, &k.Operator, &k.Note, &posts, &k.MadeBy, &made, &expires, &revoked, &used); err != nil {
		return k, err
	}
	for _, text := range strings.Fields(posts) {
		if p, good := graphwarden.ParsePost(text); good { // a role that this version does not know gives no rights
			k.Posts = append(k.Posts, p)
		}
	}
	k.MadeAt, k.ExpiresAt, k.RevokedAt, k.UsedAt = fromMicros(made), fromMicros(expires), fromMicros(revoked), fromMicros(used)
	return k, nil
}

// PutOperatorToken keeps a new token by its digest.
func (s *Store) PutOperatorToken(ctx context.Context, tx graphwarden.Tx, k graphwarden.OperatorToken, digest [32]byte) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	posts := make([]string, len(k.Posts))
	for i, p := range k.Posts {
		posts[i] = p.String()
	}
	_, err = t.exec(ctx, `INSERT INTO operator_tokens (`+operatorColumns+`, digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		k.ID, k.Operator, k.Note, strings.Join(posts, " "), k.MadeBy, micros(k.MadeAt), micros(k.ExpiresAt), micros(k.RevokedAt), micros(k.UsedAt), digest[:])
	if err != nil {
		return fmt.Errorf("keeping the operator's token %s: %w", k.ID, err)
	}
	return nil
}

// OperatorTokens gives all tokens of operators, by operator, the oldest first.
func (s *Store) OperatorTokens(ctx context.Context) ([]graphwarden.OperatorToken, error) {
	var list []graphwarden.OperatorToken
	err := s.reads.rows(ctx, `SELECT `+operatorColumns+` FROM operator_tokens ORDER BY operator, made_at, name`, nil, func(row scanner) error {
		k, err := scanOperatorToken(row)
		list = append(list, k)
		return err
	})
	if err != nil {
		return nil, s.refuse(fmt.Errorf("reading the operators' tokens: %w", err))
	}
	return list, nil
}

// OperatorTokenBy finds a token by its id or, where that is "", by its digest.
func (s *Store) OperatorTokenBy(ctx context.Context, id string, digest [32]byte) (k graphwarden.OperatorToken, there bool, err error) {
	where, value := `name = ?`, any(id)
	if id == "" {
		where, value = `digest = ?`, digest[:]
	}
	err = s.reads.rows(ctx, `SELECT `+operatorColumns+` FROM operator_tokens WHERE `+where, []any{value}, func(row scanner) (err error) {
		there = true
		k, err = scanOperatorToken(row)
		return err
	})
	if err != nil {
		return k, false, s.refuse(fmt.Errorf("finding an operator's token: %w", err))
	}
	return k, there, nil
}

// EndOperatorToken changes when a token was revoked or was used; a zero time leaves
// each as it is. A token that is revoked stays so.
func (s *Store) EndOperatorToken(ctx context.Context, tx graphwarden.Tx, id string, revoked, used time.Time) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	var at [2]int64
	err = t.row(ctx, `SELECT revoked_at, used_at FROM operator_tokens WHERE name = ?`, []any{id}, &at[0], &at[1])
	if err != nil {
		return fmt.Errorf("ending the operator's token %s: %w", id, err)
	}
	if at[0] == 0 {
		at[0] = micros(revoked)
	}
	at[1] = max(at[1], micros(used))
	if _, err = t.exec(ctx, `UPDATE operator_tokens SET revoked_at = ?, used_at = ? WHERE name = ?`, at[0], at[1], id); err != nil {
		return fmt.Errorf("ending the operator's token %s: %w", id, err)
	}
	return nil
}
