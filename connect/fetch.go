package connect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/seal"
)

const (
	// leaseSpan is how long the other processes leave a renewal to the one that
	// has begun it. Should it take longer, a second one begins, and the store takes
	// the first that comes.
	leaseSpan = 10 * time.Second
	// obtainWait bounds one request for a token.
	obtainWait = time.Minute
)

// fetch gives the stored token if it is good, or obtains and stores a new one, and says
// whether it asked Entra for that. One process in the cluster obtains it; the others wait
// for what it stores.
//
// If we crash after Entra gave a token and before it is on disk, nobody has used
// it: an app's is obtained again, and a person's again by the refresh token on
// disk, which Entra leaves alive (graph-facts §1.6).
func (c *Custody) fetch(ctx context.Context, of Connection, good func(entra.Token) bool, claims entra.Claims) (t entra.Token, asked bool, err error) {
	lease := "token/" + of.Tenant.Name + "/" + of.place()
	begun := c.Now()
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		if stored, _, done, err := c.outcome(ctx, of, good, begun); done {
			return stored, false, err
		}
		held, err := c.hold(ctx, lease)
		if err != nil {
			return entra.Token{}, false, err
		}
		if held {
			return c.obtain(ctx, of, good, claims, lease, begun)
		}
		if err := pause(ctx, wait); err != nil {
			return entra.Token{}, false, err
		}
	}
}

// outcome looks whether there is something to give: a good token that is stored,
// or a refusal that another process heard since we began.
func (c *Custody) outcome(ctx context.Context, of Connection, good func(entra.Token) bool, begun time.Time) (t entra.Token, version int64, done bool, err error) {
	t, version, err = c.stored(ctx, of)
	if err != nil || good(t) {
		return t, version, true, err
	}
	standing, err := c.Standings.Standing(ctx, of.Tenant.Name, of.Registration.Name)
	if err == nil && standing.RefusedAt.After(begun) {
		err = told(standing)
	}
	return t, version, err != nil, err
}

// obtain asks Entra, as the one that holds the lease, and stores what it gives; asked
// says whether that is what it returns.
func (c *Custody) obtain(ctx context.Context, of Connection, good func(entra.Token) bool, claims entra.Claims, lease string, begun time.Time) (t entra.Token, asked bool, err error) {
	stored, version, done, err := c.outcome(ctx, of, good, begun) // another may have held the lease just before us
	if done {
		c.letGo(ctx, lease)
		return stored, false, err
	}
	asking, cancel := context.WithTimeout(ctx, obtainWait)
	defer cancel()
	var fresh entra.Token
	switch {
	case !of.Registration.Mode.Delegated():
		fresh, err = c.Source.Obtain(asking, of.Tenant, of.Registration, of.Credential, claims)
	case stored.Refresh.Empty():
		err = nobody(of)
	default:
		scopes := of.Scopes
		if of.Registration.Account != "" && len(stored.Scopes) > 0 {
			scopes = stored.Scopes
		}
		fresh, err = c.Source.Refresh(asking, of.Tenant, of.asking(), of.Credential, stored.Refresh, scopes, claims)
		fresh.Account, fresh.Scopes = stored.Account, stored.Scopes
	}
	if err = personally(of, err); err != nil {
		c.noteRefusal(ctx, of, err, lease)
		return entra.Token{}, false, err
	}
	err = c.keep(ctx, of, fresh, version+1, lease, func(ctx context.Context, tx graphwarden.Tx, s *graphwarden.Standing) error {
		if s.Revoked() { // while we asked: what Entra gave is thrown away
			return revoked(of, *s)
		}
		return c.wholeRevoked(ctx, tx, &kept{connection: of})
	})
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) && refusal.Kind == graphwarden.Conflict { // another was faster; theirs counts
		if theirs, _, readErr := c.stored(ctx, of); readErr == nil && good(theirs) {
			return theirs, false, nil
		}
	}
	if err != nil {
		return entra.Token{}, false, err
	}
	return fresh, true, nil
}

