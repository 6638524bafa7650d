package assemble

import (
	"encoding/pem"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/outbound"
	"github.com/graphwarden/graphwarden/watch"
)

const sinkSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILA=="

// load loads a configuration whose flow has what is given.
func load(t *testing.T, tenant, sinks string) (*Config, error) {
	t.Helper()
	folder := t.TempDir()
	for name, text := range map[string]string{"s": "x", "sink.secret": sinkSecret, "graphwarden.yaml": `
tenants:
  contoso:
    id: contoso.example
    ` + tenant + `
    registrations:
      reader: {client_id: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, secret_file: s}
  other:
    id: other.example
    registrations:
      reader: {client_id: 66666666-7777-8888-9999-000000000000, secret_file: s}
flows:
  office:
    app: portal
    kind: calendar
    tenant: contoso
    registration: reader
    mailboxes: [anna@contoso.example]
` + sinks} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return Load(filepath.Join(folder, "graphwarden.yaml"))
}

// TestWhatATenantTrustsIsTrustedForItAlone calls one server in the name of a
// tenant and a sink that trust its authority, and of others that do not.
func TestWhatATenantTrustsIsTrustedForItAlone(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer server.Close()
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := load(t, "ca: "+ca, `
    sinks:
      own: {url: "`+server.URL+`", secret_file: sink.secret, ca: "`+ca+`"}
      system: {url: "`+server.URL+`", secret_file: sink.secret}
`)
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.declare(time.Now(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	step := func(_ string, act func() error) error { return act() }
	if err := newClients(outbound.Options{Admit: []string{strings.TrimPrefix(server.URL, "https://")}}).give(d, step, &watch.Skew{Now: time.Now}); err != nil {
		t.Fatal(err)
	}
	doers := map[string]interface {
		Do(*http.Request) (*http.Response, error)
	}{}
	for _, r := range d.routes {
		doers["tenant "+r.Tenant.Name] = r.Doer
	}
	for _, target := range d.targets {
		doers["sink "+target.Sink.Name] = target.Doer
	}
	for who, trusts := range map[string]bool{"tenant contoso": true, "tenant other": false, "sink office/own": true, "sink office/system": false} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := doers[who].Do(r)
		if err == nil {
			answer.Body.Close()
		}
		if trusts != (err == nil) {
			t.Errorf("%s: %v", who, err)
		}
	}
}

func TestSinksAreDeclaredByName(t *testing.T) {
	c, err := load(t, "", `
    sink: {url: "https://a.example/", secret_file: sink.secret}
    sinks:
      warehouse: {type: table, private: drop, fields: [subject]}
      ears: {type: none}
      thin: {url: "https://b.example/", secret_file: sink.secret, by: reference, filter: {kinds: [deleted]}}
`)
	if err != nil {
		t.Fatal(err)
	}
	d, err := c.declare(time.Now(), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, target := range d.targets {
		names = append(names, target.Sink.Name+" "+string(target.Sink.Kind)+" "+target.Sink.URL)
	}
	if got := strings.Join(names, ", "); got != "office webhook https://a.example/, office/ears none , office/thin webhook https://b.example/, office/warehouse table " {
		t.Errorf("the sinks are %s", got)
	}
	if got := c.declaredForOperators().Flows[0].Sink; got != "https://a.example/, none, https://b.example/, table" {
		t.Errorf("operators see %q", got)
	}
}

func TestASinkThatCannotWorkIsRefused(t *testing.T) {
	for _, s := range []struct{ sink, says string }{
		{"", "flows.office.sink"},
		{"    sinks: {a: }\n", "sinks.a"},
		{"    sinks: {a: {url: 'https://a.example/'}}\n", "secret_file"},
		{"    sinks: {a: {url: here, secret_file: sink.secret}}\n", "sinks.a.url"},
		{"    sinks: {a: {type: queue}}\n", "queue"},
		{"    sinks: {a: {type: table, url: 'https://a.example/'}}\n", "belong to a webhook"},
		{"    sinks: {a: {type: none, by: mail}}\n", "neither value nor reference"},
		{"    sinks: {a: {type: table, private: some}}\n", "time-only"},
		{"    sinks: {a: {type: table, by: reference, fields: [subject]}}\n", "by reference"},
		{"    sinks: {a: {type: table, filter: {kinds: [moved]}}}\n", "moved"},
		{"    sinks: {a: {type: table, largest_kb: -1}}\n", "largest_kb"},
	} {
		_, err := load(t, "", s.sink)
		var r *graphwarden.Refusal
		if !errors.As(err, &r) || !strings.Contains(r.Say, s.says) {
			t.Errorf("%q: %v, want %q", s.sink, err, s.says)
		}
	}
}
