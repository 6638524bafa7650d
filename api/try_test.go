package api

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// posting is an API whose apps have a route that makes something, and counts.
type posting struct {
	*API
	made  int
	fails error
	now   time.Time
}

func newPosting(t *testing.T, s *store.Store) *posting {
	t.Helper()
	p := &posting{now: time.Now()}
	c := everything()
	c.Keys, c.Tries, c.Now = doorkeeper{}, s, func() time.Time { return p.now }
	p.API = New(c)
	rt := route{pattern: "POST /v1/things", name: "make", who: apps, in: Enabling{}, out: Enabling{}, status: http.StatusCreated, answer: func(r *http.Request) (any, error) {
		var in Enabling
		if err := decode(r, &in); err != nil {
			return nil, err
		}
		if p.fails != nil {
			return nil, p.fails
		}
		p.made++
		return in, nil
	}}
	p.apps.mux.Handle(rt.pattern, p.apps.serve(rt))
	return p
}

func (p *posting) post(key, idempotency, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", "/v1/things", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	if idempotency != "" {
		r.Header.Set(tryHeader, idempotency)
	}
	w := httptest.NewRecorder()
	p.Apps.ServeHTTP(w, r)
	return w
}

func TestARequestThatIsSentAgainHappensOnce(t *testing.T) {
	s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := newPosting(t, s)
	const body = `{"sink":"a"}`
	for _, x := range []struct {
		name, app, key, body string
		fails                error
		status, made         int
		code                 string
	}{
		{"without a key", "writer", "", body, nil, 400, 0, "api.idempotency_key"},
		{"with a key that is none", "writer", "a b", body, nil, 400, 0, "api.idempotency_key"},
		{"with one too long", "writer", strings.Repeat("x", 256), body, nil, 400, 0, "api.idempotency_key"},
		{"refused, nothing is kept", "writer", "k1", body, &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "store.x", Say: "No."}, 409, 0, "store.x"},
		{"wrong, nothing is kept", "writer", "k1", `{"sink":7}`, nil, 400, 0, "api.field"},
		{"the first time", "writer", "k1", body, nil, 201, 1, ""},
		{"again", "writer", "k1", body, nil, 201, 1, ""},
		{"again, in quotes as the draft writes it", "writer", `"k1"`, body, nil, 201, 1, ""},
		{"again, when it would fail now", "writer", "k1", body, errors.New("x"), 201, 1, ""},
		{"another request with the key", "writer", "k1", `{"sink":"b"}`, nil, 422, 1, "api.idempotency_mismatch"},
		{"another app's request with the key", "foreign", "k1", `{"sink":"b"}`, nil, 201, 2, ""},
		{"another key", "writer", "k2", body, nil, 201, 3, ""},
	} {
		p.fails = x.fails
		w := p.post(x.app, x.key, x.body)
		if w.Code != x.status || p.made != x.made || x.code != "" && !strings.Contains(w.Body.String(), x.code) {
			t.Errorf("%s: %d, made %d: %s", x.name, w.Code, p.made, w.Body)
		}
		if again := strings.HasPrefix(x.name, "again"); again != (w.Header().Get("Idempotency-Replayed") == "true") || again && strings.TrimSpace(w.Body.String()) != body {
			t.Errorf("%s: %v %s", x.name, w.Header(), w.Body)
		}
	}
}

// TestWhoDiedWithARequestInHandIsFollowed: for two minutes nobody else does it, and
// then whoever sends it again.
func TestWhoDiedWithARequestInHandIsFollowed(t *testing.T) {
	s, now := (*store.Store)(nil), time.Now()
	s, err := store.Open(t.Context(), store.Options{Path: filepath.Join(t.TempDir(), "graphwarden.db"), Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p := newPosting(t, s)
	p.now = now
	func() {
		defer func() { _ = recover() }() // the process dies in the handler
		rt := route{pattern: "POST /v1/dies", name: "die", who: apps, answer: func(*http.Request) (any, error) { panic("killed") }}
		p.apps.mux.Handle(rt.pattern, p.apps.serve(rt))
		r := httptest.NewRequest("POST", "/v1/dies", nil)
		r.Header.Set("Authorization", "Bearer writer")
		r.Header.Set(tryHeader, "k")
		p.Apps.ServeHTTP(httptest.NewRecorder(), r)
	}()
	send := func() *httptest.ResponseRecorder {
		r := httptest.NewRequest("POST", "/v1/dies", nil)
		r.Header.Set("Authorization", "Bearer writer")
		r.Header.Set(tryHeader, "k")
		w := httptest.NewRecorder()
		func() {
			defer func() {
				if recover() != nil {
					w.Code = 299 // it came through to the handler
				}
			}()
			p.Apps.ServeHTTP(w, r)
		}()
		return w
	}
	if w := send(); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "api.idempotency_in_hand") || w.Header().Get("Retry-After") == "" {
		t.Errorf("at once: %d %s", w.Code, w.Body)
	}
	now = now.Add(2 * answerWait)
	p.now = now
	if w := send(); w.Code != 299 {
		t.Errorf("later: %d %s", w.Code, w.Body)
	}
}
