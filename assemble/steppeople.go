package assemble

import (
	"context"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
)

// steppedSignIns names the redeeming of the code that a person's browser brought.
type steppedSignIns struct {
	connect.Resumes
	step step
}

func (s steppedSignIns) Redeem(ctx context.Context, a *entra.Attempt, c entra.Code) (entra.Token, error) {
	return stepping(s.step, "people:redeem", func() (entra.Token, error) { return s.Resumes.Redeem(ctx, a, c) })
}

// steppedPersons names what is kept of people who sign in for apps.
type steppedPersons struct{ connect.Persons }

func (s steppedPersons) BeginSignIn(ctx context.Context, tx graphwarden.Tx, a graphwarden.SignInAttempt, limit int) (bool, error) {
	tx.Step("people:begin")
	return s.Persons.BeginSignIn(ctx, tx, a, limit)
}

func (s steppedPersons) ClaimSignIn(ctx context.Context, tx graphwarden.Tx, id string) (bool, error) {
	tx.Step("people:claim")
	return s.Persons.ClaimSignIn(ctx, tx, id)
}

func (s steppedPersons) EndSignIn(ctx context.Context, tx graphwarden.Tx, a graphwarden.SignInAttempt) error {
	tx.Step("people:end")
	return s.Persons.EndSignIn(ctx, tx, a)
}

func (s steppedPersons) TakeSignIn(ctx context.Context, tx graphwarden.Tx, id, code string) (bool, error) {
	tx.Step("people:take")
	return s.Persons.TakeSignIn(ctx, tx, id, code)
}

func (s steppedPersons) PutPerson(ctx context.Context, tx graphwarden.Tx, p graphwarden.Person) error {
	tx.Step("people:put")
	return s.Persons.PutPerson(ctx, tx, p)
}

func (s steppedPersons) TellConnection(ctx context.Context, tx graphwarden.Tx, flow string, one graphwarden.Person, kind graphwarden.ChangeKind, body []byte) error {
	tx.Step("people:tell")
	return s.Persons.TellConnection(ctx, tx, flow, one, kind, body)
}

func (s steppedPersons) DropPerson(ctx context.Context, tx graphwarden.Tx, p graphwarden.Person) (int, error) {
	tx.Step("people:drop")
	return s.Persons.DropPerson(ctx, tx, p)
}
