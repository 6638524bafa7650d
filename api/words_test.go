package api

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestTheDescriptionsHaveWordsForEveryField reads both descriptions: a field without words says nothing to
// who generates a client. Words that no field uses are taken out.
func TestTheDescriptionsHaveWordsForEveryField(t *testing.T) {
	used := map[string]bool{}
	for _, forApps := range []bool{false, true} {
		var d struct {
			Components struct {
				Schemas map[string]struct {
					Properties map[string]struct{ Description string }
				}
			}
		}
		if err := json.Unmarshal(Describe(forApps), &d); err != nil {
			t.Fatal(err)
		}
		for of, s := range d.Components.Schemas {
			for name, p := range s.Properties {
				if used[name] = true; p.Description == "" {
					t.Errorf("%s.%s has no words: give it a tag doc, or its name a line in words.go", of, name)
				}
			}
		}
	}
	seen := map[string]bool{}
	for line := range strings.Lines(strings.TrimSpace(ofFields)) {
		name, _, _ := strings.Cut(line, ": ")
		if !used[name] || seen[name] {
			t.Errorf("words.go has words for %q, which no field has, or twice", name)
		}
		seen[name] = true
	}
}
