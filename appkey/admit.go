package appkey

import (
	"context"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/seal"
)

// Admit gives the key that plain is. One that is unknown, expired or revoked is
// refused.
func (d *Desk) Admit(ctx context.Context, plain string) (graphwarden.AppKey, error) {
	if !seal.WellFormed(Prefix, plain) {
		return graphwarden.AppKey{}, unknown("It is not written as one.")
	}
	k, there, err := d.find(ctx, seal.Digest(plain))
	if err != nil {
		return graphwarden.AppKey{}, err
	}
	if !there {
		return graphwarden.AppKey{}, unknown("This server has never made it.")
	}
	if err := d.good(k); err != nil {
		return k, err
	}
	if !k.TakenFrom(gate.Network(ctx)) {
		return k, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.key_network",
			Say: "This key is not taken from this address.", Do: "Use it in the networks that it was made for, or have one made for this one: graphwarden apps key create APP --network."}
	}
	return k, d.used(ctx, k)
}

// Still says whether a key that was admitted is good yet, as it was a second ago:
// thousands of listeners ask this every second.
func (d *Desk) Still(ctx context.Context, k graphwarden.AppKey) error {
	k, _, err := d.still.Look(k.ID, d.Now(), func() (graphwarden.AppKey, bool, error) {
		k, err := d.One(ctx, k.ID)
		return k, err == nil, err
	})
	if err != nil {
		return err
	}
	return d.good(k)
}

// find looks a key up: in memory, where it stays for a second, or in the database.
func (d *Desk) find(ctx context.Context, of [32]byte) (graphwarden.AppKey, bool, error) {
	return d.known.Look(of, d.Now(), func() (graphwarden.AppKey, bool, error) { return d.Store.AppKeyBy(ctx, "", of) })
}

// good refuses a key that is over.
func (d *Desk) good(k graphwarden.AppKey) error {
	if _, declared := d.Apps[k.App]; !declared {
		return unknown("No flow of the configuration is of its app any more.")
	}
	switch k.State(d.Now()) {
	case "revoked":
		return &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "api.key_revoked",
			Say: "This key was revoked.", Do: "Ask whoever runs Graphwarden for a new one."}
	case "expired":
		return &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "api.key_expired",
			Say: "This key has expired.", Do: "Ask whoever runs Graphwarden for a new one: graphwarden apps key create."}
	}
	return nil
}

// used notes that a key was used, to the hour: a write for each request would cost
// more than it tells.
func (d *Desk) used(ctx context.Context, k graphwarden.AppKey) error {
	hour := d.Now().Truncate(usedEvery)
	if hour.Before(k.MadeAt) {
		hour = k.MadeAt // nothing is used before it is made
	}
	if !k.UsedAt.Before(hour) {
		return nil
	}
	return d.noteUse(ctx, k.ID, hour) // a function of its own: what it keeps of a key is garbage
}

func (d *Desk) noteUse(ctx context.Context, id string, hour time.Time) error {
	err := d.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		return d.Store.EndAppKey(ctx, tx, id, time.Time{}, time.Time{}, hour)
	})
	d.forget()
	return err
}

func unknown(why string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "api.key_unknown",
		Say: "The key that was sent is not good. " + why, Do: "Send one that graphwarden apps key create has shown, whole."}
}
