package simulated_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/simulated"
	"github.com/graphwarden/graphwarden/seal"
)

const nobody = "11111111-2222-4333-8444-555555555555"

// certificate gives the certificate that the tenant's calendar app has uploaded,
// as connect loads it from a file.
func certificate(t *testing.T, n *simulated.Tenant) *entra.Certificate {
	t.Helper()
	content, err := n.AppCertificate()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "calendar.pem")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := connect.LoadCertificate(path, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// foreign gives a certificate that nobody has uploaded.
func foreign(t *testing.T) *entra.Certificate {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "x"}, NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	c, err := entra.NewCertificate(leaf, key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestAWrongConnectionSaysWhatIsWrong signs in to a simulated Entra with one thing
// wrong at a time, and once with nothing wrong in either way.
func TestAWrongConnectionSaysWhatIsWrong(t *testing.T) {
	n := simulated.New(t)
	signed := func(d *simulated.Door) {
		d.ClientID = n.App(t, "calendar-certificate").ClientID
		d.Credential = entra.Credential{Certificate: certificate(t, n)}
	}
	for _, test := range []struct {
		situation string
		wrong     func(d *simulated.Door)
		code      string // "" when it signs in
		says      string
	}{
		{"by secret", func(*simulated.Door) {}, "", ""},
		{"by certificate", func(d *simulated.Door) { signed(d) }, "", ""},
		{"by the tenant's domain", func(d *simulated.Door) { d.TenantID = n.Ready.Tenant.Domain }, "", ""},
		{"a wrong tenant", func(d *simulated.Door) { d.TenantID = nobody }, "entra.tenant_unknown", nobody},
		{"a wrong app", func(d *simulated.Door) { d.ClientID = nobody }, "entra.app_unknown", nobody},
		{"a wrong secret", func(d *simulated.Door) { d.Credential.Secret = seal.FromString("Abc8Q~wrong") }, "entra.secret_wrong", "main"},
		{"the secret's id", func(d *simulated.Door) { d.Credential.Secret = seal.FromString(nobody) }, "entra.secret_is_id", "not its value"},
		{"no secret", func(d *simulated.Door) { d.Credential = entra.Credential{} }, "entra.secret_missing", "main"},
		{"another certificate", func(d *simulated.Door) { d.Credential = entra.Credential{Certificate: foreign(t)} }, "entra.certificate_unknown", "certificate"},
		{"a clock ahead", func(d *simulated.Door) {
			signed(d)
			d.Now = func() time.Time { return time.Now().Add(3 * time.Hour) }
		}, "entra.clock_off", "3 h ahead of Microsoft's"},
		{"a clock behind", func(d *simulated.Door) {
			signed(d)
			d.Now = func() time.Time { return time.Now().Add(-50 * time.Hour) }
		}, "entra.clock_off", "2 d 2 h behind Microsoft's"},
		{"an authority that nobody trusts", func(d *simulated.Door) { d.Distrusting = true }, "outbound.tls_untrusted", "tenant.example"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			door := n.Door(t, "calendar")
			test.wrong(&door)
			rooms := n.Knock(t, door)
			token, err := rooms.Custody.Bearer(t.Context(), rooms.Registration)
			if test.code == "" {
				if err != nil || token.Empty() {
					t.Fatalf("signing in gave %v", err)
				}
				return
			}
			var refusal *graphwarden.Refusal
			if !errors.As(err, &refusal) || refusal.Code != test.code || !strings.Contains(refusal.Say, test.says) {
				t.Fatalf("signing in gave %v, want %s", err, test.code)
			}
		})
	}
}

// TestAMailboxOutOfReachSaysWhy asks a simulated Graph for what an app may not
// have, or nobody has.
func TestAMailboxOutOfReachSaysWhy(t *testing.T) {
	n := simulated.New(t)
	first := n.Ready.Users[0]
	mailboxless := n.Ask(t, http.MethodPost, "/v1.0/users", map[string]any{
		"accountEnabled": true, "displayName": "Nora", "mailNickname": "nora", "userPrincipalName": "nora@" + n.Ready.Tenant.Domain,
		"passwordProfile": map[string]any{"password": "xWwvJ]6NMw+bWH-d"},
	})["id"].(string)
	for _, test := range []struct {
		situation string
		app       string
		mailbox   string
		before    func(t *testing.T)
		code      string
	}{
		{"within reach", "calendar", first.ID, nil, ""},
		{"an app without permissions", "nothing", first.ID, nil, "graph.not_consented"},
		{"a mailbox that nobody has", "calendar", nobody, nil, "graph.mailbox_unknown"},
		{"a user without a licence", "calendar", mailboxless, nil, "graph.mailbox_not_enabled"},
		{"a restricted mailbox", "calendar", first.ID, func(t *testing.T) {
			n.Ask(t, http.MethodPost, "/sim/mailboxaccess", map[string]any{"delay": "0s", "policies": []any{
				map[string]any{"app": n.App(t, "calendar").ClientID, "scope": first.ID, "right": "DenyAccess"}}})
		}, "graph.mailbox_restricted"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			if test.before != nil {
				test.before(t)
			}
			door := n.Door(t, test.app)
			m := graphwarden.Mailbox{ID: test.mailbox, UPN: "somebody@contoso.example"}
			door.Mailboxes = graphwarden.MailboxScope{m}
			rooms := n.Knock(t, door)
			calendars, err := rooms.Graph.Calendars(t.Context(), rooms.Flow, m)
			if test.code == "" {
				if err != nil || len(calendars) == 0 {
					t.Fatalf("listing calendars gave %+v, %v", calendars, err)
				}
				return
			}
			var refusal *graphwarden.Refusal
			if !errors.As(err, &refusal) || refusal.Code != test.code {
				t.Fatalf("listing calendars gave %v, want %s", err, test.code)
			}
		})
	}
}

func TestUsersAreFoundByTheReaderAlone(t *testing.T) {
	n := simulated.New(t)
	first := n.Ready.Users[0]
	for _, test := range []struct{ app, name, code string }{
		{"reader", first.UserPrincipalName, ""},
		{"reader", strings.ToUpper(first.UserPrincipalName), ""},
		{"reader", "nobody@" + n.Ready.Tenant.Domain, "graph.user_unknown"},
		{"nothing", first.UserPrincipalName, "graph.not_consented"},
	} {
		rooms := n.Knock(t, n.Door(t, test.app))
		m, err := rooms.Graph.User(t.Context(), rooms.Reader, test.name)
		var refusal *graphwarden.Refusal
		switch {
		case test.code == "" && (err != nil || m.ID != first.ID):
			t.Errorf("%s found %+v, %v", test.app, m, err)
		case test.code != "" && (!errors.As(err, &refusal) || refusal.Code != test.code):
			t.Errorf("%s looking for %s got %v, want %s", test.app, test.name, err, test.code)
		}
	}
}

// TestAHostThatIsNotThere dials into nothing.
func TestAHostThatIsNotThere(t *testing.T) {
	n := simulated.New(t)
	n.Cloud.Login = "https://elsewhere.example"
	rooms := n.Knock(t, n.Door(t, "calendar"))
	_, err := rooms.Custody.Bearer(context.WithoutCancel(t.Context()), rooms.Registration)
	var refusal *graphwarden.Refusal
	if !errors.As(err, &refusal) || refusal.Kind != graphwarden.Unreachable && refusal.Kind != graphwarden.Denied || !strings.Contains(refusal.Say, "elsewhere.example") {
		t.Errorf("signing in gave %v", err)
	}
}
