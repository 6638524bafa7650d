package connect

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
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

// otherThan stands between who said when a secret ends and the date that the
// configuration said when the secret was rotated: that was said of another secret.
const otherThan = ", not "

// apart is by, with the date that the configuration says at a rotation.
func apart(by string, configured time.Time) string {
	if configured.IsZero() {
		return by
	}
	return by + otherThan + configured.Format(time.DateOnly)
}

// expiry is what is known of a credential's end: a certificate says it itself, of
// a secret the configuration or the directory. What the configuration said of a
// secret before it was rotated does not count where the directory knows the new one.
func (c *Custody) expiry(of Connection, s graphwarden.Standing) Expiry {
	e := Expiry{Tenant: of.Tenant.Name, Registration: of.short(), Kind: "secret"}
	switch certificate := of.Credential.Certificate; {
	case certificate != nil:
		e.Kind, e.At, e.By = "certificate", certificate.NotAfter(), "certificate"
		e.TooLong = certificate.NotAfter().Sub(certificate.NotBefore()) > longCertificate
	default:
		by, old, _ := strings.Cut(s.ExpiryBy, otherThan)
		known := !s.ExpiresAt.IsZero()
		switch configured := !of.Expires.IsZero(); {
		case configured && (!known || old != of.Expires.Format(time.DateOnly)):
			e.At, e.By = of.Expires, "configuration"
		case known:
			e.At, e.By = s.ExpiresAt, by
		}
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
	_ = d.Custody.noteExpiry(ctx, c, endOf(app, c.Credential), "directory") // the next look notes it
}

// endOf is when a secret ends as the directory lists it, the zero time where it
// does not.
func endOf(app graph.Application, secret entra.Credential) (last time.Time) {
	for _, credential := range app.Credentials {
		if lists(credential, secret) && credential.End.After(last) {
			last = credential.End
		}
	}
	return last
}

func (c *Custody) noteExpiry(ctx context.Context, of Connection, at time.Time, by string) error {
	return c.Vault.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
		s, err := c.Standings.StandingIn(ctx, tx, of.Tenant.Name, of.Registration.Name)
		if err != nil {
			return err
		}
		if _, old, rotated := strings.Cut(s.ExpiryBy, otherThan); rotated {
			by += otherThan + old
		}
		if s.ExpiresAt.Equal(at) && s.ExpiryBy == by {
			return nil
		}
		s.ExpiresAt, s.ExpiryBy = at, by
		return c.Standings.PutStanding(ctx, tx, s)
	})
}
