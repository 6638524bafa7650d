package world_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"math/big"
	"slices"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

func TestTheDeliveredAppsHoldWhatTheyAskedFor(t *testing.T) {
	delivered := func() (apps []world.App, roles map[string]int) {
		w := world.New(world.Options{Seed: 9, Domain: "contoso.example", Name: "Contoso"})
		roles = map[string]int{}
		err := w.Open(func(tx *state.Tx) error {
			w.Found(tx)
			apps = w.Deliver(tx)
			graph, _ := w.ServicePrincipal(tx, world.GraphAppID)
			for _, a := range apps {
				sp, ok := w.ServicePrincipal(tx, a.ClientID)
				if !ok {
					t.Fatalf("%s has no service principal", a.Name)
				}
				got := w.RolesOf(tx, sp.ID, graph)
				if want := slices.Sorted(slices.Values(a.Application)); !slices.Equal(got, want) {
					t.Errorf("%s holds %d roles, asked for %d", a.Name, len(got), len(want))
				}
				if got := w.ScopesOf(tx, sp.ID, graph.ID, "anybody"); len(got) != len(a.Delegated) {
					t.Errorf("%s may use %d delegated permissions, asked for %d", a.Name, len(got), len(a.Delegated))
				}
				roles[a.Name] = len(got)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return apps, roles
	}
	apps, roles := delivered()
	if roles["everything"] < 400 || roles["nothing"] != 0 || roles["reader"] != 4 {
		t.Errorf("application permissions: %v", roles)
	}
	again, _ := delivered()
	for i, a := range apps {
		if again[i].ClientID != a.ClientID || again[i].Secret != a.Secret {
			t.Errorf("%s: the same seed gave %v and %v", a.Name, a, again[i])
		}
	}
}

func TestConsentAddsToWhatWasConsented(t *testing.T) {
	x := open(t)
	err := x.Update(func(tx *state.Tx) error {
		graph, _ := x.ServicePrincipal(tx, world.GraphAppID)
		x.Consent(tx, x.principal, graph, "", []string{"User.Read"})
		x.Consent(tx, x.principal, graph, x.ann.ID, []string{"Mail.Read"})
		x.Consent(tx, x.principal, graph, x.ann.ID, []string{"Calendars.Read", "Mail.Read"})
		for user, want := range map[string][]string{
			x.ann.ID: {"Calendars.Read", "Mail.Read", "User.Read"}, x.bob.ID: {"User.Read"}} {
			if got := x.ScopesOf(tx, x.principal.ID, graph.ID, user); !slices.Equal(got, want) {
				t.Errorf("scopes %v, want %v", got, want)
			}
		}
		if n := x.Consents.Len(tx); n != 2 {
			t.Errorf("%d grants, want one for everybody and one for ann", n)
		}
		id := world.RoleID(graph, "User.Read.All")
		first := x.AssignRole(tx, x.principal, graph, id)
		if second := x.AssignRole(tx, x.principal, graph, id); first["id"] != second["id"] {
			t.Error("assigned twice, the role is there twice")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCredentialsComeAndGo(t *testing.T) {
	x := open(t)
	now := x.Clock().Now()
	der := certificate(t, now.Add(-time.Hour), now.Add(time.Hour))
	err := x.Update(func(tx *state.Tx) error {
		app, s := x.AddSecret(tx, x.app, "first", now, now.Add(world.SecretLife))
		app, _ = x.AddSecret(tx, app, "second", now, now.Add(world.SecretLife))
		if len(s.Text) != 40 || world.Text(app.Doc["passwordCredentials"].([]any)[0].(world.Doc), "hint") != s.Text[:3] {
			t.Errorf("secret %q", s.Text)
		}
		if _, ok := x.RemoveSecret(tx, x.bob, s.KeyID); ok {
			t.Error("another object's secret was removed")
		}
		app, ok := x.RemoveSecret(tx, app, s.KeyID)
		if left := app.Doc["passwordCredentials"].([]any); !ok || len(left) != 1 || len(slices.Collect(x.SecretsOf(tx, app.ID))) != 1 {
			t.Errorf("after removing one of two: %v", left)
		}
		app, err := x.AddCertificate(tx, app, "signing", der)
		if err != nil {
			return err
		}
		up := world.Certificates(app)
		if len(up) != 1 {
			t.Fatalf("%d certificates, want one", len(up))
		}
		for at, want := range map[time.Duration]bool{-2 * time.Hour: false, 0: true, 2 * time.Hour: false} {
			if got := up[0].Valid(now.Add(at)); got != want {
				t.Errorf("%v from now the certificate is valid: %v", at, got)
			}
		}
		if _, err := x.AddCertificate(tx, app, "broken", der[1:]); err == nil {
			t.Error("a broken certificate was taken")
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func certificate(t *testing.T, from, until time.Time) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: from, NotAfter: until}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func TestSignInsEndWhenRevoked(t *testing.T) {
	x := open(t)
	before := x.Clock().Now()
	x.Clock().Advance(time.Second)
	if err := x.Update(func(tx *state.Tx) error { x.RevokeSignIns(tx, x.ann); return nil }); err != nil {
		t.Fatal(err)
	}
	_ = x.View(func(tx *state.Tx) error {
		for _, c := range []struct {
			user string
			at   time.Time
			want bool
		}{{x.ann.ID, before, true}, {x.ann.ID, tx.Now().Add(time.Millisecond), false}, {x.bob.ID, before, false}} {
			if got := x.SignInEnded(tx, c.user, c.at); got != c.want {
				t.Errorf("a sign-in at %v is ended: %v", c.at, got)
			}
		}
		return nil
	})
}
