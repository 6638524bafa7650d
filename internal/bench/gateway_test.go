//go:build linux

package bench_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/ncruces/go-sqlite3/driver"
)

const tenantID = "84841066-274d-4ec0-a5c1-276be684bdd3"

// settings are the file that a gateway runs by.
const settings = `database: %[6]s
listen: 127.0.0.1:0
operate: 127.0.0.1:0
%[1]s
admit: [%[2]q, %[3]q]
tenants:
  contoso:
    id: ` + tenantID + `
    cloud: {login: "https://%[2]s", graph: "https://%[2]s"}
    ca: %[4]q
    registrations:
      reader: {client_id: 66666666-7777-8888-9999-000000000000, secret_file: client.secret}
      calendar: {client_id: aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee, secret_file: client.secret}
flows:
  office:
    app: portal
    kind: calendar
    tenant: contoso
    registration: calendar
    mailboxes: [%[5]s]
    window: {from: 2026-01-01, to: 2027-01-01}
    sink: {url: "http://%[3]s/changes", secret_file: hook.secret}
`

// gateway is Graphwarden as users run it: the binary, with a configuration.
type gateway struct {
	*child
	folder string
	began  time.Time
}

// setUp writes the configuration of a gateway for an office and an app that
// answers with a status; 410 means that it wants no changes, and costs one try.
func setUp(tb testing.TB, o *office, answer int, more string) (folder string, a *app) {
	tb.Helper()
	a = &app{status: answer, seen: map[string]time.Time{}}
	a.Server = httptest.NewServer(a)
	tb.Cleanup(a.Close)
	folder = tb.TempDir()
	names := make([]string, o.people)
	for n := range names {
		names[n] = mailboxName(n)
	}
	for name, text := range map[string]string{
		"graphwarden.yaml": fmt.Sprintf(settings, more, address(o.Server), address(a.Server), o.ca, strings.Join(names, ", "), database(tb)),
		"client.secret":    "a-secret-of-the-bench",
		"hook.secret":      "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILA==",
	} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	return folder, a
}

func address(s *httptest.Server) string {
	u, err := url.Parse(s.URL)
	if err != nil {
		panic(err) // httptest's own
	}
	return u.Host
}

// run starts a gateway and waits until it says that it runs.
func run(tb testing.TB, binary, folder string) *gateway {
	tb.Helper()
	config := filepath.Join(folder, "graphwarden.yaml")
	g := &gateway{folder: folder, began: time.Now()}
	if *profile != "" || binary == "" {
		self, err := os.Executable()
		if err != nil {
			tb.Fatal(err)
		}
		g.child = launch(tb, self, []string{asGateway + "=" + config, profiles + "=" + *profile})
	} else {
		g.child = launch(tb, binary, nil, "serve", "--config", config)
	}
	g.await("it runs", 3*time.Minute, func() bool { _, runs := g.said("msg=running listen="); return runs })
	return g
}

// hooks is where notifications are posted.
func (g *gateway) hooks() string {
	rest, _ := g.said("msg=running listen=")
	listen, _, _ := strings.Cut(rest, " ")
	return "http://" + listen + "/hooks/graph"
}

// ask looks into the gateway's database from outside.
func (g *gateway) ask(query string, args ...any) (n int) {
	g.tb.Helper()
	db := openDatabase(g.tb, g.folder)
	defer db.Close()
	return db.number(g.tb, query, args...)
}

// build builds a program of a module, stripped and without CGO.
func build(tb testing.TB, module, pkg, name string, env ...string) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), name)
	c := exec.CommandContext(context.Background(), "nice", "go", "build", "-C", module, "-ldflags", "-s -w", "-o", path, pkg)
	c.Env = append(append(os.Environ(), "CGO_ENABLED=0"), env...)
	if out, err := c.CombinedOutput(); err != nil {
		tb.Fatalf("building %s: %v: %s", pkg, err, out)
	}
	return path
}

// app takes changes, and remembers when it first saw each item.
type app struct {
	*httptest.Server
	status int
	mu     sync.Mutex
	seen   map[string]time.Time
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	at := time.Now()
	body, _ := io.ReadAll(r.Body)
	if a.status != http.StatusGone {
		id := subject(body)
		a.mu.Lock()
		if a.seen[id].IsZero() {
			a.seen[id] = at
		}
		a.mu.Unlock()
	}
	w.WriteHeader(a.status)
}

// subject is the item that an envelope is about.
func subject(body []byte) string {
	_, after, _ := strings.Cut(string(body), `"subject":"`)
	id, _, _ := strings.Cut(after, `"`)
	return id
}
