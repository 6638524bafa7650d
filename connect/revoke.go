package connect

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
)

// Revoke ends a connection: its tokens are deleted, copies in memory are no
// longer lent (here at once, in every other process within a second), and calls
// are refused until somebody connects it again. Of a registration for people everybody
// is lost with it, which their apps are told in the same transaction: they have to sign
// in anew. The ledger says who did it. It
// gives the number of tokens that were deleted. Microsoft takes an access token
// that was lent before until its end, an hour or so; ending it there as well
// takes an administrator of the tenant.
func (c *Custody) Revoke(ctx context.Context, r graphwarden.Registration, by string) (int, error) {
	k, err := c.find(r)
	if err != nil {
		return 0, err
	}
	dropped := 0
	err = c.change(ctx, k, revoking, by, func(ctx context.Context, tx graphwarden.Tx, s *graphwarden.Standing) error {
		of := k.connection
		if err := c.drop(&dropped)(ctx, tx, s); err != nil || !of.People || of.Registration.Account != "" || c.Turned == nil {
			return err
		}
		return c.Turned(ctx, tx, of.asking(), graphwarden.Account{}, revoked(of, *s))
	})
	return dropped, err
}

// revoking is what the ledger calls a revocation.
const revoking = "connection.revoke"

// drop is the change that a revocation is.
func (c *Custody) drop(dropped *int) func(context.Context, graphwarden.Tx, *graphwarden.Standing) error {
	return func(ctx context.Context, tx graphwarden.Tx, s *graphwarden.Standing) (err error) {
		s.Mark++
		s.RevokedAt, s.ConnectedAt, s.Account = tx.Now(), time.Time{}, graphwarden.Account{}
		*dropped, err = c.Vault.DropTokens(ctx, tx, s.Tenant, s.Registration)
		return err
	}
}

// Connect lets a connection work again, or for the first time: a revocation and a
// refusal that is still believed are forgotten, except that nobody has signed in:
// that is so until somebody has. An app's own token that does not open is deleted, for
// a new one to be obtained; a person's stays until somebody has signed in (Accept). The
// ledger says who did it.
func (c *Custody) Connect(ctx context.Context, r graphwarden.Registration, by string) error {
	k, err := c.find(r)
	if err != nil {
		return err
	}
	of := k.current()
	_, _, stored := c.stored(ctx, of)
	return c.change(ctx, k, "connection.connect", by, func(ctx context.Context, tx graphwarden.Tx, s *graphwarden.Standing) error {
		if wrongKey(stored) && !of.Registration.Mode.Delegated() {
			if _, err := c.Vault.DropTokens(ctx, tx, s.Tenant, s.Registration); err != nil {
				return err
			}
		}
		s.Mark++
		s.RevokedAt, s.ConnectedAt = time.Time{}, tx.Now()
		if s.RefusedCode != CodeNobodySignedIn { // that lasts until somebody does
			s.RefusedAt = time.Time{}
		}
		return nil
	})
}

// Accept takes the tokens of a person who has signed in into custody. They are on
// disk when it returns nil, in place of those that were there, whether or not those
// open still. A connection that acts for one person is not handed to another.
func (c *Custody) Accept(ctx context.Context, r graphwarden.Registration, t entra.Token) error {
	k, err := c.find(r)
	if err != nil {
		return err
	}
	of := k.current()
	before, err := c.Vault.Token(ctx, of.Tenant.Name, of.place())
	if err != nil {
		return err
	}
	defer func() { k.stale(); k.forget() }() // a refusal from before is not believed any more
	return c.keep(ctx, of, t, before.Version+1, "", func(ctx context.Context, tx graphwarden.Tx, s *graphwarden.Standing) error {
		if s.Account.ID != "" && s.Account.ID != t.Account.ID && !s.Revoked() {
			return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "connect.other_account",
				Say: fmt.Sprintf("The connection %s acts for %s, and %s signed in.", r.Name, s.Account.Name, t.Account.Name),
				Do:  "Sign in as the same person, or revoke the connection first: graphwarden connect revoke " + command(of)}
		}
		if r.Account != "" && r.Account != t.Account.ID {
			return somebodyElse(of, t.Account)
		}
		if err := c.wholeRevoked(ctx, tx, k); err != nil {
			return err
		}
		if r.Account != "" { // who signs in again is connected again
			s.RevokedAt, s.ConnectedAt = time.Time{}, tx.Now()
		}
		s.Account, s.Mark = t.Account, s.Mark+1
		return c.note(ctx, tx, of, "connection.sign_in", "account "+t.Account.ID)
	})
}

