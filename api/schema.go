package api

import (
	"maps"
	"reflect"
	"slices"
	"strings"
)

// schemas writes JSON Schema (2020-12, as OpenAPI 3.1 takes it) of Go types.
type schemas struct {
	named map[string]map[string]any // components
	types map[string]reflect.Type   // whose each is
	asks  bool                      // of requests: only what a rule requires is required
}

// of gives a type's schema: a reference for a struct with a name.
func (s *schemas) of(t reflect.Type, r rules) map[string]any {
	if t.Kind() == reflect.Pointer {
		inner := s.of(t.Elem(), r)
		if kind, plain := inner["type"].(string); plain {
			inner["type"] = []any{kind, "null"}
			return inner
		}
		return map[string]any{"anyOf": []any{inner, map[string]any{"type": "null"}}}
	}
	switch {
	case t == timeType:
		return map[string]any{"type": "string", "format": "date-time"}
	case isText(t):
		return s.text(r)
	case isAny(t) && r.object:
		return map[string]any{"type": "object", "additionalProperties": true}
	case isAny(t):
		return map[string]any{}
	}
	switch t.Kind() {
	case reflect.Struct:
		return map[string]any{"$ref": "#/components/schemas/" + s.name(t)}
	case reflect.Slice, reflect.Array:
		out := map[string]any{"type": "array", "items": s.of(t.Elem(), rules{oneOf: r.oneOf, format: r.format})}
		if s.asks {
			out["maxItems"] = longestList
		}
		bounds(out, r, "minItems", "maxItems")
		return out
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": s.of(t.Elem(), rules{})}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.Float32, reflect.Float64:
		return map[string]any{"type": "number"}
	}
	out := map[string]any{"type": "integer", "format": "int64"}
	bounds(out, r, "minimum", "maximum")
	return out
}

func (s *schemas) text(r rules) map[string]any {
	out := map[string]any{"type": "string"}
	if s.asks {
		out["maxLength"] = longestText
	}
	bounds(out, r, "minLength", "maxLength")
	if len(r.oneOf) > 0 {
		delete(out, "maxLength")
		out["enum"] = r.oneOf
	}
	if r.format != "" && r.format != "zone" {
		out["format"] = r.format
	}
	return out
}

func bounds(out map[string]any, r rules, least, most string) {
	if r.min != nil {
		out[least] = *r.min
	}
	if r.max != nil {
		out[most] = *r.max
	}
}

// name puts a struct among the components and gives its name there.
func (s *schemas) name(t reflect.Type) string {
	name := nameOf(t)
	if s.asks {
		name += "Request"
	}
	if other, there := s.types[name]; there {
		if other != t {
			panic("two types would be called " + name + ": " + other.String() + " and " + t.String())
		}
		return name
	}
	s.types[name] = t
	properties, required := map[string]any{}, []string{}
	out := map[string]any{"type": "object", "properties": properties}
	s.named[name] = out
	for _, f := range fieldsOf(t) {
		p := s.of(f.typ, f.rules)
		if f.doc != "" {
			p = worded(p, "description", f.doc)
		}
		if f.example != "" {
			p = worded(p, "examples", []any{exampleOf(f)})
		}
		properties[f.name] = p
		if s.asks && f.rules.required || !s.asks && !f.optional {
			required = append(required, f.name)
		}
	}
	if len(required) > 0 {
		slices.Sort(required)
		out["required"] = required
	}
	if s.asks {
		out["additionalProperties"] = false
	}
	return name
}

// worded gives a schema with a word more; what it refers to stays as it is.
func worded(p map[string]any, word string, value any) map[string]any {
	p = maps.Clone(p)
	p[word] = value
	return p
}

// nameOf is what a type is called in the description: its name, with its package's
// unless it is one of ours, and a Page of X is an XPage.
func nameOf(t reflect.Type) string {
	name, rest, generic := strings.Cut(t.Name(), "[")
	if generic {
		inner := rest[strings.LastIndexAny(rest, "./")+1:]
		return strings.TrimSuffix(inner, "]") + name
	}
	room := t.PkgPath()[strings.LastIndex(t.PkgPath(), "/")+1:]
	if room == "api" || room == "graphwarden" || strings.EqualFold(room, name) {
		return name
	}
	return strings.ToUpper(room[:1]) + room[1:] + name
}
