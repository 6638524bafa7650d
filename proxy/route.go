package proxy

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/proxy/canon"
)

// route finds the flow that a request is let through by, and says what is to be
// called. Of several the first by name is taken; the gate judges once more. With a
// refusal the call names the flow that came nearest.
func (p *Proxy) route(a *asked) (nearly gate.Call, err error) {
	err = &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.no_flow",
		Say: fmt.Sprintf("The app %q has no flow of kind graph that this key is for.", a.key.App), Do: "Declare one in the configuration, with the operations and mailboxes that it needs."}
	nearest := 0
	for _, f := range p.config.Flows(a.key.App) {
		if f.App != a.key.App || f.Kind.Direction() != flow.Apps || len(a.key.Flows) > 0 && !slices.Contains(a.key.Flows, f.Name) {
			continue
		}
		call, near, why := p.try(a, f)
		if why == nil {
			return call, nil
		}
		if near > nearest {
			nearest, nearly, err = near, call, why
		}
	}
	return nearly, err
}

// How near a flow came to letting a request through: the refusal of the nearest is
// the one that helps.
const (
	knowsNothing = iota + 1
	knowsOperation
	knowsOwner
)

// try says how a flow would let a request through, or why not and how near it came. If it
// does, the request is the flow's from then on; one that follows a link has then the form of
// the request that the link continues, query and all.
func (p *Proxy) try(a *asked, f flow.Flow) (call gate.Call, near int, err error) {
	t := p.trying(f, a.version)
	call = gate.Call{App: f.App, Flow: f.Name, Operation: flow.Asked(a.version, a.form.Method, a.form.Template)}
	if err := t.actsFor(a.person); err != nil {
		return call, knowsNothing, err
	}
	if near, err = t.judge(a.form); err != nil {
		return call, near, err
	}
	form := a.form
	if a.link != nil {
		if call.Link, form, err = p.continued(a, t, call); err != nil {
			return call, knowsOwner, err
		}
		t.parts = nil
		if near, err = t.judge(form); err != nil {
			return call, near, err
		}
	}
	query, err := t.query(form)
	if err != nil {
		return call, knowsOwner, err
	}
	if call.Link == "" {
		call.Query = query
	}
	if call.Body, err = form.Body(); err != nil {
		return call, near, err
	}
	call.Mailbox, call.Others, call.Header, call.Also, call.Looks = t.owner, t.others, a.passed, t.parts, !form.Writes
	call.Args = flow.Args{"path": form.Path(t.owner)}
	a.flow, a.tenant, a.form = f, t.tenant, form
	return call, near, nil
}

// query is the query to send. What would tell a flow of private events that is shown their
// times only is refused.
func (t *try) query(form *canon.Request) (string, error) {
	if t.flow.ShowsPrivate {
		return form.Query(), nil
	}
	return form.Private().Query, form.Private().Refusal
}

// try is one flow that is asked whether it lets a request through.
type try struct {
	flow    flow.Flow
	names   *names // of the flow's mailboxes
	tenant  graphwarden.Tenant
	version flow.Version
	owner   string // the object id of the user whose things the path leads to
	parts   []gate.Part
	others  []graphwarden.Mailbox
}

func (p *Proxy) trying(f flow.Flow, version flow.Version) try {
	return try{flow: f, names: p.names(f.Name, f.Mailboxes), tenant: p.config.Tenants[f.Tenant], version: version}
}

// judge says whether the flow lists the operation, and everything that is read besides,
// and whether every object is in its scope.
func (t *try) judge(form *canon.Request) (near int, err error) {
	if !t.lists(form.Method, form.Template) {
		return knowsNothing, unlisted(t.flow, form.Method, form.Template)
	}
	for _, also := range form.Also {
		if !t.lists(http.MethodGet, also) {
			return knowsOperation, unlisted(t.flow, http.MethodGet, also)
		}
		t.parts = append(t.parts, gate.Part{Operation: flow.Asked(t.version, http.MethodGet, also)})
	}
	for i, reach := range form.Reaches {
		m, touches, err := t.within(reach)
		switch {
		case err != nil:
			return knowsOperation, err
		case i == 0 && touches:
			t.owner = m.ID
		case touches && m.ID != t.owner && !slices.Contains(t.others, m):
			t.others = append(t.others, m)
		}
	}
	for _, n := range form.Named {
		named := try{flow: t.flow, names: t.names, tenant: t.tenant, version: t.version}
		if near, err := named.judge(n.Request); err != nil {
			return max(near, knowsOperation), err
		}
		t.parts = append(append(t.parts, gate.Part{Operation: flow.Asked(t.version, n.Method, n.Template), Mailbox: named.owner}), named.parts...)
		if m := named.mailbox(); m.ID != "" && m.ID != t.owner && !slices.Contains(t.others, m) {
			t.others = append(t.others, m)
		}
	}
	for i, part := range t.parts {
		if part.Operation.TouchesMailbox() && part.Mailbox == "" {
			t.parts[i].Mailbox = t.owner
		} else if !part.Operation.TouchesMailbox() {
			t.parts[i].Mailbox = ""
		}
	}
	return knowsOwner, nil
}

// mailbox is the owner as the flow names it.
func (t *try) mailbox() graphwarden.Mailbox {
	return t.names.byID[strings.ToLower(t.owner)]
}

func (t *try) lists(method, template string) bool {
	return t.flow.Kind.Lists(flow.Asked(t.version, method, template))
}

// within finds the mailbox that a reach is, if it is one. What no mailbox is, the
// operation by itself permits.
func (t *try) within(r canon.Reach) (m graphwarden.Mailbox, touches bool, err error) {
	switch {
	case r.Space == canon.Me && t.flow.People:
		return t.flow.Mailboxes[0], true, nil // actsFor has left no other
	case r.Space == canon.Me:
		return m, true, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.me", Field: r.From,
			Say: "This flow signs in as an app, so that nobody is \"me\".", Do: "Ask for /users/{the person's id or name} in place of /me."}
	case r.Space == canon.Objects:
		return m, true, outside(t.flow, r)
	case r.Space != canon.Users && r.Space != canon.Mail, r.Key == "":
		return m, false, nil
	case r.Tenant != "" && !strings.EqualFold(r.Tenant, t.tenant.ID):
		return m, true, outside(t.flow, r)
	}
	m, found, err := t.names.find(r.Key, r.Space == canon.Users, r.From)
	if err == nil && !found {
		err = outside(t.flow, r)
	}
	return m, true, err
}

func unlisted(f flow.Flow, method, template string) error {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.operation",
		Say: fmt.Sprintf("The flow %q does not list %s %s.", f.Name, method, template), Do: "Add it to the flow's operations, if the app needs it; its permission follows from that."}
}

func outside(f flow.Flow, r canon.Reach) error {
	return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.mailbox", Field: r.From,
		Say: fmt.Sprintf("%q is not among the mailboxes of the flow %q.", r.Key, f.Name), Do: "Name the mailbox in the flow, if the app needs it."}
}
