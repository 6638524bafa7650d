package kill

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/internal/canary"
	"github.com/graphwarden/graphwarden/store"
)

// wire stands between a gateway and its tenant and notes the secrets that go over
// it: every token that is handed out or shown.
type wire struct {
	*httptest.Server
	ca string // the file with its certificate

	mu     sync.Mutex
	tokens map[string]bool
}

func tap(t *testing.T, n *tenant) *wire {
	t.Helper()
	to, err := url.Parse(n.Graph)
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{tokens: map[string]bool{}, ca: filepath.Join(t.TempDir(), "wire.pem")}
	token := regexp.MustCompile(`"(access_token|refresh_token|id_token)":"([^"]+)"`)
	assertion := regexp.MustCompile(`client_assertion=([^&]+)`)
	proxy := &httputil.ReverseProxy{Transport: n.client.Transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme, r.Out.URL.Host, r.Out.Host = to.Scheme, to.Host, r.In.Host
		},
		ModifyResponse: func(r *http.Response) error {
			if !strings.Contains(r.Request.URL.Path, "/oauth2/") {
				return nil
			}
			body, err := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			for _, m := range token.FindAllSubmatch(body, -1) {
				w.note(string(m[2]))
			}
			return err
		}}
	w.Server = httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.note(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		if strings.Contains(r.URL.Path, "/oauth2/") {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			for _, m := range assertion.FindAllSubmatch(body, -1) {
				w.note(string(m[1]))
			}
		}
		proxy.ServeHTTP(out, r)
	}))
	t.Cleanup(w.Close)
	if err := os.WriteFile(w.ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *wire) note(token string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if token != "" {
		w.tokens[token] = true
	}
}

// haunt is a gateway with secrets, and what may not show them.
type haunt struct {
	*trial
	wire    *wire
	operate string
	planted map[string]string // the files with secrets, by name; the gateway's other files must hold none
	said    [][]byte          // every answer that it gave
}

// wrongSecret is a client secret that the tenant refuses.
const wrongSecret = "wr0ng~Canary.Client-Secret_that+nobody=accepts"

func (h *haunt) configureSecrets(secretOfCalendar string) {
	h.Helper()
	signed, err := os.ReadFile(h.tenant.app("calendar-certificate").Certificate)
	if err != nil {
		h.Fatal(err)
	}
	h.planted = map[string]string{"reader.secret": h.tenant.app("reader").ClientSecret, "calendar.secret": secretOfCalendar,
		"sink.secret": sinkSecret, "signed.pem": string(signed)}
	m := h.members[0]
	for name, content := range h.planted {
		if err := os.WriteFile(filepath.Join(m.folder, name), []byte(content), 0o600); err != nil {
			h.Fatal(err)
		}
	}
	_, port, _ := strings.Cut(h.door.Addr().String(), ":")
	flow := func(name, registration string, who int) string {
		return fmt.Sprintf("  %s: {app: %s, kind: calendar, tenant: contoso, registration: %s, mailboxes: [%s], sink: {url: %q, secret_file: sink.secret}}\n",
			name, name, registration, h.tenant.Users[who].UserPrincipalName, h.app.URL+"/app")
	}
	config := fmt.Sprintf(`database: graphwarden.db
key: graphwarden.key
listen: %s
operate: %s
public_url: http://127.0.0.1:%s
sweep: {woken: 1s, alone: 1s}
admit: [%q, %q]
tenants:
  contoso:
    id: %s
    cloud: {login: %q, graph: %q}
    ca: %q
    registrations:
      reader: {client_id: %s, secret_file: reader.secret}
      calendar: {client_id: %s, secret_file: calendar.secret}
      signed: {client_id: %s, certificate_file: signed.pem}
flows:
%s%s`, m.port, h.operate, port, host(h.wire.URL), host(h.app.URL), h.tenant.Tenant.ID, h.wire.URL, h.wire.URL, h.wire.ca,
		h.tenant.app("reader").ClientID, h.tenant.app("calendar").ClientID, h.tenant.app("calendar-certificate").ClientID,
		flow("office", "calendar", 0), flow("switchboard", "signed", 1))
	if err := os.WriteFile(filepath.Join(m.folder, "graphwarden.yaml"), []byte(config), 0o600); err != nil {
		h.Fatal(err)
	}
}

