package appkey

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/memo"
	"github.com/graphwarden/graphwarden/meant"
	"github.com/graphwarden/graphwarden/seal"
)

// Store keeps keys by their digests.
type Store interface {
	PutAppKey(ctx context.Context, tx graphwarden.Tx, k graphwarden.AppKey, digest [32]byte) error
	AppKeys(ctx context.Context, app string) ([]graphwarden.AppKey, error)
	AppKeyBy(ctx context.Context, id string, digest [32]byte) (graphwarden.AppKey, bool, error)
	EndAppKey(ctx context.Context, tx graphwarden.Tx, id string, expires, revoked, used time.Time) error
	Update(ctx context.Context, do func(ctx context.Context, tx graphwarden.Tx) error) error
}

// Ledger appends an entry within a transaction.
type Ledger interface {
	Append(ctx context.Context, tx graphwarden.Tx, e graphwarden.Entry) (graphwarden.Entry, error)
}

// Config is what a desk is made of.
type Config struct {
	Store  Store
	Ledger Ledger
	Now    func() time.Time
	Random io.Reader
	// Apps gives the flows that the configuration declares, by app.
	Apps map[string][]string
}

// Prefix tells an app's key from other secrets.
const Prefix = "gwk_"

// remembered is how long a key that was found in the database is believed to be
// as it was: so long a key that another process revoked works on.
const remembered = time.Second

// usedEvery is how finely the last use of a key is kept.
const usedEvery = time.Hour

// Desk makes keys and lets apps in. It may be used from many goroutines.
type Desk struct {
	Config
	known *memo.Memo[[32]byte, graphwarden.AppKey] // by digest
	still *memo.Memo[string, graphwarden.AppKey]   // by id
}

// New makes a desk.
func New(c Config) *Desk {
	return &Desk{Config: c, known: &memo.Memo[[32]byte, graphwarden.AppKey]{For: remembered}, still: &memo.Memo[string, graphwarden.AppKey]{For: remembered}}
}

// Wanted says what a new key shall be.
type Wanted struct {
	App   string
	Flows []string // of the app's; none means all
	Write bool
	For   time.Duration // how long it works; 0 is for good
	Note  string
	// Networks are those that it is taken from, such as 10.1.0.0/16, or addresses;
	// none means from anywhere.
	Networks []string
	By       string // who has it made, for the ledger
}

// Made is a key that was just made, and what it is.
type Made struct {
	Key   graphwarden.AppKey
	Plain seal.Plain
}

// Create makes a key.
func (d *Desk) Create(ctx context.Context, w Wanted) (Made, error) {
	flows, known := d.Apps[w.App]
	if !known {
		return Made{}, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "appkey.app", Field: "app",
			Say: fmt.Sprintf("No flow of the configuration is of an app %q.", w.App), Do: meant.Rather(w.App, slices.Sorted(maps.Keys(d.Apps)), "Name one that graphwarden flows lists.")}
	}
	for i, f := range w.Flows {
		if !slices.Contains(flows, f) {
			return Made{}, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "appkey.flow", Field: fmt.Sprintf("flows[%d]", i),
				Say: fmt.Sprintf("The app %s has no flow %q.", w.App, f), Do: meant.Rather(f, flows, "Name some of: "+strings.Join(flows, ", ")+".")}
		}
	}
	networks, err := Networks(w.Networks)
	if err != nil {
		return Made{}, err
	}
	k := graphwarden.AppKey{App: w.App, Flows: w.Flows, Write: w.Write, Note: w.Note, MadeAt: d.Now(), Networks: networks}
	if w.For > 0 {
		k.ExpiresAt = d.Now().Add(w.For)
	}
	return d.make(ctx, k, "create", w.By, nil)
}

