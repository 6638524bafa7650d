package schema_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/graphwarden/graphwarden/schema"
)

type inner struct {
	Name string `json:"name"`
}

type all struct {
	inner
	Text  string            `json:"text"`
	Least int               `json:"least,omitempty"`
	At    *time.Time        `json:"at"`
	List  []inner           `json:"list"`
	By    map[string]inner  `json:"by"`
	Raw   json.RawMessage   `json:"raw"`
	Part  float64           `json:"part"`
	Yes   bool              `json:"yes"`
	Any   any               `json:"any"`
	Words map[string]string `json:"words,omitempty"`
	Gone  string            `json:"-"`
}

func compiled(t *testing.T, described map[string]any) *jsonschema.Schema {
	t.Helper()
	raw, err := json.Marshal(described)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("s.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("s.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestWhatATypeWritesIsWhatItsSchemaSays asks a validator that somebody else wrote.
func TestWhatATypeWritesIsWhatItsSchemaSays(t *testing.T) {
	s := compiled(t, schema.Words{Tag: "json"}.Of(all{}))
	now := time.Now()
	for _, v := range []all{
		{List: []inner{}, By: map[string]inner{}, Raw: json.RawMessage("null")},
		{inner: inner{"a"}, Text: "t", Least: 3, At: &now, List: []inner{{"b"}}, By: map[string]inner{"c": {"d"}}, Raw: json.RawMessage(`{"x":1}`), Part: .5, Yes: true, Any: 1, Gone: "g"},
	} {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(value); err != nil {
			t.Errorf("%s: %v", raw, err)
		}
		object := value.(map[string]any)
		for name, wrong := range map[string]any{"text": 1.0, "other": "x", "list": map[string]any{}, "yes": "yes", "at": true} {
			before, was := object[name]
			object[name] = wrong
			if s.Validate(value) == nil {
				t.Errorf("%s: %v is valid", name, wrong)
			}
			if object[name] = before; !was {
				delete(object, name)
			}
		}
		delete(object, "text")
		if s.Validate(value) == nil {
			t.Error("a field may be missing")
		}
	}
}