// run starts the gateway as it is configured.
func (h *haunt) run() *member {
	h.Helper()
	m := h.members[0]
	tmp := filepath.Join(m.folder, "tmp")
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		h.Fatal(err)
	}
	p, err := start(m.folder, "gateway", "TMPDIR="+tmp, "GOTRACEBACK=all")
	if err != nil {
		h.Fatal(err)
	}
	m.process = p
	return m
}

// ask asks the gateway something and keeps the answer, headers and all.
func (h *haunt) ask(method, address, token, body string) {
	h.Helper()
	r, err := http.NewRequestWithContext(h.ctx, method, address, strings.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := (&http.Client{Timeout: 10 * time.Second}).Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := httputil.DumpResponse(answer, true)
	if err != nil {
		h.Fatal(err)
	}
	h.said = append(h.said, raw)
}

// TestNoSecretShowsAnywhere has a gateway go through good and bad hours and looks
// for its secrets in all that it leaves.
func TestNoSecretShowsAnywhere(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs a gateway through good and bad hours")
	}
	t.Parallel()
	h := &haunt{trial: begin(t, 7, 1, ""), operate: freePort(t)}
	h.wire = tap(t, h.tenant)
	h.configureSecrets(h.tenant.app("calendar").ClientSecret)
	m := h.run()
	h.synced()
	h.trouble(m)
	m.arm("panic before gate:send")
	h.gone(m, "panicked")
	m = h.run()
	h.synced()
	if err := m.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		t.Fatal(err)
	}
	h.gone(m, "was asked for a dump")
	h.configureSecrets(wrongSecret)
	m = h.run()
	h.until(20*time.Second, func() bool { return strings.Contains(m.all(), "entra.") || !m.alive() })
	h.configureSecrets(h.tenant.app("calendar").ClientSecret)
	m.kill()
	m = h.run()
	h.synced()
	h.ask(http.MethodGet, "http://"+h.operate+"/v1/status", h.token(), "")
	m.kill() // so that the write-ahead log stays
	h.search()
}

// synced waits until a change of either flow has come through.
func (h *haunt) synced() {
	h.Helper()
	for i := range 2 {
		user := h.tenant.Users[i].ID
		at := moment(time.Now().UTC().Truncate(time.Hour).Add(50 * time.Hour))
		made, err := h.tenant.outlook(h.ctx, http.MethodPost, user, "/events", doc{"subject": "Canary", "start": at, "end": at})
		if err != nil {
			h.Fatal(err)
		}
		await(h.T, "a change has come through", time.Minute, func() bool {
			h.app.mu.Lock()
			defer h.app.mu.Unlock()
			for p := range h.app.copy {
				if p.item == text(made, "id") {
					return true
				}
			}
			return !h.members[0].alive()
		})
		if !h.members[0].alive() {
			h.Fatalf("the gateway ended:\n%s", h.members[0].tail())
		}
	}
}

// trouble has much go wrong: calls refused and cut, tokens refused, questions that
// make no sense.
func (h *haunt) trouble(m *member) {
	h.Helper()
	for _, rule := range []doc{
		{"match": "GET /users/**", "status": 401, "times": 2}, {"match": "GET /users/**", "status": 403, "times": 1},
		{"match": "GET /users/**", "cut": "after", "times": 1}, {"match": "* /subscriptions**", "status": 500, "times": 2}} {
		if err := h.tenant.weather(h.ctx, 1, "off", rule); err != nil {
			h.Fatal(err)
		}
		h.reauthorize("")
		h.synced()
	}
	if err := h.tenant.weather(h.ctx, 1, "off"); err != nil {
		h.Fatal(err)
	}
	token := h.token()
	base := "http://" + h.operate
	for _, path := range []string{"/v1/status", "/v1/feeds", "/v1/connections", "/v1/sinks", "/v1/deliveries", "/v1/notices", "/v1/doctor",
		"/v1/nothing", "/v1/feeds?limit=x", "/v1/feeds?cursor=%00", "/metrics", "/healthz", "/readyz", "/"} {
		h.ask(http.MethodGet, base+path, token, "")
		h.ask(http.MethodGet, base+path, "not-"+token, "")
		h.ask(http.MethodPost, base+path, token, `{"token":"`+token+`"`)
	}
	for _, path := range []string{"/hooks/graph", "/hooks/graph?validationToken=x", "/healthz", "/metrics", "/"} {
		h.ask(http.MethodPost, "http://"+m.port+path, token, `{"value":[{"subscriptionId":"x","clientState":"`+token+`"}]}`)
	}
}

