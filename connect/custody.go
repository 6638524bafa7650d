package connect

import (
	"context"
	"errors"
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
	// lookEvery is how long a connection's standing is believed before the store
	// is asked again: a revocation reaches every process within it.
	lookEvery = 500 * time.Millisecond
	// unmetFor is how long a token is known not to meet a challenge that was obtained for
	// it. Then Entra is asked once more: what a policy wants may be there meanwhile.
	unmetFor = 10 * time.Minute
	// agedAfter is how old a token is that may be replaced because it was denied
	// something: so often at most a denial costs a new token.
	agedAfter = 5 * time.Minute
)

// CustodyConfig is what a custody is made of; every field is needed.
type CustodyConfig struct {
	Connections []Connection
	Source      Source
	Vault       Vault
	Standings   Standings
	Leases      Leases
	Ledger      Ledger
	Sealer      *seal.Sealer
	Now         func() time.Time
	Holder      string // of this process, in leases
	// Turned, if not nil, hears within the transaction that writes it down that Entra
	// refuses one of several people, or with a nil refusal that it takes them.
	Turned func(ctx context.Context, tx graphwarden.Tx, r graphwarden.Registration, who graphwarden.Account, refusal *graphwarden.Refusal) error
}

// Custody has the tokens of connections. It may be used by any number of
// goroutines.
type Custody struct {
	CustodyConfig
	kept map[string]*kept // by registration name; not changed once made

	mu     sync.Mutex
	people map[string]*kept // of registrations that act for several people, by the name of personal
}

// kept is the custody of one registration's token.
type kept struct {
	connection Connection // as it was declared; not changed
	whole      *kept      // the registration's own, of one of its several people; else nil

	mu         sync.Mutex
	credential entra.Credential // the last good one
	token      entra.Token
	since      time.Time   // when it came
	challenge  string      // what Microsoft last asked of a token …
	answer     seal.Secret // … and the token that was obtained for it …
	answered   time.Time   // … then
	flight     *flight     // the attempt under way, if any
	no         error       // Entra's last refusal …
	until      time.Time
	refusals   int    // in a row
	tried      string // the place of the credential that was refused

	looking  turn // held while the store is asked
	standing graphwarden.Standing
	looked   time.Time
	mark     int64 // the mark of the whole that the copies in memory follow
}

// flight is an attempt to get a token that any number of callers wait for.
type flight struct {
	done  chan struct{}
	token entra.Token
	err   error
}

// wish is the token that a caller wants.
type wish struct {
	fits      func(entra.Token) bool // nil: any
	claims    entra.Claims
	challenge string // by which Microsoft asked for the claims; "": it did not
}

// NewCustody takes the connections into custody.
func NewCustody(config CustodyConfig) *Custody {
	c := &Custody{CustodyConfig: config, kept: map[string]*kept{}, people: map[string]*kept{}}
	for _, connection := range config.Connections {
		c.kept[connection.Registration.Name] = &kept{connection: connection, credential: connection.Credential}
	}
	return c
}

// Bearer lends the registration's token, a new one when the last is at its end.
func (c *Custody) Bearer(ctx context.Context, r graphwarden.Registration) (seal.Secret, error) {
	token, err := c.lend(ctx, r, wish{})
	return token.Access, err
}

// Renew lends a token other than the stale one, which Microsoft refused although
// it was not at its end. Claims that Microsoft asks for are asked of Entra.
func (c *Custody) Renew(ctx context.Context, r graphwarden.Registration, stale seal.Secret, challenge string) (seal.Secret, error) {
	k, err := c.find(r)
	if err != nil {
		return seal.Secret{}, err
	}
	claims, challenged := entra.Challenge(challenge)
	w := wish{fits: func(t entra.Token) bool { return !t.Access.Equal(stale) }}
	if challenged {
		w.claims, w.challenge = claims, challenge
	}
	if challenged && k.unmet(challenge, stale, c.Now()) {
		return c.answered(ctx, k, w)
	}
	token, err := c.lend(ctx, r, w)
	return token.Access, err
}

// answered lends the answer to a challenge that another process got since this one's was
// refused; where there is none, asking would bring the same again.
func (c *Custody) answered(ctx context.Context, k *kept, w wish) (seal.Secret, error) {
	token, _, err := c.stored(ctx, k.current())
	if err != nil {
		return seal.Secret{}, err
	}
	if !c.good(token, w) {
		return seal.Secret{}, unmet(k.connection, w.claims)
	}
	k.met(w.challenge, token, c.Now())
	return token.Access, nil
}

