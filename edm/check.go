package edm

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Mode says what a body is for.
type Mode uint8

// A body creates a resource or changes one.
const (
	Create Mode = iota
	Update
)

// BodyError says why Graph would not read a body. Its messages are those of
// Microsoft's OData library, which Graph passes on under the code
// RequestBodyRead; directory resources use codes of their own.
type BodyError struct {
	// Property is the path to what is wrong, such as start/dateTime or
	// attendees[1]/type; empty when it is the body as a whole.
	Property string
	Message  string
}

// Code is the error code that Graph answers with (graph-facts.md section 2.1).
const Code = "RequestBodyRead"

// Error gives the property and the message.
func (e *BodyError) Error() string {
	if e.Property == "" {
		return e.Message
	}
	return e.Property + ": " + e.Message
}

// Check reports, as a *BodyError, the first thing in body (JSON as
// encoding/json decodes it, numbers as float64 or json.Number) that Graph would
// not read as the type: undeclared properties, wrong JSON kinds, formats and
// ranges, unknown enum members, null where it is not allowed, types that do not
// fit. Annotations pass. Properties that a client may not write are the
// caller's to refuse.
//
// Many of Graph's resources are declared open, which would allow any property;
// Graph accepts only directory extensions there, so Check does too.
func (m *Model) Check(typeName string, body map[string]any, mode Mode) error {
	t, ok := m.Type(typeName)
	if !ok {
		return unresolved("", typeName)
	}
	return checker{m}.object("", t, body, mode)
}

// CheckParams does the same for the body of an action. Names match in any case,
// and booleans may be text, as in Microsoft's own examples of sendMail and
// findMeetingTimes.
func (m *Model) CheckParams(op *Operation, body map[string]any) error {
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if strings.Contains(name, "@") {
			continue
		}
		p, ok := op.Param(name)
		if !ok {
			return fault(name, "The parameter '%s' in the request payload is not a valid parameter for the operation '%s'.", name, lastName(op.Name))
		}
		if _, ok := boolean(p, body[name]); ok {
			continue
		}
		if err := (checker{m}).property(name, p, body[name]); err != nil {
			return err
		}
	}
	return nil
}

// boolean reads a parameter that is a boolean written as text.
func boolean(p Property, v any) (value, ok bool) {
	s, isText := v.(string)
	if !isText || p.Type != "Edm.Boolean" || p.Collection {
		return false, false
	}
	return strings.EqualFold(s, "true"), strings.EqualFold(s, "true") || strings.EqualFold(s, "false")
}

func fault(path, format string, args ...any) *BodyError {
	return &BodyError{path, fmt.Sprintf(format, args...)}
}

func unresolved(path, typeName string) *BodyError {
	return fault(path, "A type named '%s' could not be resolved by the model. When a model is available, each type name must resolve to a valid type.", typeName)
}

type checker struct {
	model *Model
}

// object checks the members of one object, in the order of their names so that
// the same body always gives the same error.
func (c checker) object(path string, t *Type, body map[string]any, mode Mode) error {
	t, err := c.actual(path, t, body, mode)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(body)) {
		if err := c.member(join(path, name), name, t, body[name], mode); err != nil {
			return err
		}
	}
	return nil
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "/" + name
}

// actual returns the type that the object says it is of.
func (c checker) actual(path string, t *Type, body map[string]any, mode Mode) (*Type, error) {
	v, ok := body["@odata.type"]
	if !ok {
		if t.Abstract && mode == Create && t.Entity {
			return nil, fault(path, "A value without a type name was found and no expected type is available. When the model is specified, each value in the payload must have a type which can be either specified in the payload, explicitly by the caller or implicitly inferred from the parent value.")
		}
		return t, nil
	}
	name, isText := v.(string)
	actual, known := c.model.Type(strings.TrimPrefix(name, "#"))
	switch {
	case !isText || !known:
		return nil, unresolved(join(path, "@odata.type"), fmt.Sprint(v))
	case !actual.IsDerivedFrom(t):
		return nil, fault(join(path, "@odata.type"), "A value with type '%s' was found, which is not assignable to the expected type '%s'.", actual.Name, t.Name)
	}
	return actual, nil
}

// member checks one member of an object of type t.
func (c checker) member(path, name string, t *Type, v any, mode Mode) error {
	if name, annotation, ok := strings.Cut(name, "@"); ok {
		return c.annotation(path, name, annotation, t, v)
	}
	if p, ok := t.Property(name); ok {
		return c.property(path, p, v)
	}
	if n, ok := t.Navigation(name); ok {
		if mode == Update && !n.travelsWithOwner() {
			return fault(path, "Cannot apply PATCH to navigation property '%s' on entity type '%s'.", name, t.Name)
		}
		return c.property(path, Property{n.Name, n.Type, n.Collection, true}, v)
	}
	if t.Takes(name) {
		return nil
	}
	return fault(path, "The property '%s' does not exist on type '%s'. Make sure to only use property names that are defined by the type.", name, t.Name)
}

