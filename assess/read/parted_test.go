package read_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/read"
	"github.com/graphwarden/graphwarden/catalog"
)

// TestASpaceInPlaceOfADotIsRepaired reads names whose dots are spaces, and sentences that
// only look so.
func TestASpaceInPlaceOfADotIsRepaired(t *testing.T) {
	for text, want := range map[string]string{
		"- Mail ReadWrite": "Mail.ReadWrite high",
		"The connector needs Mail ReadWrite to file letters.": "Mail.ReadWrite high",
		"- Mail Send":                            "Mail.Send low",
		"- User Read All (application)":          "User.Read.All low",
		"We need Calendars Read and Mail Send.":  "Calendars.Read low, Mail.Send low",
		"| Permission |\n|---|\n| Mail Read |":   "Mail.Read low",
		"Press the Mail Send button.":            "",
		"Read Mail Read the manual":              "",
		"User Management sends mail":             "",
		"The User Read the manual and signed in": "",
	} {
		p, err := read.Bytes(catalog.Load(), "p.md", []byte("# Permissions\n\n"+text+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range p.Mentions {
			got = append(got, fmt.Sprint(m.Name, " ", m.Confidence))
			if m.FoundBy != plan.ByMisspelling {
				t.Errorf("%q: %+v is no repair", text, m)
			}
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: %v, want %q", text, got, want)
		}
	}
}

// TestAnUnknownActionIsSaid reads names of known families whose actions there are not,
// and words of programs that are none.
func TestAnUnknownActionIsSaid(t *testing.T) {
	for text, want := range map[string]string{
		"The agenda needs Calendars.ReadLess.":                           "3 Calendars.ReadLess",
		"Permissions: Calendars.ReadLess and Contacts.Purge.":            "3 Calendars.ReadLess, 3 Contacts.Purge",
		"- Mail.Read\n- Contacts.Purge":                                  "4 Contacts.Purge",
		"| Permission | Use |\n|---|---|\n| Contacts.Purge | clean up |": "5 Contacts.Purge",
		"| Field | Source |\n|---|---|\n| name | User.DisplayName |":     "",
		"Call User.Identity() or read User.Name in the program.":         "",
		"The file Mail.Template.html is yours.":                          "",
	} {
		p, err := read.Bytes(catalog.Load(), "p.md", []byte("# Setup\n\n"+strings.Replace(text, "- Mail", "Scopes:\n- Mail", 1)+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, u := range p.Unplaced {
			got = append(got, fmt.Sprint(u.Line, " ", u.Written))
		}
		if strings.HasPrefix(text, "- Mail") {
			want = "5 Contacts.Purge"
		}
		if strings.Join(got, ", ") != want {
			t.Errorf("%q: %v, want %q", text, got, want)
		}
	}
}

// TestWhatIsSaidOfTheOthersHoldsForThem reads a sentence about all rows but some, behind
// a table, before it, in other languages, and where there is no table.
func TestWhatIsSaidOfTheOthersHoldsForThem(t *testing.T) {
	const table = "| Permission | Use |\n|---|---|\n| Mail.Read | a |\n| User.Read.All | b |\n"
	for text, want := range map[string]string{
		table + "\nUser.Read.All is an application permission; the other rows are delegated.\n":            "delegated application application",
		"User.Read.All is an application permission, all other permissions are delegated.\n\n" + table:     "application delegated application",
		table + "\nUser.Read.All ist eine Anwendungsberechtigung, alle anderen sind delegiert.\n":          "delegated application application",
		table + "\nUser.Read.All est une autorisation d'application, toutes les autres sont déléguées.\n":  "delegated application application",
		"| Permission | Type |\n|---|---|\n| Mail.Read | Application |\n\nThe other rows are delegated.\n": "application",
		table + "\n# More\n\n- Mail.Send\n\nThe rest are application permissions.\n":                       "  application",
		table + "\nThe other rows are not delegated.\n":                                                    " ",
		table + "\nOther vendors use delegated permissions.\n":                                             " ",
	} {
		p, err := read.Bytes(catalog.Load(), "p.md", []byte("# Plan\n\n"+text))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range p.Mentions {
			got = append(got, string(m.Scheme))
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	p, err := read.Bytes(catalog.Load(), "p.md", []byte("# Plan\n\nThe other rows are delegated.\n"))
	if err != nil || len(p.Unplaced) != 1 || p.Unplaced[0].Line != 3 || !strings.Contains(p.Unplaced[0].Written, "other rows") {
		t.Errorf("nothing is said of a sentence that nothing is there for: %+v %v", p, err)
	}
}
