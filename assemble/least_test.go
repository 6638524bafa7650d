package assemble_test

import (
	"fmt"
	"os"
	"regexp"
	"testing"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/policy"
)

// TestTheDocumentNamesThePermissionsThatAreComputed: what the reader needs stands in
// docs/configuration.md as connect asks for it.
func TestTheDocumentNamesThePermissionsThatAreComputed(t *testing.T) {
	raw, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	said := regexp.MustCompile("`reader` registration, which then needs\\s+`([A-Za-z.]+)` besides `([A-Za-z.]+)`").FindStringSubmatch(string(raw))
	if said == nil {
		t.Fatal("docs/configuration.md does not say what the reader needs")
	}
	for i, k := range []flow.Kind{flow.Members(), flow.Reader()} {
		needed, err := policy.Permissions(k, catalog.Load())
		if err != nil || fmt.Sprint(needed) != "["+said[i+1]+"]" {
			t.Errorf("%s needs %v, %v; the document says %s", k.Name(), needed, err, said[i+1])
		}
	}
}
