package assess_test

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/read"
	"github.com/graphwarden/graphwarden/catalog"
)

// answers is what a document that the reader has never seen names (testdata/README.md).
type answers struct {
	Document, Encoding string
	Mentions           []mention
	Traps              []struct {
		Line    int
		Written string
		Why     string
	}
}

type mention struct {
	Line                int
	Written, Permission string
	Resource            string
	Scheme, Status, As  string
}

// score counts by the rules of testdata/README.md. Translated titles are counted apart.
type score struct {
	all, found, invented, reported   int
	translated, translatedFound      int
	scheme, status, resource, judged int
	wrong                            []string
}

func (s *score) add(o score) {
	s.all, s.found, s.invented, s.reported = s.all+o.all, s.found+o.found, s.invented+o.invented, s.reported+o.reported
	s.translated, s.translatedFound = s.translated+o.translated, s.translatedFound+o.translatedFound
	s.scheme, s.status, s.resource, s.judged = s.scheme+o.scheme, s.status+o.status, s.resource+o.resource, s.judged+o.judged
	s.wrong = append(s.wrong, o.wrong...)
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(1, of)) }

func (s score) String() string {
	return fmt.Sprintf("found %d of %d (%.1f %%), invented %d of %d reported (%.1f %%), translated titles %d of %d; of %d found: scheme %d (%.1f %%), status %d (%.1f %%), resource %d (%.1f %%)",
		s.found, s.all, percent(s.found, s.all), s.invented, s.reported, percent(s.invented, s.reported), s.translatedFound, s.translated,
		s.judged, s.scheme, percent(s.scheme, s.judged), s.status, percent(s.status, s.judged), s.resource, percent(s.resource, s.judged))
}

// frozen fails where a document or an answer of a folder is not as it was frozen.
func frozen(t *testing.T, dir string) {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var listed []string
	for lines := bufio.NewScanner(f); lines.Scan(); {
		sum, name, _ := strings.Cut(lines.Text(), "  ")
		raw, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := sha256.Sum256(raw); hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s is not as it was frozen", name)
		}
		listed = append(listed, name)
	}
	there, _ := filepath.Glob(filepath.Join(dir, "[0-9]*"))
	if len(there) != len(listed) {
		t.Errorf("%d files are there, %d are frozen", len(there), len(listed))
	}
}

// scored reads every document of a folder and counts.
func scored(t *testing.T, dir string) score {
	t.Helper()
	frozen(t, dir)
	var sum score
	files, _ := filepath.Glob(filepath.Join(dir, "*.expected.json"))
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var want answers
		if err := json.Unmarshal(raw, &want); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		doc, err := os.ReadFile(filepath.Join(dir, want.Document))
		if err != nil {
			t.Fatal(err)
		}
		got, err := read.Bytes(catalog.Load(), want.Document, doc)
		if err != nil {
			t.Errorf("%s: %v", want.Document, err)
			got = &plan.Plan{}
		}
		one := compare(want, got)
		t.Logf("%s: %v", want.Document, one)
		sum.add(one)
	}
	t.Logf("all: %v", sum)
	return sum
}

// compare pairs each mention with one that was read: of the permission, on the line,
// and if there are several, the one that agrees best.
func compare(want answers, got *plan.Plan) score {
	var s score
	used := make([]bool, len(got.Mentions))
	pages := strings.HasSuffix(want.Document, ".html") || strings.HasSuffix(want.Document, ".htm")
	left := slices.Clone(want.Mentions)
	for _, tolerance := range []int{0, 1} {
		for need := 3; need >= 0; need-- { // the best pairs go first
			left = slices.DeleteFunc(left, func(w mention) bool {
				if tolerance > 0 && !pages && w.As != "broken" {
					return false
				}
				i := partner(w, got.Mentions, used, tolerance, need)
				if i >= 0 {
					s.pair(want.Document, w, got.Mentions[i])
					if w.As == "pattern" { // every permission that fits is the pattern
						fits(w, got.Mentions, used, tolerance)
					}
				}
				return i >= 0
			})
		}
	}
	for _, w := range left {
		s.missed(want.Document, w)
	}
	s.inventedIn(want, got, used)
	return s
}

// partner is the mention that was read for one that is there, agreeing in at least
// so many of scheme, status and resource.
func partner(w mention, all []plan.Mention, used []bool, tolerance, need int) int {
	for i, m := range all {
		if used[i] || !named(m.Name, w.Permission) || m.Line < w.Line-tolerance || m.Line > w.Line+tolerance {
			continue
		}
		if agree(w, m) >= need {
			used[i] = true
			return i
		}
	}
	return -1
}

// named says whether a name is that of a permission, or fits its pattern.
func named(name, permission string) bool {
	before, after, ok := strings.Cut(strings.ToLower(permission), "*")
	l := strings.ToLower(name)
	return l == strings.ToLower(permission) || ok && strings.HasPrefix(l, before) && strings.HasSuffix(l, after)
}

func fits(w mention, all []plan.Mention, used []bool, tolerance int) {
	for partner(w, all, used, tolerance, 0) >= 0 {
	}
}

