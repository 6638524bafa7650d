package assess_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// TestAPermissionThatCannotServeItsUse compares names and uses, each pair in the row of
// a table and behind a dash.
func TestAPermissionThatCannotServeItsUse(t *testing.T) {
	for _, s := range []struct {
		name, use string
		why       string // part of it; empty: it can
	}{
		{"Calendars.Read", "creates and updates appointments", "Calendars.ReadWrite writes"},
		{"Calendars.Read", "opretter aftaler i kalenderen", "Calendars.ReadWrite writes"},
		{"Calendars.Read", "reads appointments for the board", ""},
		{"Calendars.Read", "trägt Urlaub in Kalender ein", "only reads"},
		{"Calendars.Read", "liest und aktualisiert Termine", "only reads"},
		{"Calendars.ReadWrite", "liest E-Mails des Postfachs", "opens calendars; the use speaks of mail"},
		{"Calendars.ReadWrite", "books the meetings that mail asks for", ""},
		{"Mail.Read", "verschickt Erinnerungen", "Mail.Send does"},
		{"Mail.Read", "reminders", "Mail.Send does"},
		{"Mail.Read", "lit les courriels entrants", ""},
		{"Mail.Read", "synchronises contacts with the address book", "the use speaks of contacts"},
		{"Mail.Send", "læser mails i indbakken", "Mail.Read reads"},
		{"Mail.Send", "sends invitations to meetings", ""},
		{"Files.Read.All", "guarda documentos en la biblioteca", "Files.ReadWrite.All writes"},
		{"Files.ReadWrite.All", "stores documents", ""},
		{"Contacts.Read", "documents who called", ""},
		{"User.Read", "reads groups and licences of all users", "signed-in user alone"},
	} {
		for form, text := range map[string]string{
			"row":  "| Permission | Type | Use |\n|---|---|---|\n| " + s.name + " | Delegated | " + s.use + " |\n",
			"item": "Delegated permissions:\n\n- " + s.name + " - " + s.use + "\n",
		} {
			a, err := assess.Document(catalog.Load(), "plan.md", strings.NewReader(text))
			if err != nil || len(a.Permissions) == 0 {
				t.Fatalf("%s %s: %v", s.name, s.use, err)
			}
			var said []string
			for _, d := range a.Permissions[0].Disagreements {
				if d.Kind == "cannot serve the use" {
					said = append(said, d.Why)
				}
			}
			if got := strings.Join(said, "; "); (got == "") != (s.why == "") || !strings.Contains(got, s.why) {
				t.Errorf("%s, %s for %q: %q, want %q", form, s.name, s.use, got, s.why)
			}
			if s.why != "" && !found(a, "cannot serve the use") {
				t.Errorf("%s, %s for %q is no finding", form, s.name, s.use)
			}
		}
	}
}

// TestEveryDisagreementIsAFinding looks at all documents that there are.
func TestEveryDisagreementIsAFinding(t *testing.T) {
	var files []string
	for _, dir := range []string{"testdata/unseen/*", "testdata/unseen2/*", "testdata/diff/*", filepath.Join(seeds(t), "*")} {
		more, err := filepath.Glob(dir)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	n := 0
	for _, f := range files {
		if strings.HasSuffix(f, ".expected.json") || strings.HasSuffix(f, "SUMS") {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		a, err := assess.Document(catalog.Load(), f, bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range a.Permissions {
			for _, d := range q.Disagreements {
				n++
				if q.Status == plan.Asked && !toldOf(a, q, d) {
					t.Errorf("%s:%v %s: %s (%s) is no finding", f, q.Lines, q.Name, d.Kind, d.Why)
				}
			}
		}
	}
	if n < 30 {
		t.Errorf("only %d disagreements", n)
	}
}

// toldOf says whether a finding tells of a disagreement.
func toldOf(a *judge.Assessment, q judge.Permission, d judge.Disagreement) bool {
	other := map[string]string{"no such permission": "misspelt", "reaches something else": "whose data", "cannot serve the use alone": "permission missing"}
	for _, f := range a.Findings {
		if f.Kind == d.Kind && f.Why == d.Why || d.Kind == "cannot serve the use alone" && f.Kind == other[d.Kind] || overlap(f.Lines, q.Lines) && (f.Kind == d.Kind || f.Kind == other[d.Kind] || strings.Contains(f.Why, d.Why)) {
			return true
		}
	}
	return false
}

func found(a *judge.Assessment, kind string) bool {
	for _, f := range a.Findings {
		if f.Kind == kind && len(f.Lines) > 0 {
			return true
		}
	}
	return false
}
