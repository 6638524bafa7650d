package catalog_test

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/catalog"
)

// shared holds Microsoft's published data, next to the repository.
const shared = "../../shared/graph/"

type example struct {
	ID, Resource string
	Request      struct{ Method, URL string }
}

// examples reads the documented requests of the given resources; all if none
// is given.
func examples(t *testing.T, resources string) []example {
	t.Helper()
	f, err := os.Open(shared + "examples.jsonl.gz")
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("the documented examples are not here: " + shared + "examples.jsonl.gz")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	text, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var out []example
	lines := bufio.NewScanner(text)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		var e example
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			t.Fatal(err)
		}
		if resources == "" || strings.Contains(" "+resources+" ", " "+e.Resource+" ") {
			out = append(out, e)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestEveryDocumentedOperationHasAnAnswer covers the resources that the
// simulator serves first.
func TestEveryDocumentedOperationHasAnAnswer(t *testing.T) {
	c := catalog.Load()
	all := examples(t, "users groups organization calendars calendarView events findMeetingTimes subscriptions delta $batch "+
		"applications servicePrincipals appRoleAssignments oauth2PermissionGrants directoryObjects")
	if len(all) < 130 {
		t.Errorf("only %d examples", len(all))
	}
	for _, e := range all {
		op, ok := c.Operation(e.Request.Method, e.Request.URL)
		if !ok {
			t.Errorf("%s: nothing knows %s %s", e.ID, e.Request.Method, e.Request.URL)
			continue
		}
		answered := op.Free()
		for s := range catalog.Schemes() {
			least, ok := op.Least(s)
			answered = answered || ok
			if !ok {
				continue
			}
			held := append([]string{least.Permission}, firsts(least.AlsoRequires)...)
			if !op.Allowed(c.Grants(s, held...)) {
				t.Errorf("%s: the least privileged %v does not open %s for %s", e.ID, held, op, s)
			}
			if p, _ := c.Permission(least.Permission); !p.Offered(s) {
				t.Errorf("%s: nobody can consent to %s for %s", e.ID, least.Permission, s)
			}
		}
		if !answered {
			t.Errorf("%s: no permission opens %s", e.ID, op)
		}
	}
}

// TestOtherDocumentedOperationsAreKnown counts what the table and the rules do
// not know of the documented requests as a whole; opaque upload and download
// addresses are not operations of Graph.
func TestOtherDocumentedOperationsAreKnown(t *testing.T) {
	c := catalog.Load()
	unknown := map[string]bool{}
	for _, e := range examples(t, "") {
		if _, ok := c.Operation(e.Request.Method, e.Request.URL); !ok && !strings.HasPrefix(e.Request.URL, "/{") {
			unknown[e.Request.Method+" "+e.Request.URL] = true
		}
	}
	for _, known := range []string{
		"GET /organization/{organization-id}/branding/bannerLogo",
		"PUT /organization/{organization-id}/branding",
		"PUT /organization/{organization-id}/branding/localizations/{organizationalBrandingLocalization-id}",
		"PUT /users/{user-id}/authentication/emailMethods/{emailAuthenticationMethod-id}",
	} {
		delete(unknown, known)
	}
	for op := range unknown {
		t.Errorf("nothing knows %s", op)
	}
}

// firsts takes one permission of every group.
func firsts(groups [][]string) []string {
	var out []string
	for _, g := range groups {
		out = append(out, g[0])
	}
	return out
}