// travelsWithOwner reports whether a change of the owner may carry the targets:
// only Outlook's extended properties are documented so ("Update event").
func (n Nav) travelsWithOwner() bool {
	switch lastName(n.Type) {
	case "singleValueLegacyExtendedProperty", "multiValueLegacyExtendedProperty":
		return true
	}
	return false
}

// annotation checks the annotations that mean something: references to other
// resources. What they annotate must exist.
func (c checker) annotation(path, name, annotation string, t *Type, v any) error {
	if name == "" {
		return nil
	}
	n, isNav := t.Navigation(name)
	_, isProperty := t.Property(name)
	if !isNav && !isProperty && !t.Takes(name) || annotation == "odata.bind" && !isNav {
		return fault(path, "The property '%s' does not exist on type '%s'. Make sure to only use property names that are defined by the type.", name, t.Name)
	}
	if annotation != "odata.bind" {
		return nil
	}
	return c.property(path, Property{n.Name, "Edm.String", n.Collection, false}, v)
}

// Takes reports whether t takes a property of that name that it does not declare:
// open types whose purpose that is, and directory extensions of open entities.
func (t *Type) Takes(name string) bool {
	if !t.Open {
		return false
	}
	return !t.Entity || t.isBag() || isDirectoryExtension(name)
}

// isBag reports whether undeclared properties are what an open entity is for.
func (t *Type) isBag() bool {
	for x := range t.line() {
		switch lastName(x.Name) {
		case "extension", "fieldValueSet", "thumbnailSet":
			return true
		}
	}
	return false
}

// isDirectoryExtension reports whether name is extension_{appId}_{name}, the
// application's id without hyphens.
func isDirectoryExtension(name string) bool {
	id, ok := strings.CutPrefix(name, "extension_")
	return ok && len(id) > 33 && id[32] == '_' && strings.Trim(id[:32], "0123456789abcdefABCDEF") == ""
}

func (c checker) property(path string, p Property, v any) error {
	if !p.Collection {
		return c.value(path, p, v)
	}
	elements, ok := v.([]any)
	if !ok {
		if v == nil {
			return fault(path, "A null value was found for the property named '%s', which has the expected type 'Collection(%s)[Nullable=False]'. The expected type 'Collection(%s)[Nullable=False]' does not allow null values.", p.Name, p.Type, p.Type)
		}
		return wrongNode(path, p.Name, "StartArray", v)
	}
	for i, element := range elements {
		if err := c.value(path+"["+strconv.Itoa(i)+"]", Property{p.Name, p.Type, false, false}, element); err != nil {
			return err
		}
	}
	return nil
}

func wrongNode(path, name, expected string, v any) error {
	found := "PrimitiveValue"
	switch v.(type) {
	case map[string]any:
		found = "StartObject"
	case []any:
		found = "StartArray"
	}
	return fault(path, "An unexpected '%s' node was found for property named '%s' when reading from the JSON reader. A '%s' node was expected.", found, name, expected)
}

// value checks a single value.
func (c checker) value(path string, p Property, v any) error {
	if v == nil {
		if p.Nullable {
			return nil
		}
		return fault(path, "A null value was found for the property named '%s', which has the expected type '%s[Nullable=False]'. The expected type '%s[Nullable=False]' does not allow null values.", p.Name, p.Type, p.Type)
	}
	if t, ok := c.model.Type(p.Type); ok {
		object, ok := v.(map[string]any)
		switch {
		case ok:
			return c.object(path, t, object, Create)
		case t.Name == Namespace+"Json":
			return nil
		}
		return wrongNode(path, p.Name, "StartObject", v)
	}
	switch v.(type) {
	case map[string]any, []any:
		return wrongNode(path, p.Name, "PrimitiveValue", v)
	}
	if e, ok := c.model.Enum(p.Type); ok {
		if s, ok := v.(string); ok && e.allows(s) {
			return nil
		}
	} else if isPrimitive(p.Type, v) {
		return nil
	}
	return fault(path, "Cannot convert the literal '%v' to the expected type '%s'.", v, p.Type)
}

// allows reports whether s is a value of the enumeration, in any case: Outlook's
// own documentation writes "HTML" where the schema says html.
func (e *Enum) allows(s string) bool {
	if !e.Flags {
		_, ok := e.Member(s)
		return ok
	}
	for name := range strings.SplitSeq(s, ",") {
		if _, ok := e.Member(strings.TrimSpace(name)); !ok {
			return false
		}
	}
	return true
}
