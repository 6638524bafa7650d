package connect

import (
	"context"
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// ofPerson stands between a registration's name and the person whom one of its
// connections acts for. No registration's own name contains it.
const ofPerson = "@"

// personal gives the custody of one of the several people of a registration: a
// connection of its own, with its own standing, lease, place in the vault and
// copies in memory. For "" it is the registration's own.
func (c *Custody) personal(whole *kept, account string) (*kept, error) {
	if account == "" {
		return whole, nil
	}
	of := whole.connection
	if !of.Registration.Mode.Delegated() || strings.ContainsAny(account, "#@/") {
		return nil, fmt.Errorf("the registration %q does not act for the person %q", of.Registration.Name, account)
	}
	of.Registration.Name += ofPerson + account
	of.Registration.Account = account
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.people[of.Registration.Name]
	if k == nil {
		k = &kept{connection: of, credential: of.Credential, whole: whole}
		c.people[of.Registration.Name] = k
	}
	return k, nil
}

// lookWhole looks how the registration is that a person's connection is of: when it
// is revoked, nothing is lent for any of its people, and what was copied into
// memory before is not lent afterwards.
func (c *Custody) lookWhole(ctx context.Context, k *kept) error {
	if k.whole == nil {
		return nil
	}
	err := c.look(ctx, k.whole)
	k.whole.looking.Lock()
	mark := k.whole.standing.Mark
	k.whole.looking.Unlock()
	k.looking.Lock()
	defer k.looking.Unlock()
	if mark != k.mark {
		k.mark = mark
		k.forget()
	}
	return err
}

// wholeRevoked refuses what is to be stored for one of several people once the
// registration as a whole is revoked.
func (c *Custody) wholeRevoked(ctx context.Context, tx graphwarden.Tx, k *kept) error {
	of := k.connection
	if of.Registration.Account == "" {
		return nil
	}
	s, err := c.Standings.StandingIn(ctx, tx, of.Tenant.Name, of.whole())
	if err != nil {
		return err
	}
	if s.Revoked() {
		return wholly(of, s)
	}
	return nil
}

// turned tells how Entra takes one of several people.
func (c *Custody) turned(ctx context.Context, tx graphwarden.Tx, of Connection, who graphwarden.Account, refusal *graphwarden.Refusal) error {
	if c.Turned == nil || of.Registration.Account == "" {
		return nil
	}
	r := of.asking()
	return c.Turned(ctx, tx, r, who, refusal)
}

// somebodyElse refuses a sign-in that is not of the person whom it is for.
func somebodyElse(of Connection, who graphwarden.Account) error {
	return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "connect.other_account",
		Say: fmt.Sprintf("%s signed in to the registration %s in place of another person.", who.Name, of.whole()),
		Do:  "Sign in as the person whom it is for."}
}