func (h *haunt) token() string {
	h.Helper()
	raw, err := os.ReadFile(filepath.Join(h.members[0].folder, "operator.token"))
	if err != nil {
		h.Fatal(err)
	}
	return strings.TrimSpace(string(raw))
}

func (h *haunt) gone(m *member, why string) {
	h.Helper()
	await(h.T, "the gateway ends that "+why, time.Minute, func() bool { return !m.alive() })
	if !strings.Contains(m.all(), "goroutine ") {
		h.Fatalf("there is no dump of the gateway that %s:\n%s", why, m.tail())
	}
}

// search looks for the secrets in all that was left.
func (h *haunt) search() {
	h.Helper()
	m := h.members[0]
	flock := canary.Flock{"operator's token": []byte(h.token()), "refused client secret": []byte(wrongSecret),
		"webhook secret as text": []byte(sinkSecret), "reader's secret": []byte(h.tenant.app("reader").ClientSecret),
		"calendar's secret": []byte(h.tenant.app("calendar").ClientSecret)}
	key, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(sinkSecret, "whsec_"))
	if err != nil {
		h.Fatal(err)
	}
	flock["webhook secret"] = key
	for rest := []byte(h.planted["signed.pem"]); len(rest) > 0; {
		block, more := pem.Decode(rest)
		if block == nil {
			break
		}
		if rest = more; strings.Contains(block.Type, "PRIVATE KEY") {
			flock["certificate's key"] = block.Bytes[len(block.Bytes)-64:]
		}
	}
	sealing, err := os.ReadFile(filepath.Join(m.folder, "graphwarden.key"))
	if err != nil || len(flock) != 7 {
		h.Fatal(err, len(flock))
	}
	flock["sealing key"] = bytes.TrimSpace(sealing)
	h.wire.mu.Lock()
	for token := range h.wire.tokens {
		name := fmt.Sprintf("token %d", len(flock))
		flock[name] = []byte(token)
		flock[name+"'s signature"] = []byte(token[strings.LastIndexByte(token, '.')+1:])
	}
	tokens := len(h.wire.tokens)
	h.wire.mu.Unlock()
	h.backup(filepath.Join(m.folder, "backup.db"))
	secretFiles := map[string]bool{"operator.token": true, "graphwarden.key": true}
	for name := range h.planted {
		secretFiles[name] = true
	}
	found, files, err := flock.FindInFiles(m.folder, func(path string) bool { return secretFiles[filepath.Base(path)] })
	if err != nil {
		h.Fatal(err)
	}
	control, _, err := flock.FindInFiles(m.folder, func(string) bool { return false })
	for name := range secretFiles { // the search sees the files that hold secrets
		if err != nil || !slices.ContainsFunc(control, func(f string) bool { return strings.HasPrefix(f, filepath.Join(m.folder, name)+":") }) {
			h.Errorf("the secret in %s was not found either: %v", name, err)
		}
	}
	for i, answer := range h.said {
		found = append(found, flock.Find(fmt.Sprintf("answer %d", i+1), answer)...)
	}
	for _, f := range found {
		h.Error(f)
	}
	wal, err := os.Stat(filepath.Join(m.folder, "graphwarden.db-wal"))
	if err != nil || wal.Size() == 0 {
		h.Errorf("there was no write-ahead log to look through: %v", err)
	}
	if tokens < 4 || files < 5 || len(h.said) < 40 {
		h.Errorf("it looked for %d tokens in %d files and %d answers: too few to prove anything", tokens, files, len(h.said))
	}
	h.Logf("%d secrets, %d of them tokens, in %d files (%d bytes of write-ahead log) and %d answers: %d found", len(flock), tokens, files, wal.Size(), len(h.said), len(found))
}

// backup copies the database, while the write-ahead log stands beside it.
func (h *haunt) backup(to string) {
	h.Helper()
	copied := filepath.Join(h.TempDir(), "graphwarden.db")
	for _, end := range []string{"", "-wal"} {
		raw, err := os.ReadFile(filepath.Join(h.members[0].folder, "graphwarden.db"+end))
		if err == nil {
			err = os.WriteFile(copied+end, raw, 0o600)
		}
		if err != nil {
			h.Fatal(err)
		}
	}
	s, err := store.Open(h.ctx, store.Options{Path: copied})
	if err != nil {
		h.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Backup(context.WithoutCancel(h.ctx), to); err != nil {
		h.Fatal(err)
	}
}

// all is everything that it said.
func (p *process) all() string {
	raw, _ := os.ReadFile(filepath.Join(p.folder, "log"))
	return string(raw)
}
