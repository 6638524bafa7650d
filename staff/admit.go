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
	digest := seal.Digest(plain)
	k, there, err := d.known.Look(digest, d.Now(), func() (graphwarden.OperatorToken, bool, error) { return d.Store.OperatorTokenBy(ctx, "", digest) })
	if err != nil {
		return k, err
	}
	if !there {
		return k, unknown()
	}
	if err := d.good(k); err != nil {
		return k, err
	}
	return k, d.used(ctx, k)
}

// Still says whether a token that was admitted is good yet, as it was a second ago.
func (d *Desk) Still(ctx context.Context, k graphwarden.OperatorToken) error {
	k, _, err := d.still.Look(k.ID, d.Now(), func() (graphwarden.OperatorToken, bool, error) {
		k, err := d.One(ctx, k.ID)
		return k, err == nil, err
	})
	if err != nil {
		return err
	}
	return d.good(k)
}

// good refuses a token that is over.
func (d *Desk) good(k graphwarden.OperatorToken) error {
	switch k.State(d.Now()) {
	case "revoked":
		return &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "api.token_revoked",
			Say: "This operator's token was revoked.", Do: "Ask an owner for a new one: graphwarden operators create."}
	case "expired":
		return &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "api.token_expired",
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
	err := d.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return d.Store.EndOperatorToken(ctx, tx, k.ID, time.Time{}, hour)
	})
	d.forget()
	return err
}

func unknown() error {
	return &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "api.token",
		Say: "The operator's token is missing or wrong.", Do: "Send a personal one that graphwarden operators create has shown, whole, or the one in the file operator.token beside the database."}
}
