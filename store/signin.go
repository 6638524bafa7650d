package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

const signInColumns = `id, state, tenant, registration, app, flows, account, return_to, app_state, begun_by, sealed, begun_at, until,
answered_at, who, who_name, scopes, code, problem, say, todo, taken_at`

func scanSignIn(row scanner, a *graphwarden.SignInAttempt) error {
	var flows, scopes string
	var begun, until, answered, taken int64
	err := row.Scan(&a.ID, &a.State, &a.Tenant, &a.Registration, &a.App, &flows, &a.Account, &a.ReturnTo, &a.AppState, &a.By, &a.Sealed, &begun, &until,
		&answered, &a.Who.ID, &a.Who.Name, &scopes, &a.Code, &a.Problem, &a.Say, &a.Do, &taken)
	a.Flows, a.Scopes = strings.Fields(flows), strings.Fields(scopes)
	a.BegunAt, a.Until, a.AnsweredAt, a.TakenAt = fromMicros(begun), fromMicros(until), fromMicros(answered), fromMicros(taken)
	return err
}

// BeginSignIn writes down that somebody is asked to sign in. No more than limit
// that are not over may be under way for an app: what is more is refused.
func (s *Store) BeginSignIn(ctx context.Context, tx graphwarden.Tx, a graphwarden.SignInAttempt, limit int) (under bool, err error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	var n int
	err = t.row(ctx, `SELECT count(*) FROM sign_ins WHERE app = ? AND answered_at = 0 AND until > ?`, []any{a.App, micros(t.now)}, &n)
	if err != nil || n >= limit {
		return false, wrapped(err, "counting sign-ins")
	}
	_, err = t.exec(ctx, `INSERT INTO sign_ins (`+signInColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '', '', '', '', '', '', 0)`,
		a.ID, a.State, a.Tenant, a.Registration, a.App, strings.Join(a.Flows, " "), a.Account, a.ReturnTo, a.AppState, a.By, a.Sealed, micros(a.BegunAt), micros(a.Until))
	return err == nil, wrapped(err, "beginning a sign-in")
}

// SignInByState finds a sign-in by what came back with the browser, the zero one
// when there is none; SignIn by its id.
func (s *Store) SignInByState(ctx context.Context, state string) (graphwarden.SignInAttempt, error) {
	return s.signIn(ctx, "state", state)
}

// SignIn finds a sign-in by its id, the zero one when there is none.
func (s *Store) SignIn(ctx context.Context, id string) (graphwarden.SignInAttempt, error) {
	return s.signIn(ctx, "id", id)
}

func (s *Store) signIn(ctx context.Context, by, value string) (a graphwarden.SignInAttempt, err error) {
	err = s.reads.rows(ctx, `SELECT `+signInColumns+` FROM sign_ins WHERE `+by+` = ?`, []any{value}, func(row scanner) error { return scanSignIn(row, &a) })
	return a, s.refuse(wrapped(err, "finding a sign-in"))
}

// ClaimSignIn takes the answer to a sign-in, once and in time.
func (s *Store) ClaimSignIn(ctx context.Context, tx graphwarden.Tx, id string) (mine bool, err error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	n, err := t.change(ctx, `UPDATE sign_ins SET answered_at = ?1 WHERE id = ?2 AND answered_at = 0 AND until > ?1`, micros(t.now), id)
	return n > 0, wrapped(err, "taking the answer to a sign-in")
}

// EndSignIn writes down how a sign-in ended; what it was held against goes.
func (s *Store) EndSignIn(ctx context.Context, tx graphwarden.Tx, a graphwarden.SignInAttempt) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	n, err := t.change(ctx, `UPDATE sign_ins SET who = ?, who_name = ?, scopes = ?, code = ?, problem = ?, say = ?, todo = ?, taken_at = ?, sealed = ? WHERE id = ?`,
		a.Who.ID, a.Who.Name, strings.Join(a.Scopes, " "), a.Code, a.Problem, a.Say, a.Do, micros(a.TakenAt), []byte{}, a.ID)
	if err == nil && n == 0 {
		err = fmt.Errorf("there is none called %s", a.ID)
	}
	return wrapped(err, "ending a sign-in")
}

// TakeSignIn has an app take the person of a sign-in, once.
func (s *Store) TakeSignIn(ctx context.Context, tx graphwarden.Tx, id, code string) (mine bool, err error) {
	t, err := open(tx)
	if err != nil {
		return false, err
	}
	n, err := t.change(ctx, `UPDATE sign_ins SET taken_at = ?1 WHERE id = ?2 AND code = ?3 AND code <> '' AND taken_at = 0`, micros(t.now), id, code)
	return n > 0, wrapped(err, "taking a person")
}

// OldSignIns gives sign-ins that were over before a time, at most limit.
func (s *Store) OldSignIns(ctx context.Context, before time.Time, limit int) (list []graphwarden.SignInAttempt, err error) {
	err = s.reads.rows(ctx, `SELECT `+signInColumns+` FROM sign_ins WHERE until < ? ORDER BY until LIMIT ?`, []any{micros(before), limit}, func(row scanner) error {
		var a graphwarden.SignInAttempt
		err := scanSignIn(row, &a)
		list = append(list, a)
		return err
	})
	return list, s.refuse(wrapped(err, "reading sign-ins that are over"))
}

// DropSignIn forgets a sign-in.
func (s *Store) DropSignIn(ctx context.Context, tx graphwarden.Tx, id string) error {
	t, err := open(tx)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, `DELETE FROM sign_ins WHERE id = ?`, id)
	return wrapped(err, "forgetting a sign-in")
}
