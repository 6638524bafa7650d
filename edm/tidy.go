package edm

import (
	"slices"
	"strings"
)

// Tidy rewrites, in a body that Check has passed, the members of enumerations
// as the schema spells them: clients may write "HTML", answers say "html".
func (m *Model) Tidy(typeName string, body map[string]any) {
	t, ok := m.Type(typeName)
	if !ok {
		return
	}
	if name, ok := body["@odata.type"].(string); ok {
		if actual, ok := m.Type(strings.TrimPrefix(name, "#")); ok {
			t = actual
		}
	}
	for name, v := range body {
		if _, ref, ok := t.Member(name); ok {
			body[name] = m.tidy(ref.Type, v)
		}
	}
}

// TidyParams does the same for a body that CheckParams has passed, and turns
// booleans written as text into booleans. Names stay as they came.
func (m *Model) TidyParams(op *Operation, body map[string]any) {
	for name, v := range body {
		p, ok := op.Param(name)
		if !ok {
			continue
		}
		if b, isBoolean := boolean(p, v); isBoolean {
			v = b
		}
		body[name] = m.tidy(p.Type, v)
	}
}

func (m *Model) tidy(typeName string, v any) any {
	switch x := v.(type) {
	case map[string]any:
		m.Tidy(typeName, x)
	case []any:
		tidied := slices.Clone(x)
		for i := range tidied {
			tidied[i] = m.tidy(typeName, tidied[i])
		}
		return tidied
	case string:
		if e, ok := m.Enum(typeName); ok {
			return e.spell(x)
		}
	}
	return v
}

// spell gives each name in s the schema's capitals; unknown ones stay.
func (e *Enum) spell(s string) string {
	names := []string{s}
	if e.Flags {
		names = strings.Split(s, ",")
	}
	for i, name := range names {
		if member, ok := e.Member(strings.TrimSpace(name)); ok {
			names[i] = member
		}
	}
	return strings.Join(names, ",")
}
