package cli_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/cli"
	"github.com/graphwarden/graphwarden/internal/answers"
	"github.com/graphwarden/graphwarden/sim"
)

// beProgram, when set, makes the test binary the graphwarden program, so that
// the demo can start its simulator as a second process.
const beProgram = "GRAPHWARDEN_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(beProgram) != "" {
		ctx, stop := signal.NotifyContext(context.Background(), cli.Signals()...)
		code := cli.Main(ctx, cli.Program{Args: os.Args[1:], Env: os.Getenv, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr})
		stop()
		os.Exit(code)
	}
	flag.Parse()
	if flag.NArg() > 0 { // a test started its own binary as the program, without saying so
		fmt.Fprintf(os.Stderr, "set %s to run this binary as graphwarden\n", beProgram)
		os.Exit(2)
	}
	if given := flag.Lookup("test.parallel"); given.Value.String() == given.DefValue {
		_ = flag.Set("test.parallel", "8") // those that run beside each other wait more than they work
	}
	os.Exit(m.Run())
}

// tenant is a simulated tenant on loopback, with the ready file read.
type tenant struct {
	sim.Ready
	folder string
	client *http.Client
}

// open serves a tenant for a test.
func open(t *testing.T) *tenant {
	t.Helper()
	folder := t.TempDir()
	ready := filepath.Join(folder, "ready.json")
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- sim.Serve(ctx, sim.Service{Options: sim.Options{Seed: 1, Users: 4, HTTPNotifications: true, DeviceInterval: time.Second,
			Record: answers.File(t)}, Addr: "127.0.0.1:0", Ready: ready}, quiet())
	}()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the simulator ended with %v", err)
		}
	})
	tn := &tenant{folder: folder}
	for deadline := time.Now().Add(2 * time.Minute); ; {
		raw, err := os.ReadFile(ready)
		if err == nil {
			if err := json.Unmarshal(raw, &tn.Ready); err != nil {
				t.Fatal(err)
			}
			break
		}
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("the simulator ended before it was ready: %v", err)
		case <-time.After(5 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("the simulator is not ready after 30 s")
		}
	}
	tn.client = trusting(t, tn.CA)
	return tn
}

// app is a registration of the tenant by name.
func (tn *tenant) app(t *testing.T, name string) sim.ReadyApp {
	t.Helper()
	for _, a := range tn.Apps {
		if a.Name == name {
			return a
		}
	}
	t.Fatalf("the tenant has no app %q", name)
	return sim.ReadyApp{}
}

// steer posts JSON to a steering address.
func (tn *tenant) steer(t *testing.T, path, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tn.Graph+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	answer, err := tn.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		t.Fatalf("steering %s answered %s", path, answer.Status)
	}
}

// settings are what tests change in an otherwise right configuration.
type settings struct {
	tenantID, secret, certificate, database, listen, operate, login string

	sink, more string // the sink's host:port, and further settings of the flow
}

// configure writes a configuration for the tenant and gives its path.
func (tn *tenant) configure(t *testing.T, change func(*settings)) string {
	t.Helper()
	reader, calendar, signed := tn.app(t, "reader"), tn.app(t, "calendar"), tn.app(t, "calendar-certificate")
	s := settings{tenantID: tn.Tenant.ID, secret: calendar.ClientSecret, certificate: signed.Certificate,
		database: "graphwarden.db", listen: "127.0.0.1:0", operate: "127.0.0.1:0", login: tn.Authority, sink: "127.0.0.1:1"}
	if change != nil {
		change(&s)
	}
	folder := t.TempDir()
	for name, content := range map[string]string{"reader.secret": reader.ClientSecret, "calendar.secret": s.secret,
		"sink.secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILA=="} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	host := strings.TrimPrefix(tn.Graph, "https://")
	text := fmt.Sprintf(`
database: %q
listen: %q
operate: %q
admit: [%q, %q, %q]
sweep: {woken: 1s, alone: 1s}
tenants:
  contoso:
    id: %q
    cloud: {login: %q, graph: %q}
    ca: %q
    registrations:
      reader: {client_id: %q, secret_file: reader.secret}
      calendar: {client_id: %q, secret_file: calendar.secret}
      signed: {client_id: %q, certificate_file: %q}
flows:
  office:
    app: portal
    kind: calendar
    tenant: contoso
    registration: calendar
    mailboxes: [%q]
    sink: {url: "http://%s/changes", secret_file: sink.secret}
%s`, s.database, s.listen, s.operate, host, strings.TrimPrefix(s.login, "https://"), s.sink, s.tenantID, s.login, tn.Graph, tn.CA, reader.ClientID, calendar.ClientID,
		signed.ClientID, s.certificate, tn.Users[0].UserPrincipalName, s.sink, s.more)
	path := filepath.Join(folder, "graphwarden.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// run runs a command in this process.
func run(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	code = cli.Main(ctx, cli.Program{Args: args, Env: func(string) string { return "" }, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &err})
	return code, out.String(), err.String()
}