// good says whether a token is what a caller wants, and for long enough.
func (c *Custody) good(t entra.Token, w wish) bool {
	return c.Now().Add(renewAhead).Before(t.ExpiresAt) && (w.fits == nil || w.fits(t))
}

// Aged says whether a token that was denied something is so old that a new one may
// be allowed more: consent that was given since is in a new one only, and the old
// one would be lent for the rest of its hour.
func (c *Custody) Aged(r graphwarden.Registration, token seal.Secret) bool {
	k, err := c.find(r)
	if err != nil {
		return false
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	return !k.token.Access.Equal(token) || c.Now().Sub(k.since) >= agedAfter
}

// unmet says whether the stale token is what was obtained for the same challenge, not
// long ago: asking for it again would bring the same.
func (k *kept) unmet(challenge string, stale seal.Secret, now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return challenge == k.challenge && k.answer.Equal(stale) && now.Sub(k.answered) < unmetFor
}

// met notes the token that was obtained for a challenge. One that another process
// obtained for it knows not what, such as the one it stored before the challenge came,
// is not.
func (k *kept) met(challenge string, t entra.Token, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.token.Access.Equal(t.Access) {
		k.token, k.since = t, now
	}
	k.challenge, k.answer, k.answered = challenge, t.Access, now
}

// lend gives a token that fits. One caller fetches it; all who come meanwhile get
// what that one got, be it a refusal. When the one gives up, another takes over.
func (c *Custody) lend(ctx context.Context, r graphwarden.Registration, w wish) (entra.Token, error) {
	k, err := c.find(r)
	if err != nil {
		return entra.Token{}, err
	}
	if err := c.look(ctx, k); err != nil {
		return entra.Token{}, err
	}
	good := func(t entra.Token) bool { return c.good(t, w) }
	for {
		token, f, mine, err := k.join(c.Now(), good)
		switch {
		case err != nil || f == nil:
			return token, err
		case mine:
			of := k.current()
			token, asked, err := c.fetch(ctx, of, good, w.claims)
			k.land(f, token, err, of.place(), c.Now())
			if err == nil && asked && w.challenge != "" {
				k.met(w.challenge, token, c.Now())
			}
			return token, err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return entra.Token{}, ctx.Err()
		}
		if f.answers(good) {
			return f.token, f.err
		}
	}
}

// look asks the store how the connection is, unless that was just asked, and
// drops what is no longer to be lent. A store that does not answer lends nothing.
func (c *Custody) look(ctx context.Context, k *kept) error {
	if err := c.lookWhole(ctx, k); err != nil {
		return err
	}
	k.looking.Lock()
	defer k.looking.Unlock()
	if now := c.Now(); k.looked.IsZero() || now.Sub(k.looked) >= lookEvery || now.Before(k.looked) {
		of := k.connection
		standing, err := c.Standings.Standing(ctx, of.Tenant.Name, of.Registration.Name)
		if err != nil {
			return err
		}
		if standing.Mark != k.standing.Mark {
			k.forget()
		}
		k.standing, k.looked = standing, now
	}
	if k.standing.Revoked() {
		return revoked(k.connection, k.standing)
	}
	return nil
}

// forget drops what is kept in memory.
func (k *kept) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.token, k.no, k.until, k.refusals, k.challenge = entra.Token{}, nil, time.Time{}, 0, ""
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
	case now.Before(k.until) && k.tried == k.currently().place():
		return entra.Token{}, nil, false, k.no
	case k.flight != nil:
		return entra.Token{}, k.flight, false, nil
	}
	k.flight = &flight{done: make(chan struct{})}
	return entra.Token{}, k.flight, true, nil
}

// land ends an attempt.
func (k *kept) land(f *flight, t entra.Token, err error, place string, now time.Time) {
	k.mu.Lock()
	defer k.mu.Unlock()
	f.token, f.err = t, err
	if err == nil {
		k.token, k.since, k.refusals = t, now, 0
	}
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) && refusal.Kind == graphwarden.Credential {
		k.no, k.until, k.tried = err, now.Add(believed(err, k.refusals)), place
		k.refusals++
	}
	k.flight = nil
	close(f.done)
}

// believed is how long Entra's refusal is believed without asking again: ever
// longer, so that nobody hammers, and no longer than an operator waits who has
// mended it in Entra. What asking again cannot mend, or makes worse, is asked once
// an hour. Whoever signs in anew (graphwarden connect, doctor --online) ends the
// belief at once, in every process.
func believed(err error, refusals int) time.Duration {
	const first, most, staying = time.Minute, 10 * time.Minute, time.Hour
	if entra.Stays(err) {
		return staying
	}
	return min(first<<min(refusals, 4), most)
}
