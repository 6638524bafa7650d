// Package proxy lets applications use Microsoft Graph by the SDK that they have: it
// takes Graph's own requests under /graph/v1.0/ and /graph/beta/, with a key of
// Graphwarden's in place of Microsoft's token. A request passes if a flow of the app
// lists its operation and every object that it leads to is in that flow's scope.
// What is sent is the form that was judged (package canon), never what came.
package proxy

import (
	"context"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/proxy/canon"
	"github.com/graphwarden/graphwarden/seal"
)

// Prefix begins the paths that the proxy answers.
const Prefix = "/graph/"

// Doorkeeper knows the keys of apps.
type Doorkeeper interface {
	// Admit gives the key that plain is, or a Refusal.
	Admit(ctx context.Context, plain string) (graphwarden.AppKey, error)
}

// Sender is the gate.
type Sender interface {
	Do(ctx context.Context, c gate.Call) (*gate.Answer, error)
}

// Sealer closes links of Microsoft's so that nobody else can read or change them.
type Sealer interface {
	Seal(secret seal.Secret, about seal.About) ([]byte, error)
	Open(sealed []byte, about seal.About) (seal.Secret, error)
}

// Config is what a Proxy is made of; every field is needed.
type Config struct {
	Keys  Doorkeeper
	Flows func() []flow.Flow // with their mailboxes, as they are now
	// Tenants are the tenants of the flows, by name.
	Tenants map[string]graphwarden.Tenant
	Gate    Sender
	Sealer  Sealer
	Log     *slog.Logger
}

// Proxy answers what begins with Prefix.
type Proxy struct {
	config Config
	bases  []string // what references to Microsoft's clouds begin with
}

// New makes a proxy.
func New(c Config) *Proxy {
	p := &Proxy{config: c}
	for _, t := range c.Tenants {
		for _, version := range []flow.Version{flow.V1, flow.Beta} {
			p.bases = append(p.bases, t.Cloud.Graph+"/"+string(version)+"/")
		}
	}
	return p
}

// largest is how long a body may be. Graph takes 4 MB in one request (graph-facts §2).
const largest = 4 << 20

// ServeHTTP lets a request through, or says why not, in Graph's own form.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := p.pass(w, r); err != nil {
		p.refuse(w, r, err)
	}
}

// asked is a request on its way.
type asked struct {
	version flow.Version
	base    string // under which the proxy was asked: "https://gw.example/graph/v1.0"
	key     graphwarden.AppKey
	form    *canon.Request
	header  http.Header
	link    *link              // nil: it follows none
	tenant  graphwarden.Tenant // of the flow that it is let through by
}

func (p *Proxy) pass(w http.ResponseWriter, r *http.Request) error {
	key, err := p.admit(r)
	if err != nil {
		return err
	}
	a, err := p.read(w, r, key)
	if err != nil {
		return err
	}
	if a.form.Writes && !key.Write {
		return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.key_scope",
			Say: "The key of this app may only read, and the request may change something.", Do: "Have one made that may write: graphwarden apps key create APP --scope write."}
	}
	if aside(a.form) {
		return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.way",
			Say: "Subscriptions are not let through: the notifications would go past Graphwarden, and the list is of all that the registration has.",
			Do:  "Have changes delivered by a flow of kind calendar, or ask for them with delta."}
	}
	call, err := p.route(a)
	if err != nil {
		return err
	}
	answer, err := p.config.Gate.Do(r.Context(), call)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	p.answer(w, a, call, answer)
	return nil
}

// aside says that a request leads to subscriptions, whatever a flow lists.
func aside(r *canon.Request) bool {
	return r.Template == "/subscriptions" || strings.HasPrefix(r.Template, "/subscriptions/")
}

// admit finds out which app asks.
func (p *Proxy) admit(r *http.Request) (graphwarden.AppKey, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	switch {
	case len(r.Header.Values("Authorization")) != 1 || !strings.EqualFold(scheme, "Bearer") || token == "":
		return graphwarden.AppKey{}, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.key",
			Say: "The app's key is missing.", Do: "Have the SDK's credential give it, gwk_…, as its token; docs/proxy.md shows how."}
	case strings.HasPrefix(token, "eyJ"):
		return graphwarden.AppKey{}, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.key",
			Say: "This is a token of Microsoft's, which nobody but Microsoft should be shown.", Do: "Use the app's key of Graphwarden's, gwk_…, in its place; docs/proxy.md shows how."}
	}
	return p.config.Keys.Admit(r.Context(), token)
}

// read gives a request its form.
func (p *Proxy) read(w http.ResponseWriter, r *http.Request, key graphwarden.AppKey) (*asked, error) {
	// As it came on the wire: what net/http has decoded could hide what stood there.
	target, query, _ := strings.Cut(r.RequestURI, "?")
	version, path, found := strings.Cut(strings.TrimPrefix(target, Prefix), "/")
	if !strings.HasPrefix(target, Prefix) || !found || version != string(flow.V1) && version != string(flow.Beta) {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "proxy.version",
			Say: "There is /graph/v1.0/ and /graph/beta/.", Do: "Set the SDK's base address to one of them."}
	}
	body, err := whole(w, r)
	if err != nil {
		return nil, err
	}
	a := &asked{version: flow.Version(version), key: key}
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	a.base = scheme + r.Host + Prefix + version
	if a.header, err = passed(r.Header); err != nil {
		return nil, err
	}
	if query, a.link, err = sealed(query); err != nil {
		return nil, err
	}
	bases := append(slices.Clone(p.bases), a.base+"/")
	a.form, err = canon.Parse(canon.Incoming{Method: r.Method, Path: "/" + path, Query: query, Body: body, Bases: bases})
	return a, err
}
