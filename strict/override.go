package strict

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// Scalars are the settings of a struct that have a single value and a fixed name:
// "keep", "sweep.woken". What lies in maps and lists has none.
func Scalars(of any) []string {
	var out []string
	var walk func(t reflect.Type, at string)
	walk = func(t reflect.Type, at string) {
		fields := fieldsOf(t)
		for _, name := range sorted(fields) {
			inner := fields[name].Type
			for inner.Kind() == reflect.Pointer {
				inner = inner.Elem()
			}
			own := reflect.PointerTo(inner).Implements(reflect.TypeFor[yaml.BytesUnmarshaler]())
			switch {
			case own:
				out = append(out, join(at, name))
			case inner.Kind() == reflect.Struct:
				walk(inner, join(at, name))
			case inner.Kind() != reflect.Map && inner.Kind() != reflect.Slice:
				out = append(out, join(at, name))
			}
		}
	}
	walk(reflect.TypeOf(of), "")
	return out
}

// Override sets one of the Scalars of a struct to a text, held against its type and
// tags as if it stood in the file; nil when it fits.
func Override(into any, at, text string, lists map[string][]string) *Mistake {
	value := reflect.ValueOf(into).Elem()
	var tag reflect.StructTag
	for name := range strings.SplitSeq(at, ".") {
		f := fieldsOf(value.Type())[name]
		value, tag = value.FieldByIndex(f.Index), f.Tag
	}
	if value.Kind() == reflect.Pointer {
		value.Set(reflect.New(value.Type().Elem()))
		value = value.Elem()
	}
	if own, is := value.Addr().Interface().(yaml.BytesUnmarshaler); is {
		if err := own.UnmarshalYAML([]byte(strconv.Quote(text))); err != nil {
			return &Mistake{At: at, Say: err.Error()}
		}
		return nil
	}
	if value.Kind() == reflect.String {
		r := &Reading{lists: lists}
		r.text(&ast.StringNode{BaseNode: &ast.BaseNode{}, Token: &token.Token{}, Value: text}, text, at, tag)
		value.SetString(text)
		if len(r.Mistakes) > 0 {
			return &r.Mistakes[0]
		}
		return nil
	}
	if err := yaml.Unmarshal([]byte(text), value.Addr().Interface()); err != nil {
		return &Mistake{At: at, Say: fmt.Sprintf("%q is not a value of its kind", text)}
	}
	return nil
}
