package connect

import (
	"context"
	"slices"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/graph"
)

// The lives beyond which a credential is held to be too long-lived (R27).
const (
	longSecret      = 180 * 24 * time.Hour
	longCertificate = 365 * 24 * time.Hour
)

// Expiry is when a connection's credential ends.
type Expiry struct {
	Tenant       string    `json:"tenant"`
	Registration string    `json:"registration"`
	Kind         string    `json:"kind"` // secret, certificate
	At           time.Time `json:"at"`   // zero: nobody knows
	By           string    `json:"by"`   // who said so
	// Days is how many whole days are left, below zero once it has ended.
	Days int `json:"days"`
	// Ahead is the warning that is due: 30, 7 or 1 days ahead, 0 once it has ended,
	// -1 for none.
	Ahead int `json:"ahead"`
	// TooLong says that its life is longer than it should be.
	TooLong bool `json:"too_long"`
}

// Expiries tells of every credential when it ends, the first to end first, those
// of whose end nobody knows last.
func (c *Custody) Expiries(ctx context.Context, now time.Time) ([]Expiry, error) {
	var out []Expiry
	for _, connection := range c.Connections {
		of := c.kept[connection.Registration.Name].current()
		if of.Credential.Certificate == nil && of.Credential.Secret.Empty() {
			continue // a public client has none
		}
		s, err := c.Standings.Standing(ctx, of.Tenant.Name, of.Registration.Name)
		if err != nil {
			return nil, err
		}
		out = append(out, c.expiry(of, s).at(now))
	}
	slices.SortFunc(out, func(a, b Expiry) int {
		if a.At.IsZero() != b.At.IsZero() {
			return map[bool]int{true: 1, false: -1}[a.At.IsZero()]
		}
		return a.At.Compare(b.At)
	})
	return out, nil
}

// expiry is what is known of a credential's end: a certificate says it itself, of
// a secret the directory or the configuration.
func (c *Custody) expiry(of Connection, s graphwarden.Standing) Expiry {
	e := Expiry{Tenant: of.Tenant.Name, Registration: of.short(), Kind: "secret"}
	switch certificate := of.Credential.Certificate; {
	case certificate != nil:
		e.Kind, e.At, e.By = "certificate", certificate.NotAfter(), "certificate"
		e.TooLong = certificate.NotAfter().Sub(certificate.NotBefore()) > longCertificate
	case !of.Expires.IsZero():
		e.At, e.By = of.Expires, "configuration"
	case !s.ExpiresAt.IsZero():
		e.At, e.By = s.ExpiresAt, s.ExpiryBy
	}
	return e
}

// at fills in what depends on the time.
func (e Expiry) at(now time.Time) Expiry {
	e.Ahead = -1
	if e.At.IsZero() {
		return e
	}
	left := e.At.Sub(now)
	e.Days = int(left / (24 * time.Hour))
	if left <= 0 {
		e.Days, e.Ahead = min(e.Days, -1), 0
		return e
	}
	for _, days := range []int{30, 7, 1} {
		if left <= time.Duration(days)*24*time.Hour {
			e.Ahead = days
		}
	}
	e.TooLong = e.TooLong || e.Kind == "secret" && left > longSecret
	return e
}

// noteSecretEnd writes down when a connection's secret ends, as the directory
// lists it: of several that begin alike, the last to end.
func (d *Desk) noteSecretEnd(ctx context.Context, g *graph.Graph, f flow.Flow, c Connection) {
	if c.Credential.Certificate != nil || c.Credential.Secret.Empty() {
		return
	}
	app, err := g.Application(ctx, f, c.Registration.ClientID)
	c = d.Custody.kept[c.Registration.Name].current()
	if err != nil {
		return // registered in another tenant, or not readable: then nobody knows
	}
	var last time.Time
	for _, credential := range app.Credentials {
		if lists(credential, c.Credential) && credential.End.After(last) {
			last = credential.End
		}
	}
	_ = d.Custody.noteExpiry(ctx, c, last, "directory") // the next look notes it
}

func (c *Custody) noteExpiry(ctx context.Context, of Connection, at time.Time, by string) error {
	return c.Vault.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		s, err := c.Standings.StandingIn(ctx, tx, of.Tenant.Name, of.Registration.Name)
		if err != nil || s.ExpiresAt.Equal(at) && s.ExpiryBy == by {
			return err
		}
		s.ExpiresAt, s.ExpiryBy = at, by
		return c.Standings.PutStanding(ctx, tx, s)
	})
}
