package assemble_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
)

// try has a configuration try a file of cases.
func try(t *testing.T, c *assemble.Config, cases string) (assemble.Tried, error) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "cases.yaml")
	if err := os.WriteFile(path, []byte(cases), 0o600); err != nil {
		t.Fatal(err)
	}
	return c.Try(t.Context(), path)
}

// TestCasesFailByVerdictAndByRule: a case that comes out otherwise than its file expects
// fails, whichever way that is.
func TestCasesFailByVerdictAndByRule(t *testing.T) {
	c := written(t, explained)
	for expect, passes := range map[string]bool{
		"expect: allowed":                         true,
		"expect: allowed, rule: flow:portal-mail": true,
		"expect: allowed, rule: flow:desk-mail":   false,
		"expect: refused":                         false,
		"expect: depends":                         false,
	} {
		tried, err := try(t, c, "cases: [{app: portal, request: get /users/in@contoso.com/messages, "+expect+"}]")
		if err != nil || len(tried.Cases) != 1 || tried.Cases[0].Passed != passes || (tried.Passed == 1) != passes || tried.Passed+tried.Failed != 1 {
			t.Errorf("%s: %+v, %v", expect, tried, err)
		}
	}
}

// TestAWrongFileOfCasesIsRefusedWithItsPlaces, as a whole: nobody takes what is left for
// all there is.
func TestAWrongFileOfCasesIsRefusedWithItsPlaces(t *testing.T) {
	c := written(t, explained)
	for cases, says := range map[string]string{
		"":         "cases",
		"cases: 3": "cases.yaml:1:8",
		"case: []": "did you mean cases?",
		"cases:\n  - {app: portal, request: GET /me, expect: permitted}":                    "cases.yaml:2:45",
		"cases:\n  - {app: portal, request: GET /me}":                                       "expect",
		"cases:\n  - {app: portall, request: GET /me, expect: refused}":                     "portall",
		"cases:\n  - {app: portal, request: /me, expect: refused}":                          "a method and a path",
		"cases:\n  - {app: portal, request: GET /me, from: here, expect: refused}":          "no address",
		"cases:\n  - {app: portal, request: GET /me, at: now, expect: refused}":             "no time",
		"cases:\n  - {app: portal, request: POST /me/sendMail, body: '{', expect: refused}": "no JSON",
	} {
		_, err := try(t, c, cases)
		var no *graphwarden.Refusal
		if !errors.As(err, &no) || no.Code != assemble.CodeCases || !strings.Contains(no.Say, says) {
			t.Errorf("%q is said to be wrong with %v, want %s", cases, err, says)
		}
	}
	if _, err := c.Try(t.Context(), filepath.Join(t.TempDir(), "none.yaml")); err == nil {
		t.Error("a file that is not there passes")
	}
}
