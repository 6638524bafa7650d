// Package proxy lets applications use Microsoft Graph by the SDK that they have: it
// takes Graph's own requests under /graph/v1.0/ and /graph/beta/, with a key of
// Graphwarden's, or a token for Graphwarden's API, in place of one for Graph. A request passes if a flow of the app
// lists its operation and every object that it leads to is in that flow's scope.
// What is sent is the form that was judged (package canon), never what came.
package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/proxy/canon"
	"github.com/graphwarden/graphwarden/seal"
)

// Prefix begins the paths that the proxy answers.
const Prefix = "/graph/"

// Doorkeeper knows the keys of apps, and tokens that apps show in their place.
type Doorkeeper interface {
	// Admit gives the key that plain is or stands for, or a Refusal.
	Admit(ctx context.Context, plain string) (graphwarden.AppKey, error)
}

// Sender is the gate.
type Sender interface {
	Do(ctx context.Context, c gate.Call) (*gate.Answer, error)
	// Refuse records that a call is refused, by which rule and for what of it.
	Refuse(ctx context.Context, c gate.Call, rule, field string) error
}

// Sealer closes links of Microsoft's so that nobody else can read or change them.
type Sealer interface {
	Seal(secret seal.Secret, about seal.About) ([]byte, error)
	Open(sealed []byte, about seal.About) (seal.Secret, error)
}

// Config is what a Proxy is made of; every field is needed but Denied and Take.
type Config struct {
	Keys  Doorkeeper
	Flows func(app string) []flow.Flow // an app's, by name, with their mailboxes as they are now
	// Tenants are the tenants of the flows, by name.
	Tenants map[string]graphwarden.Tenant
	Gate    Sender
	Sealer  Sealer
	// Denied hears of a request that was not let in: with what key, the zero AppKey for one
	// that nobody knows, by what code and with what status. nil: nobody does.
	Denied func(r *http.Request, key graphwarden.AppKey, code string, status int)
	// Take counts what a key is refused; with false, the key has been refused so much that it
	// has to wait, and no more of it is put on record one by one. nil: nothing is counted.
	Take func(key string) (wait time.Duration, ok bool)
	Now  func() time.Time
	Log  *slog.Logger
}

// Proxy answers what begins with Prefix.
type Proxy struct {
	config Config
	bases  []string // what references to Microsoft's clouds begin with
	read   sync.Map // names of mailboxes, by flow

	longest        time.Duration // how long a request may wait to begin, and a batch begin items
	largestAnswers int64         // to one batch, in bytes
}

// New makes a proxy.
func New(c Config) *Proxy {
	p := &Proxy{config: c, longest: longest, largestAnswers: largestAnswers}
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
	path, pass := r.URL.Path, p.pass
	if token, is := strings.CutPrefix(r.RequestURI, handles); is {
		path = handles
		pass = func(w http.ResponseWriter, r *http.Request) error { return p.follow(w, r, token) }
	}
	err := pass(w, r)
	var broken *broken
	switch {
	case errors.As(err, &broken):
		panic(http.ErrAbortHandler) // so that the app sees that the answer is not whole
	case err != nil:
		p.refuse(w, origin(r), path, err)
	}
}

// incoming is a request as it came: by itself, or as one of a $batch.
type incoming struct {
	version flow.Version
	base    string // under which the proxy was asked: "https://gw.example/graph/v1.0"
	method  string
	path    string // still escaped, below the version
	query   string
	header  http.Header
	body    []byte
}

// asked is a request on its way.
type asked struct {
	incoming
	key    graphwarden.AppKey
	from   *http.Request      // that it is, or stands in
	person string             // for whom the app asks; "": for itself
	form   *canon.Request     // nil: it was not understood
	passed http.Header        // what goes along
	link   *link              // nil: it follows none
	flow   flow.Flow          // that it is let through by
	tenant graphwarden.Tenant // of that flow
	until  time.Time          // when the upload session ends that is answered; zero: none is
}

func (p *Proxy) pass(w http.ResponseWriter, r *http.Request) error {
	key, err := p.admit(r)
	if err != nil {
		return err
	}
	ctx := gate.BeginBy(gate.KnownBy(r.Context(), key.ID), p.config.Now().Add(p.longest))
	a := &asked{key: key, from: r}
	a.incoming, err = read(w, r)
	if err == nil {
		a.person, err = person(r.Header)
	}
	if err == nil {
		err = p.understand(a)
	}
	if err != nil {
		return p.noted(ctx, a, gate.Call{}, err)
	}
	if a.form.Items != nil {
		return p.batch(w, r.WithContext(ctx), a)
	}
	return p.one(ctx, w, a)
}

// one judges a request that is understood, sends it and answers it.
func (p *Proxy) one(ctx context.Context, w http.ResponseWriter, a *asked) error {
	call, err := p.judge(a)
	if err != nil {
		return p.noted(ctx, a, call, err)
	}
	answer, err := p.config.Gate.Do(ctx, call)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	return p.answer(w, a, call, answer)
}

