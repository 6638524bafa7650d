package act_test

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/act"
)

// TestTheDocumentHasTheTableOfWays compares the document with the code, word by word.
func TestTheDocumentHasTheTableOfWays(t *testing.T) {
	raw, err := os.ReadFile("../docs/writing.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for _, w := range act.Ways() {
		if row := "| `" + string(w.Kind) + "` | " + w.Hint + " | " + w.Found + " | " + w.Risk + " |"; !strings.Contains(text, row) {
			t.Errorf("the document lacks the row\n%s", row)
		}
	}
	if rows := strings.Count(text, "\n| `event.") + strings.Count(text, "\n| `mail."); rows != len(act.Ways()) {
		t.Errorf("the document has %d rows, the code %d ways", rows, len(act.Ways()))
	}
	_, list, _ := strings.Cut(text, "Properties of Graph's event:")
	list, _, _ = strings.Cut(list, ".\n")
	var named []string
	for _, m := range regexp.MustCompile("`([a-zA-Z]+)`").FindAllStringSubmatch(list, -1) {
		named = append(named, m[1])
	}
	slices.Sort(named)
	if want := slices.Sorted(maps.Keys(full())); !slices.Equal(named, want) {
		t.Errorf("the document names %v, what can be written is %v", named, want)
	}
	if !strings.Contains(act.Mark, "{8d1c5a0e-6f5b-4f0c-9d53-7a1e0c2b94d7}") || !strings.Contains(text, "{8d1c5a0e-6f5b-4f0c-9d53-7a1e0c2b94d7}") {
		t.Error("the namespace is another one")
	}
}
