package graphwarden_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// guards are the packages that keep something from happening. Each is there for a threat.
var guards = []string{"proxy", "proxy/canon", "gate", "policy", "staff", "appkey", "apptoken", "ledger", "ledger/audit", "outbound", "notify", "seal", "redact", "connect"}

// named is how docs/threats.md names a test: its package and its name.
var named = regexp.MustCompile("`([a-z0-9/]+): (Test\\w+|Fuzz\\w+)`")

// TestEveryThreatHasItsTest holds docs/threats.md against the repository: each threat says
// who, what is done and by which tests that is proven, each of which stands in the package
// that is named; no package that guards something is without a threat.
func TestEveryThreatHasItsTest(t *testing.T) {
	raw, err := os.ReadFile("docs/threats.md")
	if err != nil {
		t.Fatal(err)
	}
	guarded, open, found := strings.Cut(string(raw), "\n## Not guarded yet\n")
	if !found || !strings.Contains(open, "\n- ") {
		t.Fatal("docs/threats.md does not say what is not guarded yet")
	}
	if n := strings.Count(string(raw), "Test") + strings.Count(string(raw), "Fuzz"); n != len(named.FindAllString(string(raw), -1))+1 { // and "`package: Test`" itself
		t.Errorf("docs/threats.md speaks of %d tests; not all of them are named as `package: Test`", n)
	}
	tests, threats := map[string][]string{}, map[string]bool{}
	for row := range strings.Lines(guarded) {
		cells := strings.Split(strings.TrimSpace(row), "|")
		if !strings.HasPrefix(row, "|") || strings.HasPrefix(cells[1], "-") || cells[1] == " threat " {
			continue
		}
		if len(cells) != 7 {
			t.Errorf("a threat has %d cells, not threat, who, what is done, what remains and test: %.60s", len(cells)-2, row)
			continue
		}
		threat := strings.TrimSpace(cells[1])
		if threats[threat] {
			t.Errorf("%q stands there twice", threat)
		}
		threats[threat] = true
		proven := named.FindAllStringSubmatch(cells[5], -1)
		if threat == "" || strings.TrimSpace(cells[2]) == "" || strings.TrimSpace(cells[3]) == "" || len(proven) == 0 {
			t.Errorf("%q does not say who, what is done and by which test that is proven", threat)
		}
		for _, m := range proven {
			if tests[m[1]] == nil {
				tests[m[1]] = testsOf(t, m[1])
			}
			if !slices.Contains(tests[m[1]], m[2]) {
				t.Errorf("%q names %s, which is no test of %s", threat, m[2], m[1])
			}
		}
	}
	if len(threats) < 40 {
		t.Errorf("docs/threats.md reads as %d threats", len(threats))
	}
	for _, p := range guards {
		if tests[p] == nil {
			t.Errorf("%s guards something, and docs/threats.md has no threat for it", p)
		}
	}
}

// testsOf are the names of the tests and fuzz targets in a folder.
func testsOf(t *testing.T, folder string) (names []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	declared := regexp.MustCompile(`(?m)^func (Test\w+|Fuzz\w+)\(`)
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declared.FindAllStringSubmatch(string(raw), -1) {
			names = append(names, m[1])
		}
	}
	return names
}
