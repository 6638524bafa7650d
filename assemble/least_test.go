package assemble_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
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

// TestAPlanAsksForNoPermissionThatAnotherCovers: a flow that lists calendars, beside one
// that reads them, changes nothing about what a registration is to be granted.
func TestAPlanAsksForNoPermissionThatAnotherCovers(t *testing.T) {
	list := "  listing: {app: desk, kind: graph, tenant: contoso, registration: portal, mailboxes: [in@contoso.com], operations: [\"GET /users/{id}/calendars\"]}\n"
	var of [2]string
	for i, text := range []string{explained, explained + list} {
		f, err := written(t, text).Facts()
		if err != nil {
			t.Fatal(err)
		}
		of[i] = fmt.Sprint(f.Permissions["contoso/portal"])
	}
	if of[0] != of[1] || !strings.Contains(of[0], "Calendars.Read") {
		t.Errorf("with another flow that lists calendars it is to be granted %s, before %s", of[1], of[0])
	}
}
