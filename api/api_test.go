package api_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/store"
)

var update = flag.Bool("update", false, "write the golden files anew")

const token = "gwop_a-token-of-at-least-32-characters"

// desk is an API over a real store, and what it wrote to its log.
type desk struct {
	*api.API
	store  *store.Store
	log    *lockedBuffer
	status error // what the status refuses with
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func put(t *testing.T, change ...func(*api.Config)) *desk {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	d := &desk{store: s, log: &lockedBuffer{}}
	c := api.Config{Token: seal.FromString(token), Cursors: seal.FromString("a secret of the test"), Log: slog.New(slog.NewTextHandler(d.log, nil)), Now: time.Now, Random: rand.Reader, Feeds: s,
		Declared: api.Declared{Flows: []api.Flow{{Name: "office", App: "portal"}}},
		Status:   func(context.Context) (api.Status, error) { return api.Status{Version: "test"}, d.status }}
	for _, f := range change {
		f(&c)
	}
	d.API = api.New(c)
	return d
}

// ask sends a request with the token, unless authorization says otherwise.
func (d *desk) ask(t *testing.T, method, path string, authorization ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, nil)
	r.Header.Set("Authorization", "Bearer "+token)
	if len(authorization) > 0 {
		r.Header.Set("Authorization", authorization[0])
	}
	w := httptest.NewRecorder()
	d.Operators.ServeHTTP(w, r)
	contractOf(t, false).holds(t, method, path, w)
	return w
}

