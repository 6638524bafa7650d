package assess_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/catalog"
)

// expectedDifference is an answer that was written before the code.
type expectedDifference struct {
	judge.Difference
	FindingsNew []struct {
		Kind string
		Line int `json:"after_line"`
	} `json:"findings_new"`
	FindingsGone []struct {
		Kind string
		Line int `json:"before_line"`
	} `json:"findings_gone"`
}

func assessed(t *testing.T, dir, name string) *judge.Assessment {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	a, err := assess.Document(catalog.Load(), name, f)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAReviewShowsWhatChanged(t *testing.T) {
	files, _ := filepath.Glob("testdata/diff/*.expected.json")
	if len(files) != 2 {
		t.Fatalf("%d answers", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want expectedDifference
			if err := json.Unmarshal(raw, &want); err != nil {
				t.Fatal(err)
			}
			got := judge.Compare(assessed(t, "testdata/diff", want.Before), assessed(t, "testdata/diff", want.After))
			same(t, "added", entryTexts(got.Added), entryTexts(want.Added))
			same(t, "removed", entryTexts(got.Removed), entryTexts(want.Removed))
			same(t, "changed", pairTexts(got.Changed), pairTexts(want.Changed))
			same(t, "unchanged", unchangedTexts(got.Unchanged), unchangedTexts(want.Unchanged))
			same(t, "verdicts", []string{fmt.Sprint(got.BeforeClass, got.AfterClass, got.BeforeVerdict, got.AfterVerdict)}, []string{fmt.Sprint(want.BeforeClass, want.AfterClass, want.BeforeVerdict, want.AfterVerdict)})
			for _, w := range want.FindingsNew {
				if !slices.ContainsFunc(got.FindingsNew, func(f judge.Finding) bool { return f.Kind == w.Kind && slices.Contains(f.Lines, w.Line) }) {
					t.Errorf("new finding %s at %d is not shown: %+v", w.Kind, w.Line, got.FindingsNew)
				}
			}
			for _, w := range want.FindingsGone {
				if !slices.ContainsFunc(got.FindingsGone, func(f judge.Finding) bool {
					return slices.Contains(strings.Split(w.Kind, " or "), f.Kind) && slices.Contains(f.Lines, w.Line)
				}) {
					t.Errorf("gone finding %s at %d is not shown: %+v", w.Kind, w.Line, got.FindingsGone)
				}
			}
		})
	}
}

func same(t *testing.T, what string, got, want []string) {
	t.Helper()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %s\nwant %s", what, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
	}
}

func entryText(e judge.Entry) string {
	return fmt.Sprint(e.Name, " ", e.Scheme, " ", e.Resource, " ", e.ID, " ", e.Level, " ", flat(e.AdminConsent), " ", e.Class, " ", e.Rule, " ", e.Line)
}

func entryTexts(all []judge.Entry) (out []string) {
	for _, e := range all {
		out = append(out, entryText(e))
	}
	return out
}

func pairTexts(all []judge.EntryPair) (out []string) {
	for _, e := range all {
		out = append(out, e.What+" "+entryText(e.From)+" to "+entryText(e.To))
	}
	return out
}

func unchangedTexts(all []judge.Unchanged) (out []string) {
	for _, e := range all {
		out = append(out, fmt.Sprint(e.Name, e.Scheme, e.Class, e.BeforeLine, e.AfterLine))
	}
	return out
}
