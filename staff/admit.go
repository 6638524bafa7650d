package staff

import (
	"context"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// Admit gives the token that plain is. One that is unknown, expired or revoked is
// refused.
func (d *Desk) Admit(ctx context.Context, plain string) (graphwarden.OperatorToken, error) {
	if !seal.WellFormed(Prefix, plain) {
		return graphwarden.OperatorToken{}, unknown()
	}
	digest, now := seal.Digest(plain), d.Now()
	d.mu.Lock()
	id := d.ids[digest]
	d.mu.Unlock()
	if k, there := d.lately(id, now); there {
		return k, d.good(k)
	}
	k, there, err := d.Store.OperatorTokenBy(ctx, "", digest)
	if err != nil {
		return k, err
	}
	if !there {
		return k, unknown() // and it is not remembered: strangers would fill the memory
	}
	if err := d.good(k); err != nil {
		return k, err
	}
	d.mu.Lock()
	d.known[k.ID], d.ids[digest] = found{k, now}, k.ID
	d.mu.Unlock()
	return k, d.used(ctx, k)
}

// Still says whether a token that was admitted is good yet, as it was a second ago.
func (d *Desk) Still(ctx context.Context, k graphwarden.OperatorToken) error {
	now := d.Now()
	if known, there := d.lately(k.ID, now); there {
		return d.good(known)
	}
	k, err := d.One(ctx, k.ID)
	if err != nil {
		return err
	}
	d.mu.Lock()
	d.known[k.ID] = found{k, now}
	d.mu.Unlock()
	return d.good(k)
}

// lately gives a token that was found in the last second.
func (d *Desk) lately(id string, now time.Time) (graphwarden.OperatorToken, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f, there := d.known[id]
	since := now.Sub(f.at)
	return f.token, there && since >= 0 && since < remembered
}

// good refuses a token that is over.
func (d *Desk) good(k graphwarden.OperatorToken) error {
	switch k.State(d.Now()) {
	case "revoked":
		return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.token_revoked",
			Say: "This operator's token was revoked.", Do: "Ask an owner for a new one: graphwarden operators create."}
	case "expired":
		return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.token_expired",
			Say: "This operator's token has expired.", Do: "Ask an owner for a new one: graphwarden operators create."}
	}
	return nil
}

// used notes that a token was used, to the hour.
func (d *Desk) used(ctx context.Context, k graphwarden.OperatorToken) error {
	hour := d.Now().Truncate(usedEvery)
	if hour.Before(k.MadeAt) {
		hour = k.MadeAt // nothing is used before it is made
	}
	if !k.UsedAt.Before(hour) {
		return nil
	}
	return d.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return d.Store.EndOperatorToken(ctx, tx, k.ID, time.Time{}, hour)
	})
}

func unknown() error {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.token",
		Say: "The operator's token is missing or wrong.", Do: "Send a personal one that graphwarden operators create has shown, whole, or the one in the file operator.token beside the database."}
}
