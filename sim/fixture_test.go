package sim_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/graphwarden/graphwarden/internal/answers"
	"github.com/graphwarden/graphwarden/sim"
)

// tenant is a simulator that runs within the test, with what its ready file would
// say and a client that reaches it.
type tenant struct {
	*testing.T
	*sim.Sim
	ready  sim.Ready
	client *http.Client
	origin string
	log    *notes
	halt   func() error // ends Run and gives its error
}

// notes collects what is logged.
type notes struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (n *notes) Write(b []byte) (int, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.Write(b)
}

func (n *notes) String() string {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.text.String()
}

const origin = "https://graph.microsoft.com"

// start runs a small tenant. Its client believes that it talks to Microsoft.
func start(t *testing.T, o sim.Options) *tenant {
	t.Helper()
	x := &tenant{T: t, log: &notes{}, origin: origin}
	o.Users = max(o.Users, 5)
	o.Log = slog.New(slog.NewTextHandler(x.log, nil))
	if o.Record == "" {
		o.Record = answers.File(t)
	}
	s, err := sim.New(o)
	if err != nil {
		t.Fatal(err)
	}
	x.Sim = s
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	var once sync.Once
	x.halt = func() (err error) {
		once.Do(func() {
			cancel()
			err = errors.Join(<-ended, s.Close())
		})
		return err
	}
	t.Cleanup(func() {
		if err := x.halt(); err != nil {
			t.Error(err)
		}
	})
	pool := x509.NewCertPool()
	pool.AddCert(s.Authority())
	transport := &http.Transport{DialContext: s.Dial, TLSClientConfig: &tls.Config{RootCAs: pool}}
	t.Cleanup(transport.CloseIdleConnections)
	x.client = &http.Client{Transport: transport}
	if x.ready, err = s.Ready(x.origin); err != nil {
		t.Fatal(err)
	}
	return x
}

func (x *tenant) app(name string) sim.ReadyApp {
	x.Helper()
	for _, a := range x.ready.Apps {
		if a.Name == name {
			return a
		}
	}
	x.Fatalf("no app %s", name)
	return sim.ReadyApp{}
}

// doc is a JSON object.
type doc = map[string]any

// call sends a request with a bearer token and gives status and JSON answer.
func (x *tenant) call(method, path, token string, body any) (int, doc) {
	x.Helper()
	return x.callWith(method, path, token, body, nil)
}

// callWith is call with further headers.
func (x *tenant) callWith(method, path, token string, body any, header http.Header) (int, doc) {
	x.Helper()
	status, raw, err := x.tryWith(method, path, token, body, header)
	if err != nil {
		x.Fatal(err)
	}
	out := doc{}
	if err := json.Unmarshal(raw, &out); err != nil && len(raw) > 0 {
		x.Fatalf("%s %s: %d %s", method, path, status, raw)
	}
	return status, out
}

func (x *tenant) try(method, path, token string, body any) (int, []byte, error) {
	x.Helper()
	return x.tryWith(method, path, token, body, nil)
}

func (x *tenant) tryWith(method, path, token string, body any, header http.Header) (int, []byte, error) {
	x.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			x.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(x.Context(), method, x.origin+strings.ReplaceAll(path, " ", "%20"), in)
	if err != nil {
		x.Fatal(err)
	}
	maps.Copy(r.Header, header)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := x.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	return resp.StatusCode, raw, err
}

// steer posts to a steering path and wants 200.
func (x *tenant) steer(path string, body any) doc {
	x.Helper()
	status, out := x.call("POST", path, "", body)
	if status != http.StatusOK {
		x.Fatalf("POST %s: %d %v", path, status, out)
	}
	return out
}

// token signs an app in with its secret.
func (x *tenant) token(name string) string {
	x.Helper()
	a := x.app(name)
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret},
		"scope": {"https://graph.microsoft.com/.default"}}
	resp, err := x.client.PostForm("https://login.microsoftonline.com/"+x.ready.Tenant.ID+"/oauth2/v2.0/token", form)
	if err != nil {
		x.Fatal(err)
	}
	defer resp.Body.Close()
	var out struct {
		Token string `json:"access_token"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || out.Token == "" {
		x.Fatalf("no token for %s: %d %v", name, resp.StatusCode, err)
	}
	return out.Token
}

// rows are the truth ledger's rows after a number.
func (x *tenant) rows(after string) []doc {
	x.Helper()
	status, raw, err := x.try("GET", "/sim/truth?after="+after, "", nil)
	if err != nil || status != http.StatusOK {
		x.Fatalf("%d %v", status, err)
	}
	var out []doc
	for line := range strings.Lines(string(raw)) {
		var d doc
		if err := json.Unmarshal([]byte(line), &d); err != nil {
			x.Fatalf("%q: %v", line, err)
		}
		out = append(out, d)
	}
	return out
}
