package proxy

import (
	"errors"
	"net/http"
	"slices"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/proxy/canon"
)

// Question is a request that nobody makes: what would become of it?
type Question struct {
	App     string
	Version flow.Version
	Method  string
	Path    string // still escaped, below the version
	Query   string // without the question mark
	Body    []byte // JSON, nil: none
}

// Explained is what would become of a request.
type Explained struct {
	// Call is what the gate would be asked, or, where the proxy itself refuses, how far
	// the request came: without a flow when none came near.
	Call gate.Call
	// Also are the operations that it performs besides: by $expand and its like, and for
	// what its body refers to.
	Also []flow.Operation
	// Keys are the names of users and mailboxes that the request has.
	Keys []string
	// Writes says that it may change something, so that a key which only reads is
	// refused.
	Writes bool
	// Refusal is the proxy's own; nil: the gate is asked.
	Refusal *graphwarden.Refusal
}

// Explain judges a request as it would be judged from a key of the app that may write
// and is for all of its flows. Nothing is sent and nothing is recorded; neither Keys
// nor Gate are needed.
func (p *Proxy) Explain(q Question) (out Explained, err error) {
	a := &asked{key: graphwarden.AppKey{App: q.App, Write: true}}
	a.incoming = incoming{version: q.Version, method: q.Method, path: q.Path, query: q.Query, body: q.Body, header: http.Header{}}
	err = p.understand(a)
	switch {
	case err == nil && a.link != nil:
		err = &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.link",
			Say: "What a link of Graphwarden's continues is sealed, and only the server opens it.", Do: "Ask about the request that the first answer came of."}
	case err == nil && a.form.Items != nil:
		err = &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "proxy.batch_nested",
			Say: "A batch is judged request by request.", Do: "Ask about each of its requests alone."}
	case err == nil:
		out.Call, err = p.judge(a)
		out.tell(a)
	}
	if err != nil && !errors.As(err, &out.Refusal) {
		return out, err
	}
	return out, nil
}

// tell says of a request that is understood what it does.
func (e *Explained) tell(a *asked) {
	e.Writes = a.form.Writes
	if e.Call.Operation.Method() == "" {
		e.Call.Operation = flow.Asked(a.version, a.form.Method, a.form.Template)
	}
	e.add(a.version, a.form)
}

// add takes what a request, or one that its body names, leads to.
func (e *Explained) add(version flow.Version, form *canon.Request) {
	for _, also := range form.Also {
		e.Also = append(e.Also, flow.Asked(version, http.MethodGet, also))
	}
	for _, r := range form.Reaches {
		if (r.Space == canon.Users || r.Space == canon.Mail) && r.Key != "" && !slices.Contains(e.Keys, r.Key) {
			e.Keys = append(e.Keys, r.Key)
		}
	}
	for _, n := range form.Named {
		e.Also = append(e.Also, flow.Asked(version, n.Method, n.Template))
		e.add(version, n.Request)
	}
}
