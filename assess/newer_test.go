package assess_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/catalog/published"
)

// newer is the program's catalogue with one permission more.
func newer(t *testing.T) *catalog.Catalog {
	t.Helper()
	packed, err := catalog.Load().Packed()
	if err != nil {
		t.Fatal(err)
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	facts, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if packed, err = published.Pack(append(facts, "P\tWidgets.ReadWrite.All\tgraph\tA\t11111111-2222-4333-8444-555555555555\t3\tce\tRead and write all widgets\t\n"...)); err != nil {
		t.Fatal(err)
	}
	c, err := catalog.From(packed)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestThePermissionsOfANewerTableAreReadAsAnyOther finds one by its name, its id, its
// title and misspelt; the program's own table has it not.
func TestThePermissionsOfANewerTableAreReadAsAnyOther(t *testing.T) {
	c := newer(t)
	for written, found := range map[string]plan.Found{
		"Widgets.ReadWrite.All":                plan.ByName,
		"11111111-2222-4333-8444-555555555555": plan.ByID,
		"Widgets.ReadWirte.All":                plan.ByMisspelling,
	} {
		text := "# Permissions\n\n| Permission | Type | Use |\n|---|---|---|\n| " + written + " | Application | keeps widgets |\n"
		a, err := assess.Document(c, "plan.md", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Permissions) != 1 || a.Permissions[0].Name != "Widgets.ReadWrite.All" || a.Permissions[0].FoundBy != found || a.Permissions[0].Scheme != plan.Application || a.Permissions[0].Lines[0] != 5 {
			t.Errorf("%s: %+v", written, a.Permissions)
		}
		if a, err = assess.Document(catalog.Load(), "plan.md", strings.NewReader(text)); err != nil || len(a.Permissions) != 0 {
			t.Errorf("%s by the program's own table: %+v %v", written, a.Permissions, err)
		}
	}
}
