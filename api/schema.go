package api

import (
	"reflect"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/schema"
)

// schemas describe Go types in JSON Schema (2020-12, as OpenAPI 3.1 takes it), by the
// mechanism that describes the configuration, too: answers, and requests, of which
// only what a rule requires is required and nothing else is taken.
type schemas struct{ answers, requests schema.Words }

func newSchemas() schemas {
	answers := schema.NewApart("#/components/schemas/", nameOf)
	requests := *answers
	requests.Name = func(t reflect.Type) string { return nameOf(t) + "Request" }
	return schemas{
		answers: schema.Words{Tag: "json", Open: true, Apart: answers, Says: says, Refine: refine,
			Plain: func(t reflect.Type, d map[string]any) { plain(t, d, false) }},
		requests: schema.Words{Tag: "json", Apart: &requests, Says: says, Refine: refine,
			Plain: func(t reflect.Type, d map[string]any) { plain(t, d, true) },
			Needs: func(f reflect.StructField, _ bool) bool { return rulesOf(f.Tag.Get("rule")).required }},
	}
}

// components are the structs that were referred to.
func (s schemas) components() map[string]map[string]any {
	for _, object := range s.answers.Apart.In {
		if required, has := object["required"].([]string); has {
			slices.Sort(required)
		}
	}
	return s.answers.Apart.In
}

// plain says of a type what holds wherever it stands.
func plain(t reflect.Type, d map[string]any, asks bool) {
	switch {
	case d["type"] == "integer":
		d["format"] = "int64"
	case !asks:
	case d["type"] == "array":
		d["maxItems"] = longestList
	case isText(t):
		d["maxLength"] = longestText
	}
}

// says is what a field is: its tag's words, or what fields of its name are.
func says(holder reflect.Type, field string) string {
	f, _ := holder.FieldByName(field)
	if text := f.Tag.Get("doc"); text != "" {
		return text
	}
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return fieldWords(name)
}

// refine adds what a field's rule and example say.
func refine(_ reflect.Type, f reflect.StructField, d map[string]any) {
	r := rulesOf(f.Tag.Get("rule"))
	at := d
	if items, is := d["items"].(map[string]any); is {
		bounds(d, r, "minItems", "maxItems")
		r.min, r.max, at = nil, nil, items
	}
	switch kind := kindOf(at["type"]); {
	case kind == "integer":
		bounds(at, r, "minimum", "maximum")
	case kind == "string" && f.Type != timeType:
		bounds(at, r, "minLength", "maxLength")
		if len(r.oneOf) > 0 {
			delete(at, "maxLength")
			at["enum"] = r.oneOf
		}
		if r.format != "" && r.format != "zone" {
			at["format"] = r.format
		}
	case kind == "" && r.object && at["$ref"] == nil:
		at["type"], at["additionalProperties"] = "object", true
	}
	if example := f.Tag.Get("example"); example != "" {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		d["examples"] = []any{exampleOf(field{name: name, typ: f.Type, rules: rulesOf(f.Tag.Get("rule")), example: example})}
	}
}

// kindOf is the type that a description names besides null, "" for none.
func kindOf(named any) string {
	if both, is := named.([]string); is {
		return both[0]
	}
	kind, _ := named.(string)
	return kind
}

func bounds(out map[string]any, r rules, least, most string) {
	if r.min != nil {
		out[least] = *r.min
	}
	if r.max != nil {
		out[most] = *r.max
	}
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
