package cli_test

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestTheDocumentedCommandsTellOfGrants runs every block of docs/grants.md, in its
// order, by a shell; an administrator signs in where a command asks for it.
func TestTheDocumentedCommandsTellOfGrants(t *testing.T) {
	tn := open(t)
	r := tn.follows(t)
	r.folder = filepath.Dir(tn.configure(t, nil))
	r.runs("graphwarden serve --check")
	said := ""
	for _, block := range snippets(documents(t)["grants.md"], "sh") {
		said += r.runs(block)
	}
	for _, words := range []string{"Calendars.ReadWrite", "wider", "az rest --method delete", "Invoke-MgGraphRequest -Method POST", `"requiredResourceAccess"`, "| Permission | Granted |",
		"+ add    Calendars.Read (application)", "The grants were read again, and are what the flows need.", "of Microsoft's own are left out"} {
		if !strings.Contains(said, words) {
			t.Errorf("nothing says %q in:\n%s", words, said)
		}
	}
}
