package proxy

import (
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// names are what the mailboxes of a flow are called by, in any case of their letters: by
// object id, and by the name that they were declared or signed in with.
type names struct {
	of     graphwarden.MailboxScope
	byID   map[string]graphwarden.Mailbox
	byName map[string][]graphwarden.Mailbox // more than one where the name has been several people's
}

func namesOf(scope graphwarden.MailboxScope) *names {
	n := &names{of: scope, byID: make(map[string]graphwarden.Mailbox, len(scope)), byName: make(map[string][]graphwarden.Mailbox, len(scope))}
	for _, m := range scope {
		if m.ID == "" {
			continue // not pinned yet
		}
		id, name := strings.ToLower(m.ID), strings.ToLower(m.UPN)
		if _, known := n.byID[id]; !known {
			n.byID[id] = m
		}
		if all := n.byName[name]; name != "" && (len(all) == 0 || all[len(all)-1].ID != m.ID) {
			n.byName[name] = append(all, m)
		}
	}
	return n
}

// find finds the mailbox that a request calls so. An object id is looked for first, unless
// what is asked can be none, so that nobody's name takes the place of somebody's id. A name
// that is several people's is refused: which of them is meant, nobody said.
func (n *names) find(called string, orID bool, field string) (m graphwarden.Mailbox, found bool, err error) {
	called = strings.ToLower(called)
	if m, found = n.byID[called]; found && orID {
		return m, true, nil
	}
	switch all := n.byName[called]; len(all) {
	case 0:
		return graphwarden.Mailbox{}, false, nil
	case 1:
		return all[0], true, nil
	}
	return graphwarden.Mailbox{}, false, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "proxy.ambiguous", Field: field,
		Say: fmt.Sprintf("Several people have been called %q.", called), Do: "Name the one whom you mean by object id."}
}

// names gives the names of a flow's mailboxes. A scope is never changed, only replaced: so
// they are read once for each.
func (p *Proxy) names(flow string, scope graphwarden.MailboxScope) *names {
	if last, ok := p.read.Load(flow); ok {
		if n := last.(*names); len(n.of) == len(scope) && (len(scope) == 0 || &n.of[0] == &scope[0]) {
			return n
		}
	}
	n := namesOf(scope)
	p.read.Store(flow, n)
	return n
}
