package graphwarden_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// asked are the pages that docs/seeds.md answers, and how many lines each has.
var asked = map[string]int{"webCRM": 62, "Totalview": 67}

// TestWhatWasAskedForIsProven holds docs/seeds.md against the repository: each line of
// either page is answered once or more, or stated to say nothing; each test that is
// named exists, and so does each page; who names no test says plainly "not yet".
func TestWhatWasAskedForIsProven(t *testing.T) {
	raw, err := os.ReadFile("docs/seeds.md")
	if err != nil {
		t.Fatal(err)
	}
	tests, text := testNames(t), string(raw)
	for _, m := range regexp.MustCompile("`(Test\\w+)`").FindAllStringSubmatch(text, -1) {
		if !tests[m[1]] {
			t.Errorf("docs/seeds.md names %s, which does not exist", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(text, -1) {
		if _, err := os.Stat(filepath.Join("docs", m[1])); err != nil {
			t.Errorf("docs/seeds.md leads nowhere: %v", err)
		}
	}
	sections := strings.Split(text, "\n## ")[1:]
	if len(sections) != len(asked) {
		t.Fatalf("docs/seeds.md has %d parts", len(sections))
	}
	for _, section := range sections {
		name, body, _ := strings.Cut(section, "\n")
		rows, quiet, found := strings.Cut(body, "Lines that state nothing:")
		if asked[name] == 0 || !found {
			t.Fatalf("the part %q of docs/seeds.md is not known, or does not say which lines state nothing", name)
		}
		answered, silent := map[int]bool{}, lines(t, strings.ReplaceAll(strings.TrimSuffix(strings.TrimSpace(quiet), "."), "\n", " "))
		for row := range strings.Lines(rows) {
			cells := strings.Split(strings.TrimSpace(row), "|")
			if len(cells) != 7 || cells[1] == " line " || strings.HasPrefix(cells[1], "--") {
				continue
			}
			for line := range lines(t, cells[1]) {
				answered[line] = true
			}
			if !strings.Contains(cells[4], "`Test") && strings.TrimSpace(cells[4]) != "not yet" {
				t.Errorf("%s, line %s: neither a test nor \"not yet\": %s", name, cells[1], cells[4])
			}
		}
		for line := 1; line <= asked[name]; line++ {
			if answered[line] == silent[line] {
				t.Errorf("%s, line %d: answered %t, and stated to say nothing %t", name, line, answered[line], silent[line])
			}
		}
	}
}

// lines reads "3, 5-7".
func lines(t *testing.T, text string) map[int]bool {
	t.Helper()
	out := map[int]bool{}
	for part := range strings.SplitSeq(text, ",") {
		from, to, span := strings.Cut(strings.TrimSpace(part), "-")
		first, err := strconv.Atoi(from)
		last := first
		if span && err == nil {
			last, err = strconv.Atoi(to)
		}
		if err != nil {
			t.Fatalf("docs/seeds.md: %q names no lines", text)
		}
		for ; first <= last; first++ {
			out[first] = true
		}
	}
	return out
}

// testNames are the names of all tests of the repository.
func testNames(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	for _, f := range sources(t, true) {
		if !strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		raw, err := os.ReadFile(f.path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range declared.FindAllStringSubmatch(string(raw), -1) {
			out[m[1]] = true
		}
	}
	return out
}
