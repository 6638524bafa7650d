// Package edm is Microsoft's schema of Graph v1.0: which
// types, properties, enums and operations there are, what a path addresses, and
// whether a request's body is one that Graph would read. It promises to know
// exactly what the published schema says, and nothing of behaviour. The facts
// are generated; Load reads them once.
//
// Source: microsoftgraph/msgraph-metadata, schemas/v1.0-Prod.csdl (see NOTICE).
package edm

import "strings"

//go:generate go run ./internal/gen -from ../../shared/graph/v1.0.csdl.gz -to facts.txt.gz

// Namespace is Graph's main namespace. Names of types are accepted with it and
// without it, and given out with it.
const Namespace = "microsoft.graph."

// Ref names a type, or a collection of it: "microsoft.graph.user", "Edm.String".
type Ref struct {
	Type       string
	Collection bool
}

// Property is a structural property, or a parameter of an operation.
type Property struct {
	Name       string
	Type       string // of the elements, when it is a collection
	Collection bool
	Nullable   bool
}

// Nav is a navigation property.
type Nav struct {
	Name       string
	Type       string
	Collection bool
	// ContainsTarget says that the targets live and die with their owner.
	ContainsTarget bool
}

// Enum is an enumeration; its values travel as names.
type Enum struct {
	Name    string
	Flags   bool // several names, separated by commas, are one value
	Members []string
}

// Member returns the member as the schema spells it, for a name in any case.
func (e *Enum) Member(name string) (string, bool) {
	for _, m := range e.Members {
		if strings.EqualFold(m, name) {
			return m, true
		}
	}
	return "", false
}

// Operation is an action or a function bound to a type.
type Operation struct {
	Name    string // qualified
	Action  bool
	BoundTo Ref
	Params  []Property // without the binding parameter
	Returns *Ref       // nil when it returns nothing
}

// Param returns the parameter of that name, in any case: Graph's documentation
// and its schema disagree on capitals (getSchedule takes schedules and Schedules).
func (o *Operation) Param(name string) (Property, bool) {
	for _, p := range o.Params {
		if strings.EqualFold(p.Name, name) {
			return p, true
		}
	}
	return Property{}, false
}
