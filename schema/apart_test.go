package schema_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/graphwarden/graphwarden/schema"
)

type tree struct {
	Name   string `json:"name" doc:"its own"`
	Leaves []tree `json:"leaves,omitempty"`
	Beside *inner `json:"beside"`
}

// TestStructsThatAreApartAreDescribedOnce, also one that holds its own kind, and one
// that may be null.
func TestStructsThatAreApartAreDescribedOnce(t *testing.T) {
	apart := schema.NewApart("#/$defs/", func(t reflect.Type) string { return t.Name() })
	w := schema.Words{Tag: "json", Apart: apart, Says: func(holder reflect.Type, field string) string {
		f, _ := holder.FieldByName(field)
		return f.Tag.Get("doc")
	}}
	described := w.Of(tree{})
	if described["$ref"] != "#/$defs/tree" || len(apart.In) != 2 {
		t.Fatalf("described as %v, apart %v", described, apart.In)
	}
	described["$defs"] = apart.In
	s := compiled(t, described)
	for text, fits := range map[string]bool{
		`{"name":"a","beside":null,"leaves":[{"name":"b","beside":{"name":"c"}}]}`: true,
		`{"name":"a","beside":null,"leaves":[{"nam":"b","beside":null}]}`:          false,
		`{"name":"a"}`: false,
	} {
		var v any
		if err := json.Unmarshal([]byte(text), &v); err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); (err == nil) != fits {
			t.Errorf("%s: %v", text, err)
		}
	}
}
