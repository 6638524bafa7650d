package assemble

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/graphwarden/graphwarden/schema"
	"github.com/graphwarden/graphwarden/strict"
)

// SchemaAddress is where editors find the JSON Schema of the configuration file.
const SchemaAddress = "https://raw.githubusercontent.com/graphwarden/graphwarden/main/docs/config.schema.json"

// DescribeConfig gives the JSON Schema of the configuration file, made of the types
// and tags that Load reads it with. Says explains a field of a type of this package.
func DescribeConfig(says func(holder, field string) string) ([]byte, error) {
	lists := wordLists()
	w := schema.Words{Tag: "yaml", Optional: true,
		Says: func(holder reflect.Type, field string) string { return says(holder.Name(), field) },
		Own:  map[reflect.Type]map[string]any{reflect.TypeFor[Duration](): {"type": "string", "pattern": strict.Length}},
		Refine: func(_ reflect.Type, f reflect.StructField, described map[string]any) {
			refine(f, described, lists)
		}}
	type endpoints struct {
		Login    string `yaml:"login" form:"origin" need:"yes"`
		Graph    string `yaml:"graph" form:"origin" need:"yes"`
		Exchange string `yaml:"exchange" form:"origin"`
	}
	w.Own[reflect.TypeFor[Cloud]()] = map[string]any{"anyOf": []any{map[string]any{"type": "string", "enum": lists["clouds"]}, w.Of(endpoints{})}}
	all := w.Of(Config{})
	all["$schema"], all["$id"], all["title"] = schema.Draft, SchemaAddress, "Graphwarden's configuration file"
	text, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("describing the configuration: %w", err)
	}
	return append(text, '\n'), nil
}

// refine says in a schema what the tags of a field say.
func refine(f reflect.StructField, described map[string]any, lists map[string][]string) {
	each := described
	if items, is := described["items"].(map[string]any); is {
		each = items
	}
	if words := strict.Words(f.Tag, lists); words != nil {
		each["enum"] = words
	}
	if form, has := strict.Forms()[f.Tag.Get("form")]; has {
		each["pattern"] = form.Pattern
	}
	if f.Type.Kind() == reflect.Map && f.Tag.Get("need") != "" {
		described["minProperties"] = 1
	}
	if f.Type.Kind() == reflect.Map {
		if to, is := described["additionalProperties"].(map[string]any); is && to["description"] == nil {
			to["title"] = "one of " + f.Name
		}
	}
}
