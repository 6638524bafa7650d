package proxy_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/internal/simulated"
	"github.com/graphwarden/graphwarden/proxy"
)

// keys are two apps' keys.
type keys map[string]graphwarden.AppKey

func (k keys) Admit(_ context.Context, plain string) (graphwarden.AppKey, error) {
	if key, known := k[plain]; known {
		return key, nil
	}
	return graphwarden.AppKey{}, &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "api.key_unknown", Say: "No."}
}

// house is a proxy before a simulated tenant, and a way past it.
type house struct {
	*testing.T
	tenant *simulated.Tenant
	rooms  simulated.Rooms
	server *httptest.Server
	inside simulatedUsers // in the flow's scope
	outer  simulatedUsers
	bound  func(longest time.Duration, largestAnswers int64) // of batches

	proxy    *proxy.Proxy
	later    time.Duration // how much later it is for the proxy
	admitted atomic.Int32
	revokes  func(admitted int) bool // nil: no key is revoked

	mu    sync.Mutex
	heads []http.Header // that the gate was given, one for each call

	// says is what Microsoft answers a call with that the simulated tenant cannot: JSON; ""
	// leaves it to the tenant. Nil: to all.
	says   func(gate.Call) string
	takes  func(key string) (time.Duration, bool) // nil: nobody is refused too often
	denied atomic.Int32                           // how often somebody was told to wait

	// gives is says for whole answers; nil leaves a call to the tenant.
	gives func(gate.Call) *gate.Answer
}

// heeding is the gate, and sees what heads go to it.
type heeding struct {
	*gate.Gate
	h *house
}

func (g heeding) Do(ctx context.Context, c gate.Call) (*gate.Answer, error) {
	g.h.mu.Lock()
	g.h.heads = append(g.h.heads, c.Header.Clone())
	g.h.mu.Unlock()
	if g.h.says != nil {
		if body := g.h.says(c); body != "" {
			return &gate.Answer{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/json; odata.metadata=minimal"}}, Body: io.NopCloser(strings.NewReader(body))}, nil
		}
	}
	if g.h.gives != nil {
		if answer := g.h.gives(c); answer != nil {
			return answer, nil
		}
	}
	return g.Gate.Do(ctx, c)
}

// Admit lets in who holds a key, until it is revoked.
func (h *house) Admit(ctx context.Context, plain string) (graphwarden.AppKey, error) {
	if n := h.admitted.Add(1); h.revokes != nil && h.revokes(int(n)) {
		return graphwarden.AppKey{}, &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "api.key_revoked", Say: "No."}
	}
	return keys{"gwk_crm": {ID: "1", App: "crm", Write: true}, "gwk_erp": {ID: "2", App: "erp", Write: true}, "gwk_reads": {ID: "3", App: "crm"}, "gwk_other": {ID: "4", App: "crm", Flows: []string{"elsewhere"}}}.Admit(ctx, plain)
}

type simulatedUsers []struct{ ID, Name string }

// open puts up a proxy for a flow with operations in the first two mailboxes.
func open(t *testing.T, operations ...string) *house { return opened(t, false, operations) }

// opened is open; masked has the flow shown the times of private events only.
func opened(t *testing.T, masked bool, operations []string) *house {
	t.Helper()
	n := simulated.New(t)
	door := n.Door(t, "everything")
	door.Now = time.Now
	var listed []flow.Operation
	for _, text := range operations {
		op, err := flow.ParseAsked(text)
		if err != nil {
			t.Fatal(err)
		}
		listed = append(listed, op)
	}
	door.Kind, door.ShowsPrivate = flow.Through(listed), !masked
	h := &house{T: t, tenant: n}
	for i, u := range n.Ready.Users {
		one := struct{ ID, Name string }{u.ID, u.UserPrincipalName}
		if i < 2 {
			h.inside = append(h.inside, one)
			door.Mailboxes = append(door.Mailboxes, graphwarden.Mailbox{ID: u.ID, UPN: u.UserPrincipalName})
		} else {
			h.outer = append(h.outer, one)
		}
	}
	h.rooms = n.Knock(t, door)
	other := h.rooms.Flow
	other.Name, other.App = "theirs", "erp"
	p := proxy.New(proxy.Config{Keys: h,
		Flows: func(string) []flow.Flow { return []flow.Flow{h.rooms.Flow, other} },
		Take: func(key string) (time.Duration, bool) {
			if h.takes == nil {
				return 0, true
			}
			return h.takes(key)
		},
		Denied: func(r *http.Request, key graphwarden.AppKey, code string, status int) {
			if code == "proxy.rate" && key.App == "crm" && status == http.StatusTooManyRequests && r != nil {
				h.denied.Add(1)
			}
		},
		Tenants: map[string]graphwarden.Tenant{"contoso": h.rooms.Tenant}, Gate: heeding{h.rooms.Gate, h}, Sealer: h.rooms.Sealer, Now: func() time.Time { return time.Now().Add(h.later) }, Log: rig.Log()})
	h.bound, h.proxy = p.Bound, p
	h.server = httptest.NewServer(p)
	t.Cleanup(h.server.Close)
	return h
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// code is Graphwarden's code in an error.
func (a answer) code() string {
	var e struct {
		Error struct {
			Code, Message string
			InnerError    struct{ Code, Do, Page string }
		}
	}
	_ = json.Unmarshal([]byte(a.body), &e)
	return e.Error.InnerError.Code
}

// asks sends a request to the proxy, as an SDK would.
func (h *house) asks(key, method, path, body string, headers ...string) answer {
	h.Helper()
	if !strings.HasPrefix(path, "http") {
		path = h.server.URL + "/graph/v1.0" + path
	}
	r, err := http.NewRequestWithContext(h.Context(), method, path, strings.NewReader(body))
	if err != nil {
		h.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w, err := h.server.Client().Do(r)
	if err != nil {
		h.Fatal(err)
	}
	defer w.Body.Close()
	raw, err := io.ReadAll(w.Body)
	if err != nil {
		h.Fatal(err)
	}
	return answer{w.StatusCode, w.Header, string(raw)}
}

// direct sends a request past the proxy.
func (h *house) direct(method, path, body string, headers ...string) answer {
	h.Helper()
	r := httptest.NewRequestWithContext(h.Context(), method, "https://tenant.example/v1.0"+path, bytes.NewReader([]byte(body)))
	r.Header.Set("Authorization", "Bearer "+h.tenant.Ready.Tokens.Everything)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.tenant.Handler().ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}