// Account gives the object id of the person whom a connection acts for, "" when
// nobody has signed in.
func (c *Custody) Account(ctx context.Context, r graphwarden.Registration) (string, error) {
	k, err := c.find(r)
	if err != nil {
		return "", err
	}
	if err := c.look(ctx, k); err != nil {
		return "", err
	}
	k.looking.Lock()
	defer k.looking.Unlock()
	return k.standing.Account.ID, nil
}

// Rotated writes down that a connection has a new credential.
func (c *Custody) Rotated(ctx context.Context, r graphwarden.Registration, by string) error {
	k, err := c.find(r)
	if err != nil {
		return err
	}
	return c.change(ctx, k, "connection.rotate", by, func(_ context.Context, _ graphwarden.Tx, s *graphwarden.Standing) error {
		s.ExpiresAt, s.ExpiryBy = time.Time{}, apart("", k.connection.Expires) // both are the old one's
		return nil
	})
}

// Standing gives how a connection is.
func (c *Custody) Standing(ctx context.Context, r graphwarden.Registration) (graphwarden.Standing, error) {
	k, err := c.find(r)
	if err != nil {
		return graphwarden.Standing{}, err
	}
	return c.Standings.Standing(ctx, k.connection.Tenant.Name, k.connection.Registration.Name)
}

// Await writes down what is waited for in Microsoft 365, so that a wait that was
// left is taken up where it was; "" ends the wait. It gives since when.
func (c *Custody) Await(ctx context.Context, r graphwarden.Registration, what string) (since time.Time, err error) {
	k, err := c.find(r)
	if err != nil {
		return since, err
	}
	err = c.Vault.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		s, err := c.Standings.StandingIn(ctx, tx, k.connection.Tenant.Name, k.connection.Registration.Name)
		if err != nil {
			return err
		}
		switch {
		case what == "":
			s.WaitingSince = time.Time{}
		case s.WaitingFor != what || s.WaitingSince.IsZero():
			s.WaitingSince = tx.Now()
		}
		s.WaitingFor, since = what, s.WaitingSince
		return c.Standings.PutStanding(ctx, tx, s)
	})
	return since, err
}

// Prove signs in anew and gives what the new token opens. A token that was there
// before says what was consented to then, not now.
func (c *Custody) Prove(ctx context.Context, r graphwarden.Registration) (entra.Rights, error) {
	k, err := c.find(r)
	if err != nil {
		return entra.Rights{}, err
	}
	k.forget() // a refusal from before somebody acted is not believed any more
	before, _, err := c.stored(ctx, k.current())
	if err != nil {
		return entra.Rights{}, err
	}
	token, err := c.lend(ctx, r, wish{fits: func(t entra.Token) bool { return before.Access.Empty() || !t.Access.Equal(before.Access) }})
	if err != nil {
		return entra.Rights{}, err
	}
	seen, _ := entra.Seen(token.Access)
	return seen, nil
}

// change changes how a connection is, with the ledger's entry of it, in one
// transaction, and drops the copies in memory.
func (c *Custody) change(ctx context.Context, k *kept, act, by string, f func(context.Context, graphwarden.Tx, *graphwarden.Standing) error) error {
	err := c.Vault.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return c.changeIn(ctx, tx, k, act, by, f)
	})
	if err != nil {
		return fmt.Errorf("%s %s: %w", act, k.connection.Registration.Name, err)
	}
	k.stale()
	k.forget()
	return nil
}

// changeIn is change within a transaction; the copies in memory are the caller's to
// drop once that is on disk.
func (c *Custody) changeIn(ctx context.Context, tx graphwarden.Tx, k *kept, act, by string, f func(context.Context, graphwarden.Tx, *graphwarden.Standing) error) error {
	of := k.connection
	s, err := c.Standings.StandingIn(ctx, tx, of.Tenant.Name, of.Registration.Name)
	if err != nil {
		return err
	}
	if err := f(ctx, tx, &s); err != nil {
		return err
	}
	if err := c.Standings.PutStanding(ctx, tx, s); err != nil {
		return err
	}
	return c.note(ctx, tx, of, act, by)
}

// stale has the store asked again before anything is lent.
func (k *kept) stale() {
	k.looking.Lock()
	defer k.looking.Unlock()
	k.looked = time.Time{}
}

// note has the ledger tell what was done to a connection.
func (c *Custody) note(ctx context.Context, tx graphwarden.Tx, of Connection, act, by string) error {
	_, err := c.Ledger.Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Acted, App: graphwarden.House,
		Tenant: of.Tenant.Name, Path: act + " " + of.Registration.Name, Allowed: true, Rule: "operator", Note: by})
	return err
}

func (c *Custody) find(r graphwarden.Registration) (*kept, error) {
	if k := c.kept[r.Name]; k != nil {
		return c.personal(k, r.Account)
	}
	return nil, fmt.Errorf("no connection for the registration %q", r.Name)
}
