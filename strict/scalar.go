package strict

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/graphwarden/graphwarden/meant"
)

// scalar holds a single value against its type and the tags of its field.
func (r *Reading) scalar(node ast.Node, t reflect.Type, at string, tag reflect.StructTag) {
	var fits bool
	wants := "text"
	switch t.Kind() {
	case reflect.Bool:
		_, fits = node.(*ast.BoolNode)
		wants = "true or false"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		_, fits = node.(*ast.IntegerNode)
		wants = "a whole number"
	case reflect.Float32, reflect.Float64:
		_, whole := node.(*ast.IntegerNode)
		_, fits = node.(*ast.FloatNode)
		fits, wants = fits || whole, "a number"
	default:
		_, plain := node.(*ast.StringNode)
		_, block := node.(*ast.LiteralNode)
		fits = plain || block
	}
	if !fits {
		r.misfit(node, at, "%s belongs here%s", wants, quotedFor(node, t))
		return
	}
	if text, is := node.(*ast.StringNode); is {
		r.text(node, text.Value, at, tag)
	}
}

// text holds a text against the words or the form that its field's tags name.
func (r *Reading) text(node ast.Node, text, at string, tag reflect.StructTag) {
	if words := Words(tag, r.lists); words != nil && !slices.Contains(words, text) && !slices.Contains(strings.Fields(tag.Get("one")), "!"+text) {
		r.wrong(node, at, "%q is %s", text, noneOf(words, text))
	}
	if f, has := Forms()[tag.Get("form")]; has && !regexp.MustCompile(f.Pattern).MatchString(text) {
		r.wrong(node, at, "%q is not %s", text, f.Says)
	}
}

// many is how many words are too many to be listed where one is near.
const many = 12

// noneOf says what a text could have been.
func noneOf(words []string, text string) string {
	guess := ""
	if word := meant.Word(text, words); word != "" {
		guess = ", did you mean " + word + "?"
	}
	switch {
	case len(words) == 1:
		return "not " + words[0] + ", and there is nothing else" + guess
	case len(words) == 2:
		return "neither " + strings.Join(words, " nor ") + guess
	case len(words) > many && guess != "":
		return fmt.Sprintf("none of the %d that there are%s", len(words), guess)
	}
	return "none of " + strings.Join(words, ", ") + guess
}

// Words are the words that the tag one:"…" of a field offers, nil for any. A word
// with "!" before it is taken and not offered: what looks further refuses it.
func Words(tag reflect.StructTag, lists map[string][]string) []string {
	one := tag.Get("one")
	if one == "" {
		return nil
	}
	if name, listed := strings.CutPrefix(one, "@"); listed {
		return lists[name]
	}
	return slices.DeleteFunc(strings.Fields(one), func(word string) bool { return word[0] == '!' })
}

// Form is how a text has to look, and how that is said.
type Form struct{ Pattern, Says string }

// Forms are what the tag form:"…" of a field may name. The patterns mean the same
// in Go and in JSON Schema.
func Forms() map[string]Form {
	return map[string]Form{
		"date":    {`^\d{4}-\d{2}-\d{2}$`, "a date such as 2027-01-31"},
		"address": {`^(\[[0-9A-Fa-f:.]+\]|[^:\s/]*):(6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[0-5]?\d{1,4})$`, "an address such as 127.0.0.1:8080"},
		"operate": {`^(off|(\[[0-9A-Fa-f:.]+\]|[^:\s/]*):(6553[0-5]|655[0-2]\d|65[0-4]\d\d|6[0-4]\d{3}|[0-5]?\d{1,4}))$`, "an address such as 127.0.0.1:8081, nor off"},
		"web":     {`^https?://[^/\s]+(/\S*)?$`, "an address such as https://app.example/changes"},
		"origin":  {`^https://[^/\s]+/?$`, "an origin such as https://graph.microsoft.com"},
		"guid":    {guid, "an object id, a GUID"},
		"client":  {guid, "an application (client) id, a GUID"},
		"tenant":  {tenant, "the tenant's GUID or one of its verified domains, such as contoso.com"},
		"length":  {Length, "a length of time such as 90s, 15m, 36h or 30d"},
	}
}

const (
	guid   = `^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}$`
	tenant = `^([0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}|([0-9A-Za-z]([0-9A-Za-z-]*[0-9A-Za-z])?\.)+[A-Za-z][0-9A-Za-z-]*)$`
)

// Length is the form of a length of time.
const Length = `^([0-9]+d|0|([0-9]+(\.[0-9]+)?(ms|s|m|h))+)$`

// quotedFor says that quotes make text of what is written.
func quotedFor(node ast.Node, t reflect.Type) string {
	if t.Kind() != reflect.String {
		return ""
	}
	return quoted(node)
}

func quoted(node ast.Node) string {
	switch node.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return "; write it in quotes: \"" + node.GetToken().Value + "\""
	}
	return ""
}

// fieldsOf are the settings of a struct by name.
func fieldsOf(t reflect.Type) map[string]reflect.StructField {
	out := map[string]reflect.StructField{}
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case f.Anonymous && (name == "" || strings.Contains(options, "inline")):
			maps.Copy(out, fieldsOf(f.Type))
		case f.IsExported() && name != "-" && name != "":
			out[name] = f
		}
	}
	return out
}

func sorted[T any](m map[string]T) []string { return slices.Sorted(maps.Keys(m)) }
