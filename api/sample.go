package api

import (
	"reflect"
	"strconv"
	"strings"
)

// sampleOf makes an example of a type, of the examples of its fields.
func sampleOf(t reflect.Type, asks bool, depth int) any {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == timeType:
		return "2026-03-02T08:00:00Z"
	case isText(t):
		return "text"
	case isAny(t) || depth > 6:
		return map[string]any{}
	}
	switch t.Kind() {
	case reflect.Struct:
		out := map[string]any{}
		for _, f := range fieldsOf(t) {
			if asks && !f.rules.required && f.example == "" {
				continue
			}
			out[f.name] = sampleOfField(f, asks, depth)
		}
		return out
	case reflect.Slice, reflect.Array:
		return []any{sampleOf(t.Elem(), asks, depth+1)}
	case reflect.Map:
		return map[string]any{}
	case reflect.Bool:
		return false
	}
	return 1
}

func sampleOfField(f field, asks bool, depth int) any {
	if f.example != "" {
		return exampleOf(f)
	}
	inner := f.typ
	if inner.Kind() == reflect.Pointer {
		inner = inner.Elem()
	}
	if !isText(inner) {
		return sampleOf(f.typ, asks, depth+1)
	}
	switch {
	case len(f.rules.oneOf) > 0:
		return f.rules.oneOf[0]
	case f.rules.format == "date-time":
		return "2026-03-02T08:00:00Z"
	case f.rules.format == "date":
		return "2026-03-02"
	case f.rules.format == "email":
		return "anna@contoso.com"
	case f.rules.format == "uuid":
		return "6e7b768e-07e2-4810-8459-485f84f8f204"
	case f.rules.format == "zone":
		return "Europe/Berlin"
	}
	return "text"
}

// exampleOf reads a field's example as its type is written; that of a list is one
// entry, or several between commas.
func exampleOf(f field) any {
	t := f.typ
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.Kind() == reflect.Slice && !isText(t) && !isAny(t) {
		var out []any
		for one := range strings.SplitSeq(f.example, ",") {
			out = append(out, exampleOf(field{typ: t.Elem(), example: one}))
		}
		return out
	}
	if t == timeType || isText(t) {
		return f.example
	}
	if n, err := strconv.ParseInt(f.example, 10, 64); err == nil {
		return n
	}
	if b, err := strconv.ParseBool(f.example); err == nil {
		return b
	}
	return f.example
}
