package world

import (
	"iter"
	"maps"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Object is a directory object: a user, a group, an application … All share one
// space of ids (Graph's directoryObject).
type Object struct {
	ID      string     `json:"id"`
	Type    string     `json:"type"` // without namespace: "user", "group", "servicePrincipal" …
	Doc     Doc        `json:"doc"`  // its structural properties, id included
	Deleted *time.Time `json:"deleted,omitempty"`
}

func (o Object) typeKey() string {
	if o.Deleted != nil {
		return "deleted:" + o.Type
	}
	return o.Type
}

// keys are the names, besides its id, by which an object can be addressed or
// must be unique. They compare without case.
func (o Object) keys() []string {
	if o.Deleted != nil {
		return nil
	}
	var keys []string
	for _, name := range []string{"userPrincipalName", "mail", "appId", "mailNickname", "name", "roleTemplateId", "uniqueName"} {
		if v := Text(o.Doc, name); v != "" {
			keys = append(keys, name+"="+strings.ToLower(v))
		}
	}
	return keys
}

// Object gives the live object of one of the types (any type when none is
// named) with this id.
func (w *World) Object(tx *state.Tx, id string, types ...string) (Object, bool) {
	o, ok := w.Objects.Get(tx, strings.ToLower(id))
	if !ok || o.Deleted != nil {
		return Object{}, false
	}
	for _, t := range types {
		if o.Type == t {
			return o, true
		}
	}
	return o, len(types) == 0
}

// ObjectBy gives the live object whose property name has this value, without
// regard to case. It knows userPrincipalName, mail, appId, mailNickname, name
// (of an extension), roleTemplateId and uniqueName.
func (w *World) ObjectBy(tx *state.Tx, name, value string, types ...string) (Object, bool) {
	for _, o := range w.byKey.Find(tx, name+"="+strings.ToLower(value)) {
		if len(types) == 0 {
			return o, true
		}
		for _, t := range types {
			if o.Type == t {
				return o, true
			}
		}
	}
	return Object{}, false
}

// User gives the user with this object id or user principal name.
func (w *World) User(tx *state.Tx, key string) (Object, bool) {
	if o, ok := w.Object(tx, key, "user"); ok {
		return o, true
	}
	return w.ObjectBy(tx, "userPrincipalName", key, "user")
}

// ObjectsOf gives the live objects of a type, oldest first.
func (w *World) ObjectsOf(tx *state.Tx, typ string) iter.Seq[Object] { return w.list(tx, typ) }

// DeletedObjects gives the soft-deleted objects of a type, oldest first.
func (w *World) DeletedObjects(tx *state.Tx, typ string) iter.Seq[Object] {
	return w.list(tx, "deleted:"+typ)
}

func (w *World) list(tx *state.Tx, key string) iter.Seq[Object] {
	return func(yield func(Object) bool) {
		for _, o := range w.byType.Find(tx, key) {
			if !yield(o) {
				return
			}
		}
	}
}

// CountObjects is the number of live objects of a type.
func (w *World) CountObjects(tx *state.Tx, typ string) int { return w.byType.Count(tx, typ) }

// AddObject stores a new object. Its Doc gets the id; without one the object
// gets a new GUID.
func (w *World) AddObject(tx *state.Tx, o Object) Object {
	if o.ID == "" {
		o.ID = tx.GUID()
	}
	o.Doc = maps.Clone(o.Doc)
	o.Doc["id"] = o.ID
	w.Objects.Put(tx, o.ID, o)
	w.Record(tx, Change{Scope: ScopeOf(o.Type), ID: o.ID, Kind: Created})
	return o
}

// ChangeObject sets properties of an object; a nil value stays as null.
func (w *World) ChangeObject(tx *state.Tx, o Object, set Doc) Object {
	o.Doc = maps.Clone(o.Doc)
	props := make([]string, 0, len(set))
	for name, value := range set {
		o.Doc[name] = value
		props = append(props, name)
	}
	w.Objects.Put(tx, o.ID, o)
	w.Record(tx, Change{Scope: ScopeOf(o.Type), ID: o.ID, Kind: Updated, Props: props})
	return o
}

// SoftDelete puts an object where it can be restored from for 30 days
// (graph-facts §8: users; groups and applications alike).
func (w *World) SoftDelete(tx *state.Tx, o Object) {
	now := tx.Now()
	o.Deleted = &now
	o.Doc = maps.Clone(o.Doc)
	o.Doc["deletedDateTime"] = Time(now)
	w.Objects.Put(tx, o.ID, o)
	w.Record(tx, Change{Scope: ScopeOf(o.Type), ID: o.ID, Kind: Updated, Props: []string{"deletedDateTime"}})
	w.echo(tx, o)
}

// Restore brings a soft-deleted object back, with the links that it had.
func (w *World) Restore(tx *state.Tx, o Object) Object {
	o.Deleted = nil
	o = w.ChangeObject(tx, o, Doc{"deletedDateTime": nil})
	w.echo(tx, o)
	return o
}

// echo logs for each object that links to o that o has come or gone.
func (w *World) echo(tx *state.Tx, o Object) {
	for _, rel := range Relations() {
		for from := range w.LinkedTo(tx, o.ID, rel) {
			w.Record(tx, Change{Scope: ScopeOf(from.Type), ID: from.ID, Kind: Updated, Props: []string{rel, o.ID}})
		}
	}
}

// Purge removes an object for good, with its links and with what was granted to
// it, on it and in its name.
func (w *World) Purge(tx *state.Tx, o Object) {
	if o.Deleted == nil {
		w.echo(tx, o)
	}
	for id := range w.GrantsTo(tx, o.ID) {
		w.Grants.Delete(tx, id)
	}
	for id := range w.GrantsOn(tx, o.ID) {
		w.Grants.Delete(tx, id)
	}
	for id := range w.ConsentsOf(tx, o.ID) {
		w.Consents.Delete(tx, id)
	}
	for id := range w.ClassificationsOf(tx, o.ID) {
		w.Classifications.Delete(tx, id)
	}
	for _, x := range []*state.Index[Link]{w.from, w.to} {
		for _, rel := range Relations() {
			for id := range x.Find(tx, o.ID+"|"+rel) {
				w.Links.Delete(tx, id)
			}
		}
	}
	w.Objects.Delete(tx, o.ID)
	w.Record(tx, Change{Scope: ScopeOf(o.Type), ID: o.ID, Kind: Deleted})
}

// ScopeOf is the scope of the change log that an object type's changes go to:
// "users" for users.
func ScopeOf(typ string) string { return typ + "s" }