// make stores a new key with its entry in the ledger, and what else belongs to it.
func (d *Desk) make(ctx context.Context, k graphwarden.AppKey, act, by string, also func(ctx context.Context, tx graphwarden.Tx) error) (Made, error) {
	plain, err := seal.NewPlain(Prefix, d.Random)
	if err != nil {
		return Made{}, err
	}
	if k.ID, err = seal.NewID("key_", d.Random); err != nil {
		return Made{}, err
	}
	err = d.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if also != nil {
			if err := also(ctx, tx); err != nil {
				return err
			}
		}
		if err := d.Store.PutAppKey(ctx, tx, k, seal.Digest(string(plain))); err != nil {
			return err
		}
		return d.note(ctx, tx, k, act, by)
	})
	if err != nil {
		return Made{}, err
	}
	return Made{k, plain}, nil
}

func (d *Desk) note(ctx context.Context, tx graphwarden.Tx, k graphwarden.AppKey, act, by string) error {
	what := map[bool]string{true: "write", false: "read"}[k.Write]
	if len(k.Flows) > 0 {
		what += ", flows " + strings.Join(k.Flows, " ")
	}
	for i, n := range k.Networks {
		what += map[bool]string{true: ", from ", false: " "}[i == 0] + n.String()
	}
	if k.Replaces != "" {
		what += ", follows " + k.Replaces
	}
	if by != "" {
		what += ", by " + by
	}
	_, err := d.Ledger.Append(ctx, tx, graphwarden.Entry{Kind: graphwarden.Acted, App: k.App, Path: "appkey." + act + " " + k.ID, Allowed: true, Rule: "operator", Note: what})
	return err
}

// List gives the keys of an app, the oldest first.
func (d *Desk) List(ctx context.Context, app string) ([]graphwarden.AppKey, error) {
	return d.Store.AppKeys(ctx, app)
}

// Rotate makes a key that may what another may, and ends that one after a while.
func (d *Desk) Rotate(ctx context.Context, id, by string, overlap time.Duration) (Made, error) {
	old, err := d.One(ctx, id)
	if err != nil {
		return Made{}, err
	}
	now := d.Now()
	if s := old.State(now); s != "active" {
		return Made{}, &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "appkey.over", Field: "key",
			Say: fmt.Sprintf("The key %s is %s already.", id, s), Do: "Make a new one: graphwarden apps key create " + old.App + "."}
	}
	k := old
	k.MadeAt, k.Replaces, k.UsedAt = now, old.ID, time.Time{}
	if !old.ExpiresAt.IsZero() {
		k.ExpiresAt = now.Add(old.ExpiresAt.Sub(old.MadeAt))
	}
	until := now.Add(overlap)
	if !old.ExpiresAt.IsZero() && old.ExpiresAt.Before(until) {
		until = old.ExpiresAt
	}
	made, err := d.make(ctx, k, "rotate", by, func(ctx context.Context, tx graphwarden.Tx) error {
		return d.Store.EndAppKey(ctx, tx, old.ID, until, time.Time{}, time.Time{})
	})
	d.forget()
	return made, err
}

// Revoke ends a key at once; one that is revoked stays so.
func (d *Desk) Revoke(ctx context.Context, id, by string) (graphwarden.AppKey, error) {
	k, err := d.One(ctx, id)
	if err != nil || !k.RevokedAt.IsZero() {
		return k, err
	}
	k.RevokedAt = d.Now()
	err = d.Store.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		if err := d.Store.EndAppKey(ctx, tx, id, time.Time{}, k.RevokedAt, time.Time{}); err != nil {
			return err
		}
		return d.note(ctx, tx, k, "revoke", by)
	})
	d.forget()
	return k, err
}

// One gives a key by its id.
func (d *Desk) One(ctx context.Context, id string) (graphwarden.AppKey, error) {
	k, there, err := d.Store.AppKeyBy(ctx, id, [32]byte{})
	if err == nil && !there {
		err = &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "appkey.unknown", Field: "key",
			Say: fmt.Sprintf("There is no key %q.", id), Do: "Name one by its id, as graphwarden apps key list shows it."}
	}
	return k, err
}

// forget has every key looked up anew.
func (d *Desk) forget() {
	d.known.Forget()
	d.still.Forget()
}
