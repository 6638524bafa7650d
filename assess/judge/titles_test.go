package judge_test

import (
	"strings"
	"testing"
)

// TestEachDisagreementOfNameTitleAndSchemeIsFound compares rows and sentences; the last
// of them agree.
func TestEachDisagreementOfNameTitleAndSchemeIsFound(t *testing.T) {
	const head = "| Permission | Type | Title |\n|---|---|---|\n"
	for _, s := range []struct{ text, kind string }{
		{head + "| User.Read | Application | Sign in and read user profile |", "does not exist in this scheme"},
		{head + "| User.Read | Application | Sign in and read user profile |", "scheme contradicts"},
		{head + "| Mail.Read | Application | Read user mail |", "scheme contradicts"},
		{head + "| Mail.ReadWrite | Delegated | Read and write mail in all mailboxes |", "scheme contradicts"},
		{head + "| Mail.Send | Delegated | Send mail in all mailboxes |", "scheme contradicts"},
		{head + "| Calendars.Read | Delegated | Reset user passwords |", "name and title disagree"},
		{"- User.Read (application)", "does not exist in this scheme"},
		{"- Mail.Send (application): Send mail as a user", "scheme contradicts"},
		{"- Calendars.ReadWrite (delegated): Read and write calendars in all mailboxes", "scheme contradicts"},
		{"- Tasks.Read (delegated): \"Reset user passwords\"", "name and title disagree"},
		{"We need Calendars.Read (\"Read user mail\") for the agenda.", "name and title disagree"},

		{head + "| User.Read | Delegated | Sign in and read user profile |", ""},
		{head + "| Mail.Read | Application | Read mail in all mailboxes |", ""},
		{head + "| Mail.Send | Delegated | Send mail as a user |", ""},
		{head + "| Calendars.Read | Delegated | Read the calendars of users |", ""},
		{head + "| Calendars.Read | Delegated | Lesezugriff auf Kalender |", ""},
		{"- Mail.Send (delegated): Send mail as a user", ""},
		{"- Mail.Send (application): sends invitations to guests", ""},
		{"- Calendars.ReadWrite (application): Read and write calendars in all mailboxes", ""},
		{"- Tasks.Read (delegated): \"Read user's tasks and task lists\"", ""},
	} {
		t.Run(s.text, func(t *testing.T) {
			var got []string
			for _, f := range assessed(t, "# Permissions\n\n"+s.text+"\n").Findings {
				switch f.Kind {
				case "scheme contradicts", "name and title disagree", "does not exist in this scheme":
					got = append(got, f.Kind)
				}
			}
			if all := strings.Join(got, ", "); !strings.Contains(all, s.kind) || s.kind == "" && all != "" {
				t.Errorf("found %q, want %q", all, s.kind)
			}
		})
	}
}
