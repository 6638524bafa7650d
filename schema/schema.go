// Package schema describes Go's types as JSON Schema (draft 2020-12), so that what
// is promised to editors and programs is made of the same types that the program
// reads and writes. It promises that a value of the type validates, and that a
// name which the type does not have is refused.
package schema

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"
)

// Draft is the dialect of JSON Schema.
const Draft = "https://json-schema.org/draft/2020-12/schema"

// Words say how types are described.
type Words struct {
	Tag string // of the names of fields: json or yaml
	// Optional has no field required unless its tag `need` says so; otherwise each
	// is whose name does not say omitempty.
	Optional bool
	// Own are types that are described in their own way.
	Own map[reflect.Type]map[string]any
	// Says explains a field, "" for nothing.
	Says func(holder reflect.Type, field string) string
	// Refine adds to the description of a field, or takes from it.
	Refine func(holder reflect.Type, f reflect.StructField, described map[string]any)
	// Plain adds to the description of a type, wherever it stands.
	Plain func(t reflect.Type, described map[string]any)
	// Needs says whether a field is required, in place of Optional; absent: it may be
	// left out when it is written.
	Needs func(f reflect.StructField, absent bool) bool
	// Open takes objects with names that the type does not have.
	Open bool
	// Apart are structs that are described once, in Apart.In, and referred to; nil:
	// each is described where it stands.
	Apart *Apart
}

// Apart is where structs are described that are referred to by a name.
type Apart struct {
	Name func(t reflect.Type) string
	At   string                    // what a reference begins with, e.g. #/$defs/
	In   map[string]map[string]any // by name
	Of   map[string]reflect.Type   // whose each is
}

// NewApart makes a place that is referred to as at says.
func NewApart(at string, name func(t reflect.Type) string) *Apart {
	return &Apart{Name: name, At: at, In: map[string]map[string]any{}, Of: map[string]reflect.Type{}}
}

// Of describes the type of a value; a nil any is anything.
func (w Words) Of(value any) map[string]any {
	if value == nil {
		return map[string]any{}
	}
	return w.describe(reflect.TypeOf(value))
}

// Describe describes a type.
func (w Words) Describe(t reflect.Type) map[string]any { return w.describe(t) }

func (w Words) describe(t reflect.Type) map[string]any {
	out := w.kind(t)
	if w.Plain != nil && t.Kind() != reflect.Pointer {
		w.Plain(t, out)
	}
	return out
}

func (w Words) kind(t reflect.Type) map[string]any {
	if own, has := w.Own[t]; has {
		return copied(own)
	}
	switch {
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	case t == reflect.TypeFor[json.RawMessage]():
		return map[string]any{}
	case t.Kind() != reflect.Pointer && t.Implements(reflect.TypeFor[encoding.TextMarshaler]()):
		return map[string]any{"type": "string"}
	case t.Kind() != reflect.Pointer && t.Implements(reflect.TypeFor[json.Marshaler]()):
		return map[string]any{}
	}
	switch t.Kind() {
	case reflect.Pointer:
		if w.Tag == "json" {
			return orNull(w.describe(t.Elem()))
		}
		return w.describe(t.Elem())
	case reflect.Struct:
		if w.Apart != nil && t.Name() != "" {
			return w.apart(t)
		}
		return w.object(t)
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": w.describe(t.Elem())}
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() == reflect.Uint8 {
			return map[string]any{"type": "string", "contentEncoding": "base64"}
		}
		return map[string]any{"type": "array", "items": w.describe(t.Elem())}
	case reflect.String:
		return map[string]any{"type": "string"}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	case reflect.Interface:
		return map[string]any{}
	}
	return map[string]any{"type": "integer"}
}

// apart describes a struct once, and refers to that.
func (w Words) apart(t reflect.Type) map[string]any {
	name := w.Apart.Name(t)
	other, there := w.Apart.Of[name]
	if there && other != t {
		panic("two types would be called " + name + ": " + other.String() + " and " + t.String()) // a programmer's mistake
	}
	if !there {
		w.Apart.Of[name] = t // also for the struct itself, which may hold another of its kind
		w.Apart.In[name] = w.object(t)
	}
	return map[string]any{"$ref": w.Apart.At + name}
}

// object describes a struct; what is embedded without a name belongs to it.
func (w Words) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get(w.Tag), ",")
		if inner := indirect(f.Type); f.Anonymous && name == "" && inner.Kind() == reflect.Struct {
			inner := w.object(inner)
			for key, value := range inner["properties"].(map[string]any) {
				properties[key] = value
			}
			if more, has := inner["required"].([]string); has {
				required = append(required, more...)
			}
			continue
		}
		if !f.IsExported() || name == "-" || f.Tag.Get("schema") == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		described := w.describe(f.Type)
		if w.Says != nil {
			if text := w.Says(t, f.Name); text != "" {
				described["description"] = text
			}
		}
		if w.Refine != nil {
			w.Refine(t, f, described)
		}
		properties[name] = described
		if w.needs(f, strings.Contains(options, "omitempty") || strings.Contains(options, "omitzero")) {
			required = append(required, name)
		}
	}
	out := map[string]any{"type": "object", "properties": properties}
	if !w.Open {
		out["additionalProperties"] = false
	}
	if len(required) > 0 {
		out["required"] = required
	}
	return out
}

func (w Words) needs(f reflect.StructField, absent bool) bool {
	if w.Needs != nil {
		return w.Needs(f, absent)
	}
	return f.Tag.Get("need") != "" || !w.Optional && !absent
}

func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

// orNull lets null stand for a value, too.
func orNull(described map[string]any) map[string]any {
	if kind, is := described["type"].(string); is {
		described["type"] = []string{kind, "null"}
		return described
	}
	return map[string]any{"anyOf": []any{described, map[string]any{"type": "null"}}}
}

func copied(m map[string]any) map[string]any {
	out := make(map[string]any, len(m))
	for key, value := range m {
		out[key] = value
	}
	return out
}
