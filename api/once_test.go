package api

import (
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheDocumentSaysWhichRequestsHappenOnce holds the table of api.md against the routes:
// each POST of apps stands in it once, with the key and the time that are the route's.
func TestTheDocumentSaysWhichRequestsHappenOnce(t *testing.T) {
	raw, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(raw), "| POST to | needs a key | the same key again |\n")
	table, _, _ = strings.Cut(table, "\n\n")
	path := regexp.MustCompile("`…(/[^`]*)`")
	for _, rt := range everyRoute().apps.table {
		if rt.method() != http.MethodPost {
			continue
		}
		var found []string
		for row := range strings.Lines(table) {
			for _, m := range path.FindAllStringSubmatch(row, -1) {
				if strings.HasSuffix(rt.path(), m[1]) {
					found = append(found, row)
				}
			}
		}
		if len(found) != 1 {
			t.Errorf("%s stands in the table %d times", rt.pattern, len(found))
			continue
		}
		for words, is := range map[string]bool{"| yes |": !rt.repeats.keyless(), "| no |": rt.repeats.keyless(), "for seven days": rt.repeats == own,
			"for two days": rt.repeats == kept, "Idempotency-Replayed": rt.repeats == kept, "nothing is changed": rt.repeats == harmless, "not looked at": rt.repeats == fleeting} {
			if strings.Contains(found[0], words) != is {
				t.Errorf("%s: %q is %v, the table says\n%s", rt.pattern, words, is, found[0])
			}
		}
	}
}
