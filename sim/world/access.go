package world

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// AccessRight is what an application access policy does.
type AccessRight string

// The access rights, spelt as Exchange spells them.
const (
	RestrictAccess AccessRight = "RestrictAccess" // only the mailboxes in scope
	DenyAccess     AccessRight = "DenyAccess"     // all but the mailboxes in scope
)

// AccessPolicy is an application access policy of Exchange Online: it narrows
// which mailboxes an app may touch with its own permissions (graph-facts §12.1).
type AccessPolicy struct {
	App         string      `json:"app"`   // client id, or "*" for every app
	Scope       string      `json:"scope"` // object id of a user or group
	Right       AccessRight `json:"right"`
	Description string      `json:"description,omitempty"`
	Term
}

// ExchangeAssignment is a role of Exchange's own, assigned to an app for some
// mailboxes (RBAC for Applications, graph-facts §12.2). Without Group,
// Mailboxes and Scope it covers the organisation.
type ExchangeAssignment struct {
	// Principal is the object id of the app's service principal. An id of
	// anything else is accepted and opens nothing, as in Exchange.
	Principal string   `json:"principal"`
	Name      string   `json:"name,omitempty"`
	Role      string   `json:"role"`                // e.g. "Application Calendars.Read"
	Group     string   `json:"group,omitempty"`     // its direct members
	Mailboxes []string `json:"mailboxes,omitempty"` // stands for a management scope's filter
	Scope     string   `json:"scope,omitempty"`     // name of a management scope
	Term
}

// Term is the time during which Exchange goes by a setting. It lags behind the
// setting, because servers remember for a while (graph-facts §12).
type Term struct {
	From  time.Time  `json:"from"`
	Until *time.Time `json:"until,omitempty"`
}

func (t Term) holds(at time.Time) bool {
	return !at.Before(t.From) && (t.Until == nil || at.Before(*t.Until))
}

// Refused is Exchange's refusal of a mailbox, as Graph passes it on.
type Refused struct {
	Status  int
	Code    string
	Message string
}

// MailboxVerdict says whether an app's own token may touch a mailbox: nil, or the
// refusal. Needed are the permissions of which any opens the operation, granted
// says whether the token has one. A permission from Entra is narrowed by the
// access policies; a role assigned in Exchange opens its own scope besides, and
// policies do not narrow it (graph-facts §12.2).
func (w *World) MailboxVerdict(tx *state.Tx, c Caller, mailbox string, needed []string, granted bool) *Refused {
	blocked := granted && w.blocked(tx, c.AppID, mailbox)
	if granted && !blocked || w.assigned(tx, c.Principal, mailbox, needed) {
		return nil
	}
	if blocked {
		return &Refused{http.StatusForbidden, "ErrorAccessDenied",
			"Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings."}
	}
	return &Refused{http.StatusForbidden, "ErrorAccessDenied", "Access is denied. Check credentials and try again."}
}

// blocked evaluates the access policies in Exchange's order: a deny that matches,
// a restriction that matches, any restriction at all (graph-facts §12.1). Members
// of nested groups are in scope (documentation of New-ApplicationAccessPolicy).
func (w *World) blocked(tx *state.Tx, app, mailbox string) bool {
	return w.judged(tx, app, mailbox, func(p AccessPolicy) bool { return p.holds(tx.Now()) })
}

func (w *World) judged(tx *state.Tx, app, mailbox string, counts func(AccessPolicy) bool) bool {
	restricted, admitted := false, false
	for _, p := range w.Policies.All(tx) {
		if !counts(p) || p.App != "*" && !strings.EqualFold(p.App, app) {
			continue
		}
		matches := p.Scope == mailbox || w.memberOf(tx, mailbox, p.Scope, map[string]bool{})
		switch {
		case p.Right == DenyAccess && matches:
			return true
		case p.Right == RestrictAccess:
			restricted, admitted = true, admitted || matches
		}
	}
	return restricted && !admitted
}

// memberOf says whether an object is a member of a group, at any depth.
func (w *World) memberOf(tx *state.Tx, object, group string, seen map[string]bool) bool {
	for g := range w.LinkedTo(tx, object, Members) {
		if seen[g.ID] {
			continue
		}
		seen[g.ID] = true
		if g.ID == group || w.memberOf(tx, g.ID, group, seen) {
			return true
		}
	}
	return false
}

// assigned says whether an Exchange role opens the mailbox. Groups count with
// their direct members only.
func (w *World) assigned(tx *state.Tx, principal, mailbox string, needed []string) bool {
	for _, a := range w.Assignments.All(tx) {
		if a.Principal != principal || !a.holds(tx.Now()) || !opens(a.Role, needed) {
			continue
		}
		if w.Covers(tx, a, mailbox, false) {
			return true
		}
	}
	return false
}

// opens says whether an Exchange application role holds one of the permissions.
func opens(role string, needed []string) bool {
	return slices.ContainsFunc(ExchangeRole(role), func(p string) bool { return slices.Contains(needed, p) })
}

// ExchangeRole gives the permissions of Microsoft Graph that an application role
// of Exchange stands for, none when there is no such role (graph-facts §12.2).
func ExchangeRole(role string) []string {
	name, ok := strings.CutPrefix(role, "Application ")
	if !ok {
		return nil
	}
	mail := []string{"Mail.ReadWrite", "Mail.Send"}
	switch name {
	case "Mail.Read", "Mail.ReadBasic", "Mail.ReadWrite", "Mail.Send", "MailboxSettings.Read",
		"MailboxSettings.ReadWrite", "Calendars.Read", "Calendars.ReadWrite", "Contacts.Read", "Contacts.ReadWrite":
		return []string{name}
	case "Mail Full Access":
		return mail
	case "Exchange Full Access":
		return append(mail, "MailboxSettings.ReadWrite", "Calendars.ReadWrite", "Contacts.ReadWrite")
	}
	return nil
}
