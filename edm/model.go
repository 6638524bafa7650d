package edm

import (
	"slices"
	"strings"
	"sync"
)

// Model is the whole schema. It does not change once loaded.
type Model struct {
	types      map[string]*Type        // by qualified name in lower case
	enums      map[string]*Enum        // by qualified name in lower case
	operations map[string][]*Operation // by unqualified name in lower case
	roots      map[string]Root         // by name in lower case
}

// Root is an entity set or a singleton: where paths begin.
type Root struct {
	Name string
	Ref  Ref
}

var load = sync.OnceValue(read)

// Load returns the model. The first call takes some milliseconds.
func Load() *Model { return load() }

// qualify adds the main namespace to a name that has none.
func qualify(name string) string {
	switch {
	case hasPrefixFold(name, Namespace), strings.HasPrefix(name, "Edm."):
		return name
	case hasPrefixFold(name, "graph."):
		return Namespace + name[len("graph."):]
	}
	return Namespace + name
}

func hasPrefixFold(s, prefix string) bool {
	return len(s) >= len(prefix) && strings.EqualFold(s[:len(prefix)], prefix)
}

// Type finds an entity or complex type by its name in any case:
// "microsoft.graph.user", "graph.user" or "user".
func (m *Model) Type(name string) (*Type, bool) {
	t, ok := m.types[strings.ToLower(qualify(name))]
	return t, ok
}

// Enum finds an enumeration by its name in any case, qualified or not.
func (m *Model) Enum(name string) (*Enum, bool) {
	e, ok := m.enums[strings.ToLower(qualify(name))]
	return e, ok
}

// Root finds an entity set or a singleton by its name in any case.
func (m *Model) Root(name string) (Root, bool) {
	r, ok := m.roots[strings.ToLower(name)]
	return r, ok
}

// IsDerivedFrom reports whether the type derives from base, or is it. It is
// false for names that are no types.
func (m *Model) IsDerivedFrom(name, base string) bool {
	t, ok := m.Type(name)
	b, ok2 := m.Type(base)
	return ok && ok2 && t.IsDerivedFrom(b)
}

// HasMember reports whether base, or a type that derives from it, has a member
// of that name, in any case.
func (m *Model) HasMember(base, name string) bool {
	b, ok := m.Type(base)
	if !ok {
		return false
	}
	for _, t := range m.types {
		if !t.IsDerivedFrom(b) {
			continue
		}
		if _, _, has := t.Member(name); has {
			return true
		}
	}
	return false
}

// Operation finds the operation of that name, in any case, qualified or not,
// that is bound to the type, or failing that to the nearest one that it derives
// from. Of several the one wins whose parameters are exactly args (names in any
// case); without args, else the one with the fewest parameters. An action takes
// its parameters from the body, so it wants no args.
func (m *Model) Operation(name string, boundTo Ref, args ...string) (*Operation, bool) {
	named := m.operations[strings.ToLower(lastName(name))]
	if strings.Contains(name, ".") {
		full := qualify(name)
		named = slices.DeleteFunc(slices.Clone(named), func(o *Operation) bool { return !strings.EqualFold(o.Name, full) })
	}
	t, ok := m.Type(boundTo.Type)
	if !ok {
		return pick(named, boundTo, args)
	}
	for x := range t.line() {
		if o, ok := pick(named, Ref{x.Name, boundTo.Collection}, args); ok {
			return o, true
		}
	}
	return nil, false
}

// pick chooses among operations of one name those bound to exactly to.
func pick(named []*Operation, to Ref, args []string) (*Operation, bool) {
	var best *Operation
	for _, o := range named {
		switch {
		case o.BoundTo != to:
		case o.takes(args):
			return o, true
		case len(args) == 0 && (best == nil || len(o.Params) < len(best.Params)):
			best = o
		}
	}
	return best, best != nil
}

// takes reports whether a request with these arguments in its path fits.
func (o *Operation) takes(args []string) bool {
	if o.Action {
		return len(args) == 0
	}
	if len(args) != len(o.Params) {
		return false
	}
	return !slices.ContainsFunc(args, func(a string) bool {
		_, ok := o.Param(a)
		return !ok
	})
}

func lastName(name string) string { return name[strings.LastIndexByte(name, '.')+1:] }
