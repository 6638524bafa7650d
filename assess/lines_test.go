package assess_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

func judgedText(t *testing.T, name, text string) *judge.Assessment {
	t.Helper()
	a, err := assess.Document(catalog.Load(), name, strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// linesOf are the lines of the findings of a kind.
func linesOf(a *judge.Assessment, kind string) []int {
	var out []int
	for _, f := range a.Findings {
		if f.Kind == kind {
			out = append(out, f.Lines...)
		}
	}
	return out
}

// TestWhatALineSaysOfASecret: its term, and whom it is mailed to.
func TestWhatALineSaysOfASecret(t *testing.T) {
	for _, s := range []struct {
		line         string
		term, mailed bool
	}{
		{"- The secret is valid 24 months, mailed to us.", true, true},
		{"Client secret valid for two years.", true, false},
		{"- Secret expiry: 24 months", true, false},
		{"| Client secret | 24 months |", true, false},
		{"A 12-month secret is created.", true, false},
		{"The client secret is valid for 24 months. It is mailed to the administrator.", true, true},
		{"Mail us the client secret.", false, true},
		{"The secret is valid for 90 days and rotated every 3 months.", false, false},
		{"The secret is never mailed to anybody.", false, false},
		{"The secret is kept in a vault. Logs are kept for 24 months.", false, false},
		{"Reminders are mailed to customers after 24 months.", false, false},
	} {
		a := judgedText(t, "p.md", "# Setup\n\n- Calendars.Read (delegated): shows meetings\n\n"+s.line+"\n")
		if got := slices.Equal(linesOf(a, "secret term"), []int{5}); got != s.term {
			t.Errorf("%s: its term is found: %v, in lines %v", s.line, got, linesOf(a, "secret term"))
		}
		if got := slices.Equal(linesOf(a, "secret handling"), []int{5}); got != s.mailed {
			t.Errorf("%s: that it is mailed is found: %v, in lines %v", s.line, got, linesOf(a, "secret handling"))
		}
	}
}

// TestWritingWithoutAStatedUseIsAsked: nobody can say that it is too wide.
func TestWritingWithoutAStatedUseIsAsked(t *testing.T) {
	for name, about := range map[string]string{"Calendars.ReadWrite": "writing calendars", "Mail.ReadWrite": "writing mail", "Contacts.ReadWrite": "writing contacts"} {
		for _, kind := range []string{"application", "delegated", "Application permission", "delegated"} {
			for _, line := range []string{"- " + name + " (" + kind + ")", "- " + name + " - " + kind} {
				a := judgedText(t, "p.md", "# Permissions\n\n"+line+"\n")
				if at := linesOf(a, "too wide"); len(at) > 0 {
					t.Errorf("%s: too wide, in lines %v", line, at)
				}
				i := slices.IndexFunc(a.Questions, func(q judge.Question) bool { return q.About == about })
				if i < 0 || !slices.Equal(a.Questions[i].Lines, []int{3}) {
					t.Errorf("%s: %+v", line, a.Questions)
				}
			}
		}
	}
	a := judgedText(t, "p.md", "# Permissions\n\n- Calendars.ReadWrite (application): reads appointments\n")
	if !slices.Equal(linesOf(a, "too wide"), []int{3}) || slices.ContainsFunc(a.Questions, func(q judge.Question) bool { return q.About == "writing calendars" }) {
		t.Errorf("with a use that only reads: %v, %+v", linesOf(a, "too wide"), a.Questions)
	}
}

// TestTheProfileOfWhoeverSignsInIsNoBasicOne: User.Read is of the signed-in person alone
// and whole, User.ReadBasic.All of everybody and basic; neither stands for the other.
// User.Read.All covers both.
func TestTheProfileOfWhoeverSignsInIsNoBasicOne(t *testing.T) {
	const text = "# Delegated permissions\n\n| Permission | Use |\n|---|---|\n| User.Read | signs people in |\n| User.ReadBasic.All | finds colleagues by name |\n"
	a := judgedText(t, "p.md", text)
	for _, q := range a.Permissions {
		if !q.Keep || len(q.RedundantWith) > 0 || q.Unneeded != "" {
			t.Errorf("%s in line %v: kept %v, redundant with %v, %s", q.Name, q.Lines, q.Keep, q.RedundantWith, q.Unneeded)
		}
	}
	a = judgedText(t, "p.md", text+"| User.Read.All | profiles and managers for the org chart |\n")
	for _, q := range a.Permissions {
		if want := q.Name != "User.Read.All"; want != slices.Contains(q.RedundantWith, "User.Read.All") {
			t.Errorf("%s in line %v: redundant with %v", q.Name, q.Lines, q.RedundantWith)
		}
	}
}

// TestEachSchemeIsSaidWithItsLines: a plan that states both is not judged as one.
func TestEachSchemeIsSaidWithItsLines(t *testing.T) {
	a := judgedText(t, "p.md", "# Permissions\n\n- Calendars.Read (delegated): shows meetings\n- User.Read (delegated): signs in\n- Mail.Send (application): sends reminders\n")
	if !strings.Contains(a.Scheme.Why, "delegated for lines 3, 4, application for line 5") || !slices.Equal(a.Schemes(), []plan.Scheme{plan.Delegated, plan.Application}) {
		t.Errorf("%q, %v", a.Scheme.Why, a.Schemes())
	}
}

// TestFindingsPointToTheirOwnLineOfABlock: a paragraph goes over several lines, and what
// is said in one of them is said there.
func TestFindingsPointToTheirOwnLineOfABlock(t *testing.T) {
	a := judgedText(t, "p.md", "# Setup\n\nThe product is installed by an administrator of the organisation, who then\nregisters it in the portal as the manual tells, where each of our customers\ncan see that people sign in with their own account at any time of the day, and\nthe delegated permissions are granted once for all people that work there by the\nadministrator; the application permissions are granted by the same person later.\n\n- Calendars.Read (delegated): shows meetings\n")
	for _, f := range a.Flows {
		if f.ID == "sign-in" && !slices.Equal(f.Lines, []int{5}) {
			t.Errorf("people sign in, in lines %v", f.Lines)
		}
	}
	if !slices.ContainsFunc(a.Flows, func(f judge.Flow) bool { return f.ID == "sign-in" }) {
		t.Errorf("no sign-in in %+v", a.Flows)
	}
	a = judgedText(t, "p.md", "# Setup\n\nThe product is installed by an administrator of the organisation, who then\nregisters it in the portal as the manual tells, and there the product does\ncalendar synchronisation for all people that work there.\n\nThe application permissions of the product are granted by an administrator of the\norganisation, who may be another person, and has to read the manual first;\nthe delegated permissions are never asked for.\n\n- Calendars.Read: shows meetings\n")
	if i := slices.IndexFunc(a.Flows, func(f judge.Flow) bool { return f.ID == "calendar" }); i < 0 || !slices.Contains(a.Flows[i].Lines, 5) || slices.Contains(a.Flows[i].Lines, 3) {
		t.Errorf("%+v", a.Flows)
	}
}

// TestSharePointsOwnAPIHasItsOwnIDs: a manifest that asks SharePoint for what Graph calls
// the same is shown with the id that stands in it.
func TestSharePointsOwnAPIHasItsOwnIDs(t *testing.T) {
	const own = "678536fe-1083-478a-9c59-b99265e6b0d3"
	a := judgedText(t, "manifest.json", `{"requiredResourceAccess": [
 {"resourceAppId": "00000003-0000-0ff1-ce00-000000000000",
  "resourceAccess": [
   {"id": "`+own+`", "type": "Role"}]}]}`)
	if len(a.Permissions) != 1 || a.Permissions[0].Name != "Sites.FullControl.All" || a.Permissions[0].ID != own || a.Permissions[0].Resource != "Office 365 SharePoint Online" || a.Permissions[0].Scheme != plan.Application || !slices.Equal(a.Permissions[0].Lines, []int{4}) {
		t.Errorf("%+v", a.Permissions)
	}
	a = judgedText(t, "p.md", "# Office 365 SharePoint Online\n\n| Permission | Type | Use |\n|---|---|---|\n| Sites.FullControl.All | Application | SharePoint's own interface |\n")
	if len(a.Permissions) != 1 || a.Permissions[0].ID != own {
		t.Errorf("under its heading: %+v", a.Permissions)
	}
	if p, _, ok := catalog.Load().ByID("a82116e5-55eb-4c41-a434-62fe8a61c773"); !ok || p.ResourceAppID != catalog.MicrosoftGraph {
		t.Errorf("Graph's own is %+v", p)
	}
}