func agree(w mention, m plan.Mention) int {
	n := 0
	for _, ok := range []bool{schemeAgrees(w, m), w.Status == string(m.Status), resourceAgrees(w, m)} {
		if ok {
			n++
		}
	}
	return n
}

func schemeAgrees(w mention, m plan.Mention) bool {
	return w.Scheme == string(m.Scheme) || w.Scheme == "unstated" && m.Scheme == plan.Unstated
}

// resourceAgrees compares the API. Resource-specific consent is Graph's, and known by
// the name.
func resourceAgrees(w mention, m plan.Mention) bool {
	return m.Resource == map[string]string{"": catalog.MicrosoftGraph, "rsc": catalog.MicrosoftGraph, "exchange": catalog.ExchangeOnline,
		"sharepoint": catalog.SharePointOnline, "aadgraph": "00000002-0000-0000-c000-000000000000"}[w.Resource]
}

func (s *score) pair(document string, w mention, m plan.Mention) {
	s.count(w, true)
	s.judged++
	for _, c := range []struct {
		what      string
		right     *int
		ok        bool
		got, want any
	}{
		{"scheme", &s.scheme, schemeAgrees(w, m), m.Scheme, w.Scheme},
		{"status", &s.status, w.Status == string(m.Status), m.Status, w.Status},
		{"resource", &s.resource, resourceAgrees(w, m), m.Resource, w.Resource},
	} {
		if c.ok {
			*c.right++
		} else {
			s.wrong = append(s.wrong, fmt.Sprintf("%s:%d %s %s: %v, expected %v", document, w.Line, w.Permission, c.what, c.got, c.want))
		}
	}
}

func (s *score) missed(document string, w mention) {
	s.count(w, false)
	s.wrong = append(s.wrong, fmt.Sprintf("%s:%d %s missed (%q, %s)", document, w.Line, w.Permission, w.Written, w.As))
}

func (s *score) count(w mention, found bool) {
	all, right := &s.all, &s.found
	if w.As == "title translated" {
		all, right = &s.translated, &s.translatedFound
	}
	*all++
	if found {
		*right++
	}
}

// inventedIn counts what was read and is not there, once for each line and name.
func (s *score) inventedIn(want answers, got *plan.Plan, used []bool) {
	type place struct {
		line int
		name string
	}
	twice := map[place]bool{}
	for i, m := range got.Mentions {
		if used[i] {
			s.reported++
			continue
		}
		if at := (place{m.Line, m.Name}); !twice[at] {
			twice[at] = true
			s.reported++
			s.invented++
			s.wrong = append(s.wrong, fmt.Sprintf("%s:%d %s invented (%q, %s %s)", want.Document, m.Line, m.Name, m.Written, m.Scheme, m.Status))
		}
	}
}

// first is what the very first run over the unseen documents gave, before anything
// was tuned after them: the reader was that of commit f931cce.
func first() score {
	return score{all: 312, found: 304, invented: 3, reported: 307, translated: 5, translatedFound: 0,
		scheme: 269, status: 246, resource: 295, judged: 304}
}

// TestUnseenDocuments reads twenty documents that were written without sight of the
// reader, and frozen. At least 95 % are to be found and at most 2 % invented.
func TestUnseenDocuments(t *testing.T) {
	s := scored(t, "testdata/unseen")
	for _, w := range s.wrong {
		t.Log(w)
	}
	t.Logf("first run: %v", first())
	t.Logf("now:       %v", s)
	s.bars(t)
}

// bars fails below 95 % found or above 2 % invented.
func (s score) bars(t *testing.T) {
	t.Helper()
	if percent(s.found, s.all) < 95 || percent(s.invented, s.reported) > 2 {
		t.Error("below the bars: 95 % found, 2 % invented")
	}
}

// more is what the second set gave at its first run, by the reader of commit 571e865,
// which was still that of f931cce; held is what it gave after the reader had been bettered by
// the misses of the first set alone, before anybody had looked at a miss of the second.
func more() (run, held score) {
	run = score{all: 127, found: 124, invented: 2, reported: 126, scheme: 83, status: 100, resource: 121, judged: 124}
	held = score{all: 127, found: 127, invented: 1, reported: 128, scheme: 105, status: 119, resource: 126, judged: 127}
	return run, held
}

// TestUnseenDocumentsOfMoreKinds reads twelve documents of other languages and kinds,
// which were written and frozen before the reader was tuned.
func TestUnseenDocumentsOfMoreKinds(t *testing.T) {
	s := scored(t, "testdata/unseen2")
	for _, w := range s.wrong {
		t.Log(w)
	}
	run, held := more()
	t.Logf("first run:        %v", run)
	t.Logf("after the others: %v", held)
	t.Logf("now:              %v", s)
	s.bars(t)
}

// TestUnseenDocumentsOfEightVendors reads eight documents that were written and frozen
// while the reader learned denials, rows and spaces, before it was run over them.
func TestUnseenDocumentsOfEightVendors(t *testing.T) {
	s := scored(t, "testdata/unseen3")
	for _, w := range s.wrong {
		t.Log(w)
	}
	t.Logf("first run: %v", score{all: 77, found: 77, reported: 77, scheme: 77, status: 66, resource: 76, judged: 77})
	t.Logf("now:       %v", s)
	s.bars(t)
}
