package proxy

import (
	"io"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/edm"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/proxy/canon"
)

// Bound changes how long a batch may begin items, and how many bytes its answers may
// have.
func (p *Proxy) Bound(longest time.Duration, largestAnswers int64) {
	p.longest, p.largestAnswers = longest, largestAnswers
}

// Mask passes an answer on as who is not shown private events may see it.
func Mask(to io.Writer, from io.Reader, is edm.Ref) error { return mask(to, from, is, true) }

// Links writes the links of an answer to a request for a mailbox's calendars, with a query,
// anew, as they are handed on.
func (p *Proxy) Links(to io.Writer, base string, f flow.Flow, mailbox, query, raw string) error {
	a := &asked{incoming: incoming{version: flow.V1, base: base}, flow: f, tenant: p.config.Tenants[f.Tenant]}
	var err error
	if a.form, err = canon.Parse(canon.Incoming{Method: "GET", Path: "/users/" + mailbox + "/calendars", Query: query}); err != nil {
		return err
	}
	call := gate.Call{App: f.App, Flow: f.Name, Operation: flow.Asked(flow.V1, "GET", a.form.Template), Mailbox: mailbox, Args: flow.Args{"path": a.form.Path(mailbox)}}
	l := &linkWriter{to: to, own: p.owns(a, call)}
	for _, piece := range []byte(raw) { // in the smallest pieces
		if _, err := l.Write([]byte{piece}); err != nil {
			return err
		}
	}
	return l.end()
}

// Rewrite passes an answer on with own in place of every link that continues it, in pieces
// whose sizes piece gives.
func Rewrite(to io.Writer, raw []byte, own string, piece func(left int) int) error {
	l := &linkWriter{to: to, own: func(string, string, bool) (string, error) { return own, nil }}
	for len(raw) > 0 {
		n := piece(len(raw))
		if _, err := l.Write(raw[:n]); err != nil {
			return err
		}
		raw = raw[n:]
	}
	return l.end()
}

// ActsFor says whose mailboxes a flow for people is left with where an app asks for a person.
func ActsFor(f flow.Flow, person string) (graphwarden.MailboxScope, error) {
	t := try{flow: f, names: namesOf(f.Mailboxes)}
	err := t.actsFor(person)
	return t.flow.Mailboxes, err
}
