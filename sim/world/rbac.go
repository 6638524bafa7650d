package world

import (
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/opath"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// ExchangePrincipal is Exchange's pointer to a service principal of Entra
// (New-ServicePrincipal). Exchange does not look whether the object id is right.
type ExchangePrincipal struct {
	AppID       string `json:"appId"`
	ObjectID    string `json:"objectId"`
	DisplayName string `json:"displayName"`
	GUID        string `json:"guid"`
}

// ManagementScope picks the mailboxes that role assignments are for. A changed
// filter takes Exchange its time: until From the one before is in force.
type ManagementScope struct {
	Name   string    `json:"name"`
	Filter string    `json:"filter"`
	Before string    `json:"before,omitempty"`
	From   time.Time `json:"from,omitzero"`
	GUID   string    `json:"guid"`
}

// PutScope stores a management scope. One that changes goes on with its old filter
// for Exchange's time of propagation.
func (w *World) PutScope(tx *state.Tx, s ManagementScope) {
	if old, ok := w.Scopes.Get(tx, strings.ToLower(s.Name)); ok && old.Filter != s.Filter {
		s.Before = old.inForce(tx.Now())
		s.From = tx.Now().Add(w.propagation(s.Name+s.Filter, nil))
	}
	w.Scopes.Put(tx, strings.ToLower(s.Name), s)
}

func (s ManagementScope) inForce(at time.Time) string {
	if at.Before(s.From) {
		return s.Before
	}
	return s.Filter
}

// InScope says whether a management scope picks a mailbox, as mail and Graph go by
// it now, or as it is written down.
func (w *World) InScope(tx *state.Tx, scope, mailbox string, written bool) bool {
	s, ok := w.Scopes.Get(tx, strings.ToLower(scope))
	if !ok {
		return false
	}
	text := s.inForce(tx.Now())
	if written {
		text = s.Filter
	}
	filter, err := opath.Parse(text)
	return err == nil && w.Picks(tx, filter, mailbox)
}

// PutAssignment stores a role assignment under its name; it takes effect after
// Exchange's time of propagation.
func (w *World) PutAssignment(tx *state.Tx, a ExchangeAssignment) {
	a.Term = Term{From: tx.Now().Add(w.propagation(a.Name, nil))}
	w.Assignments.Put(tx, assignmentKey(a.Name), a)
}

// Assignment gives the role assignment of that name, unless it was removed.
func (w *World) Assignment(tx *state.Tx, name string) (ExchangeAssignment, bool) {
	a, ok := w.Assignments.Get(tx, assignmentKey(name))
	return a, ok && a.Until == nil
}

// EndAssignment removes a role assignment; what is in force stays so for a while.
func (w *World) EndAssignment(tx *state.Tx, name string) {
	if a, ok := w.Assignment(tx, name); ok {
		if !a.End(tx, w.propagation("end "+name, nil)) {
			w.Assignments.Delete(tx, assignmentKey(name))
			return
		}
		w.Assignments.Put(tx, assignmentKey(name), a)
	}
}

func assignmentKey(name string) string { return "name:" + strings.ToLower(name) }

// PutPolicy stores an application access policy under its identity.
func (w *World) PutPolicy(tx *state.Tx, id string, p AccessPolicy) {
	p.Term = Term{From: tx.Now().Add(w.propagation(id, nil))}
	w.Policies.Put(tx, id, p)
}

// EndPolicy removes an application access policy.
func (w *World) EndPolicy(tx *state.Tx, id string) {
	if p, ok := w.Policies.Get(tx, id); ok && p.Until == nil {
		if !p.End(tx, w.propagation("end "+id, nil)) {
			w.Policies.Delete(tx, id)
			return
		}
		w.Policies.Put(tx, id, p)
	}
}

// End has a setting cease after a while, and says whether it was in force at all.
func (t *Term) End(tx *state.Tx, after time.Duration) bool {
	until := tx.Now().Add(after)
	t.Until = &until
	return !tx.Now().Before(t.From)
}

// Covers says whether a role assignment is for a mailbox. Written asks for what is
// written down rather than for what is in force.
func (w *World) Covers(tx *state.Tx, a ExchangeAssignment, mailbox string, written bool) bool {
	switch {
	case a.Scope != "":
		return w.InScope(tx, a.Scope, mailbox, written)
	case a.Group != "":
		return w.Linked(tx, a.Group, Members, mailbox)
	case len(a.Mailboxes) > 0:
		return containsFold(a.Mailboxes, mailbox)
	}
	return true
}

// Blocked says whether the access policies, as they are written down, keep an app
// from a mailbox.
func (w *World) Blocked(tx *state.Tx, app, mailbox string) bool {
	return w.judged(tx, app, mailbox, func(p AccessPolicy) bool { return p.Until == nil })
}

func containsFold(list []string, one string) bool {
	for _, s := range list {
		if strings.EqualFold(s, one) {
			return true
		}
	}
	return false
}