// read reads an answer of status 200.
func read[T any](t *testing.T, w *httptest.ResponseRecorder) (v T) {
	t.Helper()
	if w.Code != http.StatusOK {
		t.Fatalf("status %d: %s", w.Code, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestEveryNoIsAProblemDocument(t *testing.T) {
	refusal := func(kind graphwarden.Kind) error {
		return &graphwarden.Refusal{Kind: kind, Code: "store.feed_moved", Say: "It moved.", Do: "Look again.", Cause: errors.New("a secret cause")}
	}
	for _, s := range []struct {
		name, method, path, authorization string
		fails                             error
		status                            int
		code                              string
	}{
		{"without a token", "GET", "/v1/status", "", nil, 401, "api.token"},
		{"with a wrong token", "GET", "/v1/status", "Bearer " + token + "x", nil, 401, "api.token"},
		{"with the token's beginning", "GET", "/v1/status", "Bearer " + token[:20], nil, 401, "api.token"},
		{"with the token and another scheme", "GET", "/v1/status", "Basic " + token, nil, 401, "api.token"},
		{"a stranger learns nothing of routes", "GET", "/v1/nothing", "", nil, 401, "api.token"},
		{"nothing there", "GET", "/v1/nothing", "Bearer " + token, nil, 404, "api.route"},
		{"another method", "DELETE", "/v1/feeds", "Bearer " + token, nil, 405, "api.method"},
		{"a limit that is none", "GET", "/v1/feeds?limit=all", "Bearer " + token, nil, 400, "api.query"},
		{"a limit too high", "GET", "/v1/feeds?limit=1001", "Bearer " + token, nil, 400, "api.query"},
		{"a cursor of somebody's own", "GET", "/v1/feeds?cursor=17", "Bearer " + token, nil, 400, "api.query"},
		{"wrong", "GET", "/v1/status", "Bearer " + token, refusal(graphwarden.Invalid), 400, "store.feed_moved"},
		{"denied", "GET", "/v1/status", "Bearer " + token, refusal(graphwarden.Denied), 403, "store.feed_moved"},
		{"nobody in particular", "GET", "/v1/status", "Bearer " + token, refusal(graphwarden.Unauthenticated), 401, "store.feed_moved"},
		{"unknown", "GET", "/v1/status", "Bearer " + token, refusal(graphwarden.Unknown), 404, "store.feed_moved"},
		{"conflict", "GET", "/v1/status", "Bearer " + token, refusal(graphwarden.Conflict), 409, "store.feed_moved"},
		{"credential", "GET", "/v1/status", "Bearer " + token, refusal(graphwarden.Credential), 424, "store.feed_moved"},
		{"unreachable", "GET", "/v1/status", "Bearer " + token, refusal(graphwarden.Unreachable), 502, "store.feed_moved"},
		{"storage", "GET", "/v1/status", "Bearer " + token, refusal(graphwarden.Storage), 503, "store.feed_moved"},
		{"later", "GET", "/v1/status", "Bearer " + token, &graphwarden.Later{After: 1500 * time.Millisecond}, 503, "api.later"},
		{"later, and why", "GET", "/v1/status", "Bearer " + token, &graphwarden.Refusal{Kind: graphwarden.Unreachable, Code: "store.feed_moved", Say: "No.", Do: "Again.",
			Cause: &graphwarden.Later{After: 1500 * time.Millisecond}}, 503, "store.feed_moved"},
		{"nobody foresaw it", "GET", "/v1/status", "Bearer " + token, errors.New("a secret cause"), 500, "api.internal"},
	} {
		t.Run(s.name, func(t *testing.T) {
			d := put(t)
			d.status = s.fails
			w := d.ask(t, s.method, s.path, s.authorization)
			var p api.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatalf("%s: %v", w.Body, err)
			}
			if w.Code != s.status || p.Status != s.status || p.Code != s.code || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%d %s %+v", w.Code, w.Header(), p)
			}
			if p.Type == "" || p.Title == "" || p.Detail == "" || p.Fix == "" || p.DocURL != "http://example.com"+p.Type || p.RequestID == "" || p.RequestID != w.Header().Get("X-Request-Id") {
				t.Errorf("something is missing: %+v", p)
			}
			if page := d.ask(t, "GET", p.Type, ""); page.Code != http.StatusOK || !strings.Contains(page.Body.String(), p.Code) {
				t.Errorf("its page answers %d %s", page.Code, page.Body)
			}
			if strings.Contains(w.Body.String(), "a secret cause") {
				t.Error("the cause is told to the caller")
			}
			if s.status >= 500 && !strings.Contains(d.log.String(), p.RequestID) {
				t.Errorf("the log does not know the request: %s", d.log)
			}
			if strings.Contains(d.log.String(), token[:12]) {
				t.Error("the log has the token")
			}
			switch s.status {
			case 401:
				if w.Header().Get("WWW-Authenticate") == "" {
					t.Error("401 does not say how")
				}
			case 405:
				if w.Header().Get("Allow") != "GET" {
					t.Errorf("it allows %q", w.Header().Get("Allow"))
				}
			}
			if s.status == 503 && s.name != "storage" && w.Header().Get("Retry-After") != "2" {
				t.Errorf("Retry-After is %q", w.Header().Get("Retry-After"))
			}
		})
	}
}

func TestNobodyIsLetInWithoutATokenOfTheServers(t *testing.T) {
	d := put(t, func(c *api.Config) { c.Token = seal.Secret{} })
	for _, a := range []string{"", "Bearer", "Bearer ", "Bearer " + token} {
		if w := d.ask(t, "GET", "/v1/status", a); w.Code != http.StatusUnauthorized {
			t.Errorf("%q: %d", a, w.Code)
		}
	}
}

func TestAListIsReadToItsEndWithoutSkips(t *testing.T) {
	d := put(t)
	add := func(n int) {
		err := d.store.Update(t.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
			_, err := d.store.EnsureFeed(ctx, tx, graphwarden.Feed{Flow: "office", Tenant: "contoso", Resource: fmt.Sprint(n),
				Mailbox: graphwarden.Mailbox{ID: fmt.Sprint("id", n%2), UPN: fmt.Sprintf("Person%d@contoso.example", n%2)}, Title: "Calendar"})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for n := range 7 {
		add(n)
	}
	var got []string
	cursor := ""
	for pages := 0; pages < 10; pages++ {
		p := read[api.Page[api.Feed]](t, d.ask(t, "GET", "/v1/feeds?limit=3&cursor="+cursor))
		for _, f := range p.Items {
			got = append(got, f.Resource)
		}
		if pages == 0 {
			add(7) // somebody adds meanwhile
		}
		if cursor = p.Next; cursor == "" {
			break
		}
	}
	if strings.Join(got, " ") != "0 1 2 3 4 5 6 7" {
		t.Errorf("the feeds are %v", got)
	}
	some := read[api.Page[api.Feed]](t, d.ask(t, "GET", "/v1/feeds?mailbox=person1@CONTOSO.example&flow=office"))
	if len(some.Items) != 4 || some.Items[0].State != "not read yet" || some.Items[0].Age != nil || some.Items[0].NextAt == nil {
		t.Errorf("the feeds of one mailbox: %+v", some)
	}
	if none := d.ask(t, "GET", "/v1/feeds?tenant=other"); none.Code != http.StatusBadRequest || !strings.Contains(none.Body.String(), "api.name") {
		t.Errorf("no such tenant: %s", none.Body)
	}
}

func TestTheStatusNamesTheRoutes(t *testing.T) {
	s := read[api.Status](t, put(t).ask(t, "GET", "/v1/status"))
	if s.Version != "test" || len(s.Routes) < 4 || s.Routes[0].Pattern != "GET /v1/status" || s.Routes[0].About == "" {
		t.Errorf("%+v", s)
	}
}

func TestTheServerEndsWhileSomebodyIsConnected(t *testing.T) {
	d := put(t)
	l, err := api.Listen(t.Context(), api.Door{Address: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx, api.Served{Listener: l, Handler: d.Operators}) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "GET /v1/status HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n\r\n", token)
	if _, err := io.ReadFull(conn, make([]byte, 15)); err != nil {
		t.Fatal(err)
	}
	stop()
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(2 * time.Minute):
		t.Fatal("it does not end")
	}
}

func TestBeyondThisMachineThereIsNoAnswerWithoutTLS(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "[::]:0", "192.0.2.1:0", "gw.example.com:0"} {
		l, err := api.Listen(t.Context(), api.Door{Address: address})
		if err == nil {
			l.Close()
		}
		var r *graphwarden.Refusal
		if !errors.As(err, &r) || r.Code != "api.plain" {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"127.0.0.1:0", "localhost:0", "127.0.0.2:0"} {
		l, err := api.Listen(t.Context(), api.Door{Address: address})
		if err != nil {
			t.Errorf("%s: %v", address, err)
			continue
		}
		if _, err := api.Listen(t.Context(), api.Door{Address: l.Addr().String()}); err == nil {
			t.Error("two listen at one address")
		} else if r := new(graphwarden.Refusal); !errors.As(err, &r) || r.Code != "api.port_in_use" {
			t.Error(err)
		}
		l.Close()
	}
}
