package api

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// field is one member of a JSON object as its Go type declares it: by the tags
// json, rule, doc and example. Requests are checked against it and the
// description is written from it, so that the two cannot differ.
//
// A rule is a list of words: required, min=1, max=200 (characters, entries, or a
// number's size), oneof=a|b, format=date-time|date|email|uuid|zone.
type field struct {
	name     string
	typ      reflect.Type
	optional bool // an answer may lack it
	rules    rules
	doc      string
	example  string
}

type rules struct {
	required bool
	min, max *int
	oneOf    []string
	format   string
	object   bool // of what nothing else is known, it is an object
}

// fieldsOf gives the members of a struct as encoding/json sees them.
func fieldsOf(t reflect.Type) []field {
	var out []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case tag == "-":
			continue
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			out = append(out, fieldsOf(inner)...)
			continue
		case !f.IsExported():
			continue
		case name == "":
			name = f.Name
		}
		out = append(out, field{name: name, typ: f.Type, optional: strings.Contains(options, "omit"),
			rules: rulesOf(f.Tag.Get("rule")), doc: f.Tag.Get("doc"), example: f.Tag.Get("example")})
	}
	return out
}

func rulesOf(tag string) (r rules) {
	for word := range strings.SplitSeq(tag, ",") {
		name, value, _ := strings.Cut(word, "=")
		switch name {
		case "required":
			r.required = true
		case "min", "max":
			n, err := strconv.Atoi(value)
			if err != nil {
				panic("the rule " + tag + " has no number") // a programmer's mistake, found by any test
			}
			if name == "min" {
				r.min = &n
			} else {
				r.max = &n
			}
		case "oneof":
			r.oneOf = strings.Split(value, "|")
		case "object":
			r.object = true
		case "format":
			r.format = value
		}
	}
	return r
}

// Types that JSON writes otherwise than their kind says.
var (
	timeType    = reflect.TypeFor[time.Time]()
	rawType     = reflect.TypeFor[json.RawMessage]()
	textWriters = reflect.TypeFor[encoding.TextMarshaler]()
	jsonWriters = reflect.TypeFor[json.Marshaler]()
)

// isText says whether a type is a text in JSON.
func isText(t reflect.Type) bool {
	return t.Kind() == reflect.String || t != timeType && t.Implements(textWriters)
}

// isAny says whether nothing is known of a type's JSON.
func isAny(t reflect.Type) bool {
	return t == rawType || t.Kind() == reflect.Interface || t != timeType && t.Implements(jsonWriters) && !t.Implements(textWriters)
}