// keep seals a token and stores it, with how the connection is then, in one
// transaction. The lease, if there is one, ends in it.
func (c *Custody) keep(ctx context.Context, of Connection, fresh entra.Token, version int64, lease string, change func(context.Context, graphwarden.Tx, *graphwarden.Standing) error) error {
	tenant, place := of.Tenant.Name, of.place()
	pair, err := join(fresh)
	if err != nil {
		return fmt.Errorf("keeping the token of %s: %w", of.Registration.Name, err)
	}
	about := seal.About{Tenant: tenant, Registration: place, Account: fresh.Account.ID, Version: version}
	sealed, err := c.Sealer.Seal(pair, about)
	if err != nil {
		return fmt.Errorf("keeping the token of %s: %w", of.Registration.Name, err)
	}
	err = c.Vault.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		standing, err := c.Standings.StandingIn(ctx, tx, tenant, of.Registration.Name)
		if err != nil {
			return err
		}
		if err := change(ctx, tx, &standing); err != nil {
			return err
		}
		if err := c.turned(ctx, tx, of, standing.Account, nil); err != nil {
			return err
		}
		if !standing.RefusedAt.IsZero() {
			standing.Mark++ // the other processes do not believe the refusal any more
		}
		standing.SignedInAt, standing.RefusedAt = tx.Now(), time.Time{}
		standing.RefusedCode, standing.RefusedSay, standing.RefusedDo = "", "", ""
		if err := c.Standings.PutStanding(ctx, tx, standing); err != nil {
			return err
		}
		err = c.Vault.PutToken(ctx, tx, graphwarden.SealedToken{Tenant: tenant, Registration: place, Version: version,
			Account: about.Account, Sealed: sealed, ExpiresAt: fresh.ExpiresAt})
		if err != nil || lease == "" {
			return err
		}
		return c.Leases.LetGo(ctx, tx, lease, c.Holder)
	})
	if err != nil {
		return fmt.Errorf("keeping the token of %s: %w", of.Registration.Name, err)
	}
	return nil
}

// stored gives the token that lies in the vault, and its version.
func (c *Custody) stored(ctx context.Context, of Connection) (entra.Token, int64, error) {
	k, err := c.Vault.Token(ctx, of.Tenant.Name, of.place())
	if err != nil || k.Version == 0 {
		return entra.Token{}, k.Version, err
	}
	if of.Registration.Account != "" && of.Registration.Account != k.Account {
		return entra.Token{}, k.Version, nil // somebody else's is nobody's here
	}
	pair, err := c.Sealer.Open(k.Sealed, placeOf(k))
	if err != nil {
		return entra.Token{}, 0, unopened(of, err)
	}
	token := part(pair)
	token.ExpiresAt, token.Account.ID = k.ExpiresAt, k.Account
	return token, k.Version, nil
}

// noteRefusal writes down why Entra gave no token, for people and for processes
// that wait, and gives the lease back.
func (c *Custody) noteRefusal(ctx context.Context, of Connection, cause error, lease string) {
	ctx = context.WithoutCancel(ctx)
	var refusal *graphwarden.Refusal
	if !errors.As(cause, &refusal) || refusal.Kind != graphwarden.Credential {
		c.letGo(ctx, lease)
		return
	}
	_ = c.Vault.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error { // the refusal itself is what the caller hears
		s, err := c.Standings.StandingIn(ctx, tx, of.Tenant.Name, of.Registration.Name)
		if err != nil {
			return err
		}
		if err := c.turned(ctx, tx, of, s.Account, refusal); err != nil {
			return err
		}
		s.RefusedAt, s.RefusedCode, s.RefusedSay, s.RefusedDo = tx.Now(), refusal.Code, refusal.Say, refusal.Do
		if err := c.Standings.PutStanding(ctx, tx, s); err != nil {
			return err
		}
		return c.Leases.LetGo(ctx, tx, lease, c.Holder)
	})
}

func (c *Custody) hold(ctx context.Context, lease string) (held bool, err error) {
	err = c.Vault.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) (err error) {
		held, err = c.Leases.Hold(ctx, tx, lease, c.Holder, leaseSpan)
		return err
	})
	return held, err
}

// letGo gives the lease back; one that is not given back ends by itself.
func (c *Custody) letGo(ctx context.Context, lease string) {
	_ = c.Vault.Update(context.WithoutCancel(ctx), func(ctx context.Context, tx graphwarden.Tx) error {
		return c.Leases.LetGo(ctx, tx, lease, c.Holder)
	})
}

// both is what is sealed: the access token, and a person's refresh token.
type both struct {
	Access  string `json:"access"`
	Refresh string `json:"refresh,omitempty"`
	// Scopes are what one of several people consented to.
	Scopes []string `json:"scopes,omitempty"`
}

func join(t entra.Token) (pair seal.Secret, err error) {
	b := both{Scopes: t.Scopes}
	t.Access.Reveal(func(plain []byte) { b.Access = string(plain) })
	t.Refresh.Reveal(func(plain []byte) { b.Refresh = string(plain) })
	raw, err := json.Marshal(b)
	if err != nil {
		return seal.Secret{}, err
	}
	defer clear(raw)
	return seal.New(raw), nil
}

// part undoes join. What is not a pair is no token any more: a new one is
// obtained.
func part(pair seal.Secret) (t entra.Token) {
	pair.Reveal(func(plain []byte) {
		var b both
		if json.Unmarshal(plain, &b) == nil {
			t.Access, t.Refresh = seal.FromString(b.Access), seal.FromString(b.Refresh)
			t.Scopes = b.Scopes
		}
	})
	return t
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
