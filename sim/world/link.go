package world

import (
	"iter"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Link says that one directory object stands in a relation to another.
type Link struct {
	From string `json:"from"`
	Rel  string `json:"rel"`
	To   string `json:"to"`
}

// The relations between directory objects, named as Graph names the navigation
// property of the object that a link starts from.
const (
	Members             = "members"
	Owners              = "owners"
	Manager             = "manager"
	CreatedObjects      = "createdObjects"
	AcceptedSenders     = "acceptedSenders"
	RejectedSenders     = "rejectedSenders"
	ExtensionProperties = "extensionProperties"
)

// Relations lists every relation.
func Relations() []string {
	return []string{Members, Owners, Manager, CreatedObjects, AcceptedSenders, RejectedSenders, ExtensionProperties}
}

func (l Link) key() string { return l.From + "|" + l.Rel + "|" + l.To }

// Linked says whether the link is there.
func (w *World) Linked(tx *state.Tx, from, rel, to string) bool {
	return w.Links.Has(tx, Link{from, rel, to}.key())
}

// Link adds the link and logs it as a change of the object that it starts from;
// to have created something is no such change.
func (w *World) Link(tx *state.Tx, from Object, rel, to string) {
	l := Link{from.ID, rel, to}
	w.Links.Put(tx, l.key(), l)
	if rel == CreatedObjects {
		return
	}
	w.Record(tx, Change{Scope: ScopeOf(from.Type), ID: from.ID, Kind: Updated, Props: []string{rel, to}})
}

// Unlink removes the link and logs it as a change of the object that it started
// from.
func (w *World) Unlink(tx *state.Tx, from Object, rel, to string) {
	w.Links.Delete(tx, Link{from.ID, rel, to}.key())
	w.Record(tx, Change{Scope: ScopeOf(from.Type), ID: from.ID, Kind: Updated, Props: []string{rel, to}})
}

// LinkedFrom gives the live objects that from links to.
func (w *World) LinkedFrom(tx *state.Tx, from, rel string) iter.Seq[Object] {
	return w.ends(tx, w.from, from+"|"+rel, func(l Link) string { return l.To })
}

// LinkedTo gives the live objects that link to an object.
func (w *World) LinkedTo(tx *state.Tx, to, rel string) iter.Seq[Object] {
	return w.ends(tx, w.to, to+"|"+rel, func(l Link) string { return l.From })
}

func (w *World) ends(tx *state.Tx, x *state.Index[Link], key string, end func(Link) string) iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for _, l := range x.Find(tx, key) {
			if o, ok := w.Object(tx, end(l)); ok && !yield(o) {
				return
			}
		}
	}
}
