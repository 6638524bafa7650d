package edm

import (
	"iter"
	"slices"
	"strings"
)

// Type is an entity type or a complex type.
type Type struct {
	Name     string // qualified
	Base     *Type  // nil at the root
	Entity   bool
	Abstract bool
	Open     bool // also by inheritance

	keys, alternateKeys []string
	properties          []Property
	navs                []Nav
}

// line iterates over the type and the types that it derives from.
func (t *Type) line() iter.Seq[*Type] {
	return func(yield func(*Type) bool) {
		for ; t != nil; t = t.Base {
			if !yield(t) {
				return
			}
		}
	}
}

// IsDerivedFrom reports whether t is base or derives from it.
func (t *Type) IsDerivedFrom(base *Type) bool {
	for x := range t.line() {
		if x == base {
			return true
		}
	}
	return false
}

// Keys returns the names of the key properties.
func (t *Type) Keys() []string {
	for x := range t.line() {
		if len(x.keys) > 0 {
			return x.keys
		}
	}
	return nil
}

// AlternateKeys returns the names of properties that also identify an entity,
// each by itself: users(userPrincipalName='x').
func (t *Type) AlternateKeys() []string {
	var all []string
	for x := range t.line() {
		all = append(all, x.alternateKeys...)
	}
	return all
}

// Properties returns the structural properties, inherited ones first.
func (t *Type) Properties() []Property {
	var all []Property
	for x := range t.line() {
		all = append(slices.Clone(x.properties), all...)
	}
	return all
}

// Navigations returns the navigation properties, inherited ones first.
func (t *Type) Navigations() []Nav {
	var all []Nav
	for x := range t.line() {
		all = append(slices.Clone(x.navs), all...)
	}
	return all
}

// Property returns the structural property of exactly that name.
func (t *Type) Property(name string) (Property, bool) {
	for x := range t.line() {
		for _, p := range x.properties {
			if p.Name == name {
				return p, true
			}
		}
	}
	return Property{}, false
}

// Navigation returns the navigation property of exactly that name.
func (t *Type) Navigation(name string) (Nav, bool) {
	for x := range t.line() {
		for _, n := range x.navs {
			if n.Name == name {
				return n, true
			}
		}
	}
	return Nav{}, false
}

// Member finds a structural or navigation property by a name in any case, as
// paths and queries write it, and returns how the schema spells it.
func (t *Type) Member(name string) (canonical string, ref Ref, ok bool) {
	for x := range t.line() {
		for _, p := range x.properties {
			if strings.EqualFold(p.Name, name) {
				return p.Name, Ref{p.Type, p.Collection}, true
			}
		}
		for _, n := range x.navs {
			if strings.EqualFold(n.Name, name) {
				return n.Name, Ref{n.Type, n.Collection}, true
			}
		}
	}
	return "", Ref{}, false
}
