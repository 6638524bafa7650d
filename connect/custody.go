package connect

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/seal"
)

const (
	// renewAhead is how long before its end a token is renewed: longer than a
	// call and the difference of two clocks that Entra tolerates.
	renewAhead = 5 * time.Minute
	// refusedFor is how long Entra's refusal of a credential is believed without
	// asking again: repeating it would lock the registration out.
	refusedFor = time.Minute
)

// Connection is a registration in its tenant with the credential it signs in by.
type Connection struct {
	Tenant       graphwarden.Tenant
	Registration graphwarden.Registration
	Credential   entra.Credential
}

// Custody has the tokens of connections. It may be used by any number of
// goroutines.
type Custody struct {
	source Source
	vault  Vault
	sealer *seal.Sealer
	now    func() time.Time

	kept map[string]*kept // by registration name; not changed once made
}

// kept is the custody of one registration's token.
type kept struct {
	connection Connection

	mu     sync.Mutex
	token  entra.Token
	flight *flight // the attempt under way, if any
	no     error   // Entra's last refusal …
	until  time.Time
}

// flight is an attempt to get a token that any number of callers wait for.
type flight struct {
	done  chan struct{}
	token entra.Token
	err   error
}

// NewCustody takes the connections into custody.
func NewCustody(connections []Connection, source Source, vault Vault, sealer *seal.Sealer, now func() time.Time) *Custody {
	c := &Custody{source: source, vault: vault, sealer: sealer, now: now, kept: map[string]*kept{}}
	for _, connection := range connections {
		c.kept[connection.Registration.Name] = &kept{connection: connection}
	}
	return c
}

// Bearer lends the registration's token, a new one when the last is at its end.
func (c *Custody) Bearer(ctx context.Context, r graphwarden.Registration) (seal.Secret, error) {
	return c.lend(ctx, r, func(entra.Token) bool { return true })
}

// Renew lends a token other than the stale one, which Microsoft refused although
// it was not at its end.
func (c *Custody) Renew(ctx context.Context, r graphwarden.Registration, stale seal.Secret) (seal.Secret, error) {
	return c.lend(ctx, r, func(t entra.Token) bool { return !t.Access.Equal(stale) })
}

// lend gives a token that fits. One caller fetches it; all who come meanwhile get
// what that one got, be it a refusal. When the one gives up, another takes over.
func (c *Custody) lend(ctx context.Context, r graphwarden.Registration, fits func(entra.Token) bool) (seal.Secret, error) {
	k := c.kept[r.Name]
	if k == nil {
		return seal.Secret{}, fmt.Errorf("no connection for the registration %q", r.Name)
	}
	good := func(t entra.Token) bool { return c.now().Add(renewAhead).Before(t.ExpiresAt) && fits(t) }
	for {
		token, f, mine, err := k.join(c.now(), good)
		switch {
		case err != nil || f == nil:
			return token.Access, err
		case mine:
			token, err := c.fetch(ctx, k.connection, good)
			k.land(f, token, err, c.now())
			return token.Access, err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return seal.Secret{}, ctx.Err()
		}
		if f.answers(good) {
			return f.token.Access, f.err
		}
	}
}

// answers says whether an attempt that has landed is an answer for somebody else,
// too: not when the one who made it gave up, or got a token that does not fit.
func (f *flight) answers(good func(entra.Token) bool) bool {
	if f.err == nil {
		return good(f.token)
	}
	return !errors.Is(f.err, context.Canceled) && !errors.Is(f.err, context.DeadlineExceeded)
}

// join gives the token if it is good, the refusal if one is still believed, or
// the attempt to wait for, which may be the caller's own to make.
func (k *kept) join(now time.Time, good func(entra.Token) bool) (t entra.Token, f *flight, mine bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case good(k.token):
		return k.token, nil, false, nil
	case now.Before(k.until):
		return entra.Token{}, nil, false, k.no
	case k.flight != nil:
		return entra.Token{}, k.flight, false, nil
	}
	k.flight = &flight{done: make(chan struct{})}
	return entra.Token{}, k.flight, true, nil
}

// land ends an attempt.
func (k *kept) land(f *flight, t entra.Token, err error, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f.token, f.err = t, err
	if err == nil {
		k.token = t
	}
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) && refusal.Kind == graphwarden.Credential {
		k.no, k.until = err, now.Add(refusedFor)
	}
	k.flight = nil
	close(f.done)
}

// fetch gives the stored token if it is good, or obtains and stores a new one. If
// we crash after Entra gave a token and before it is on disk, nobody has used it
// and the next start obtains another; a client credential has no single use to
// lose.
func (c *Custody) fetch(ctx context.Context, of Connection, good func(entra.Token) bool) (entra.Token, error) {
	tenant, name := of.Tenant.Name, of.place()
	stored, version, err := c.stored(ctx, tenant, name)
	if err != nil || good(stored) {
		return stored, err
	}
	fresh, err := c.source.Obtain(ctx, of.Tenant, of.Registration, of.Credential)
	if err != nil {
		return entra.Token{}, err
	}
	about := seal.About{Tenant: tenant, Registration: name, Version: version + 1}
	sealed, err := c.sealer.Seal(fresh.Access, about)
	if err != nil {
		return entra.Token{}, fmt.Errorf("keeping the token of %s: %w", name, err)
	}
	err = c.vault.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return c.vault.PutToken(ctx, tx, tenant, name, about.Version, sealed, fresh.ExpiresAt)
	})
	if err != nil {
		return entra.Token{}, fmt.Errorf("keeping the token of %s: %w", name, err)
	}
	return fresh, nil
}

// place is where a connection's token lies in the vault: by the registration's
// name and a fingerprint of all that the token follows from, so that a token
// obtained for another tenant, client or credential is not lent any more.
func (c Connection) place() string {
	proof := string(c.Credential.Secret.Sign([]byte("custody")))
	if c.Credential.Certificate != nil {
		proof = c.Credential.Certificate.Thumbprint()
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{c.Tenant.ID, c.Tenant.Cloud.Login, c.Registration.ClientID, proof}, "\x00")))
	return c.Registration.Name + "#" + hex.EncodeToString(sum[:8])
}

// stored gives the token that lies in the vault, and its version.
func (c *Custody) stored(ctx context.Context, tenant, name string) (entra.Token, int64, error) {
	sealed, version, expiresAt, err := c.vault.Token(ctx, tenant, name)
	if err != nil || version == 0 {
		return entra.Token{}, version, err
	}
	access, err := c.sealer.Open(sealed, seal.About{Tenant: tenant, Registration: name, Version: version})
	if err != nil {
		return entra.Token{}, 0, err
	}
	return entra.Token{Access: access, ExpiresAt: expiresAt}, version, nil
}
