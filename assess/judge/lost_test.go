package judge_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/catalog"
)

// TestNothingIsLostOrLowered: names that are written in unusual ways are judged as what they
// stand for, or told.
func TestNothingIsLostOrLowered(t *testing.T) {
	for _, s := range []struct {
		situation, text string
		asked           string // each permission with its scheme, sorted
		told            string // a kind of finding; "" for any
	}{
		{"a star behind a name", "Delegated: Calendars.Read*", "Calendars.Read delegated", "not placed"},
		{"a star that leads to a footnote", "| Permission | Type |\n|---|---|\n| Calendars.Read* | Delegated |\n\n*only with the calendar", "Calendars.Read delegated", ""},
		{"each part of a name stressed", "*Mail*.*ReadBasic*.*All* (application)", "Mail.ReadBasic.All application", ""},
		{"a comment before a command", "# we no longer use \"Directory.ReadWrite.All\"\nConnect-MgGraph -Scopes \"User.Read\"", "User.Read delegated", ""},
		{"a variable that is given as scopes", "```powershell\n$wanted = @(\"User.ReadBasic.All\",\n  \"Mail.Read\")\nConnect-MgGraph -Scopes $wanted\n```", "Mail.Read delegated, User.ReadBasic.All delegated", ""},
		{"a heading that denies what it names", "# We no longer use Mail.ReadWrite\n\n- Mail.Read (application)", "Mail.Read application", ""},
	} {
		a := assessed(t, s.text+"\n")
		var asked []string
		for _, q := range a.Permissions {
			if q.Status == "asked" {
				asked = append(asked, q.Name+" "+string(q.Scheme))
			}
		}
		slices.Sort(asked)
		if got := strings.Join(asked, ", "); got != s.asked {
			t.Errorf("%s: %s, not %s", s.situation, got, s.asked)
		}
		if got := kinds(a); strings.Contains(got, "not placed") != (s.told != "") {
			t.Errorf("%s: %s", s.situation, got)
		}
	}
}

// TestOutlinesThatAreAskedForStay where nothing is said of what they lack, and are not enough
// where something is.
func TestOutlinesThatAreAskedForStay(t *testing.T) {
	for text, want := range map[string]string{
		"Delegated: Calendars.ReadBasic.": "Calendars.ReadBasic", "- Mail.ReadBasic.All (application)": "Mail.ReadBasic.All",
		"The panel shows the appointments with their agenda and attachments.\n\n- Calendars.ReadBasic.All (application)": "Calendars.Read",
		"- Mail.ReadBasic.All (application): imports letters with attachments":                                           "Mail.Read",
		"- Group.ReadWrite.All (application): reads members":                                                             "GroupMember.ReadBasic.All",
		"- Group.ReadWrite.All (application): manages members":                                                           "GroupMember.ReadWrite.All",
	} {
		a := assessed(t, text+"\n")
		if len(a.LeastSet) != 1 || a.LeastSet[0].Name != want {
			t.Errorf("%s: the least set is %+v, not %s", text, a.LeastSet, want)
		}
	}
}

// TestAnAddressOfConsentSaysWhatItConsentsTo: one without scopes to whatever is configured.
func TestAnAddressOfConsentSaysWhatItConsentsTo(t *testing.T) {
	const bare, named = "https://login.microsoftonline.com/common/adminconsent?client_id=1", "https://login.microsoftonline.com/common/v2.0/adminconsent?client_id=1&scope=https%3A%2F%2Fgraph.microsoft.com%2FUser.Read"
	if a := assessed(t, bare); !strings.Contains(kinds(a), "consent to what is configured") || a.Verdict.Verdict != judge.Change {
		t.Errorf("without scopes: %s, %s", kinds(a), a.Verdict.Verdict)
	}
	if a := assessed(t, named); strings.Contains(kinds(a), "consent to what is configured") || len(a.Permissions) != 1 {
		t.Errorf("with scopes: %s", kinds(a))
	}
	if a := assessed(t, "We do not use Mail.Read (application).\n"); strings.Contains(kinds(a), "scheme not stated") {
		t.Errorf("of what is not asked for: %s", kinds(a))
	}
}

// TestCommandsAreKnownWithoutAFilesName: what stands on the standard input has none.
func TestCommandsAreKnownWithoutAFilesName(t *testing.T) {
	for text, format := range map[string]string{
		"# wanted\n$wanted = @(\"Mail.Read\",\n\"User.Read\")\nConnect-MgGraph -Scopes $wanted\n": "code",
		"# Mail.Read\n\n# User.Read\n": "text", "$5 = the price\nof Mail.Read\n": "text",
	} {
		a, err := assess.Document(catalog.Load(), "standard input", strings.NewReader(text))
		if err != nil || a.Format != format {
			t.Errorf("%q is read as %s, %v", text, a.Format, err)
		}
	}
}