// judge says what is to be called for a request. With a refusal the call says how far
// the request came.
func (p *Proxy) judge(a *asked) (gate.Call, error) {
	switch {
	case a.form.Items != nil:
		return gate.Call{}, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.batch_nested", Field: "url",
			Say: "A batch stands within a batch.", Do: "Put its requests into the outer one."}
	case a.form.Writes && !a.key.Write:
		return gate.Call{}, onlyReads()
	case aside(a.form):
		return gate.Call{}, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.way",
			Say: "Subscriptions are not let through: the notifications would go past Graphwarden, and the list is of all that the registration has.",
			Do:  "Have changes delivered by a flow of kind calendar, or ask for them with delta."}
	}
	return p.route(a)
}

// onlyReads refuses a change by a key that may only read.
func onlyReads() error {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "api.key_scope",
		Say: "The key of this app may only read, and the request may change something.", Do: "Have one made that may write: graphwarden apps key create APP --scope write."}
}

// aside says that a request leads to subscriptions, whatever a flow lists.
func aside(r *canon.Request) bool {
	return r.Template == "/subscriptions" || strings.HasPrefix(r.Template, "/subscriptions/")
}

// longestField is how much of what an app wrote the ledger keeps of a refusal.
const longestField = 100

// noted puts a refusal of the proxy's own on record before it is answered. Where that
// cannot be, it is answered that nothing passes.
func (p *Proxy) noted(ctx context.Context, a *asked, call gate.Call, refusal error) error {
	var no *graphwarden.Refusal
	if !errors.As(refusal, &no) {
		return refusal
	}
	if err := p.patient(a); err != nil {
		return err
	}
	call.App = a.key.App
	if call.Operation.Method() == "" && a.form != nil {
		call.Operation = flow.Asked(a.version, a.form.Method, a.form.Template)
	}
	field := no.Field
	if len(field) > longestField {
		field = "" // the app chose it, and may go on choosing
	}
	if err := p.config.Gate.Refuse(ctx, call, no.Code, field); err != nil {
		return err
	}
	return refusal
}

// hasty is a key that has been refused more often than it may ask.
type hasty struct{ wait time.Duration }

// Error says so.
func (*hasty) Error() string { return "a key was refused too often" }

// patient counts a refusal. Who is refused without end is told to wait, and that is gathered:
// each refusal is an entry of the ledger, which an app could fill otherwise.
func (p *Proxy) patient(a *asked) error {
	if p.config.Take == nil {
		return nil
	}
	wait, ok := p.config.Take(a.key.ID)
	if ok {
		return nil
	}
	if p.config.Denied != nil {
		p.config.Denied(a.from, a.key, "proxy.rate", http.StatusTooManyRequests)
	}
	return &hasty{wait}
}

// admit finds out which app asks, and tells of one that it does not let in.
func (p *Proxy) admit(r *http.Request) (graphwarden.AppKey, error) {
	key, err := p.known(r)
	var no *graphwarden.Refusal
	if errors.As(err, &no) && (no.Kind == graphwarden.Unauthenticated || no.Kind == graphwarden.Denied) && p.config.Denied != nil {
		status, _ := told(no)
		p.config.Denied(r, key, no.Code, status)
	}
	return key, err
}

// known finds the key that a request shows; with a refusal it is the key that is known
// and not let in, or the zero AppKey.
func (p *Proxy) known(r *http.Request) (graphwarden.AppKey, error) {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if len(r.Header.Values("Authorization")) != 1 || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return graphwarden.AppKey{}, &graphwarden.Refusal{Kind: graphwarden.Unauthenticated, Code: "proxy.key",
			Say: "The app's key is missing.", Do: "Have the SDK's credential give it, gwk_…, as its token; docs/proxy.md shows how."}
	}
	return p.config.Keys.Admit(r.Context(), token)
}

// read takes a request as it came on the wire: what net/http has decoded could hide
// what stood there.
func read(w http.ResponseWriter, r *http.Request) (in incoming, err error) {
	target, query, _ := strings.Cut(r.RequestURI, "?")
	version, path, found := strings.Cut(strings.TrimPrefix(target, Prefix), "/")
	if !strings.HasPrefix(target, Prefix) || !found || version != string(flow.V1) && version != string(flow.Beta) {
		return in, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "proxy.version",
			Say: "There is /graph/v1.0/ and /graph/beta/.", Do: "Set the SDK's base address to one of them."}
	}
	in = incoming{version: flow.Version(version), base: origin(r) + Prefix + version, method: r.Method, path: "/" + path, query: query, header: r.Header}
	in.body, err = whole(w, r)
	return in, err
}

// origin is where the proxy was asked.
func origin(r *http.Request) string {
	if r.TLS != nil {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// understand gives a request its form.
func (p *Proxy) understand(a *asked) (err error) {
	if a.passed, err = passed(a.header); err != nil {
		return err
	}
	query := ""
	if query, a.link, err = sealed(a.query); err != nil {
		return err
	}
	a.form, err = p.parse(a, query)
	return err
}

// parse gives a request its form, with a query in place of its own.
func (p *Proxy) parse(a *asked, query string) (*canon.Request, error) {
	var bases []string // of what a body refers to
	if len(a.body) > 0 {
		bases = append(slices.Clone(p.bases), a.base+"/")
	}
	return canon.Parse(canon.Incoming{Method: a.method, Path: a.path, Query: query, Body: a.body, Bases: bases})
}
