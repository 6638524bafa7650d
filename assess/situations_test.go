package assess_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess"
	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/catalog"
)

// situation is a small plan and what must, and must not, be said of it.
type situation struct {
	name, file, text string
	least            string // as members writes it; "*" is not looked at
	finds            string // "kind severity", parted by "; "
	not              string // kinds, parted by "; "
	instead          string // "permission: what is enough", of one that is too wide
	verdict          judge.Verdict
}

func situations() []situation {
	const delegated, application = "# Delegated permissions\n\n", "# Application permissions\n\n"
	return []situation{
		{name: "a scope .default beside permissions is named", text: "The scope is https://graph.microsoft.com/.default\n\n" + application + "- User.ReadBasic.All lists users\n", least: "User.ReadBasic.All/a", finds: "scope .default medium", verdict: judge.Change},
		{name: "a scope .default alone cannot be judged", file: "consent.url", text: "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=11111111-2222-3333-4444-555555555555&response_type=code&scope=https%3A%2F%2Fgraph.microsoft.com%2F.default\n", finds: "scope .default high", verdict: judge.Change},
		{name: "a file called .default is no scope", text: "Copy x.default to y.\n\n" + delegated + "- User.Read signs in\n", least: "User.Read/d", not: "scope .default"},

		{name: "deleting users asks nothing about groups", text: application + "- User.ReadWrite.All delete users\n", least: "User.DeleteRestore.All/a", verdict: judge.Refuse},
		{name: "deleting groups asks nothing about users", text: application + "- Group.ReadWrite.All deletes old groups\n", least: "Group.ReadWrite.All/a"},
		{name: "deleting both asks for both", text: application + "- Directory.ReadWrite.All delete a user or group\n", least: "Group.ReadWrite.All/a, User.DeleteRestore.All/a"},
		{name: "each is replaced by what it is for", text: application + "- User.ReadWrite.All delete users\n- Group.ReadWrite.All delete groups\n", least: "Group.ReadWrite.All/a, User.DeleteRestore.All/a", instead: "User.ReadWrite.All: User.DeleteRestore.All"},
		{name: "a list of licences asks for no users", text: application + "- Organization.Read.All lists licenses\n", least: "LicenseAssignment.Read.All/a"},

		{name: "roles are seen, and say nothing of their service", text: "The account has the SharePoint Administrator and the Exchange Administrator role.\n\n" + delegated + "- User.Read signs in\n", least: "User.Read/d", finds: "administrator roles medium; administrator roles high", not: "permission missing", verdict: judge.Change},
		{name: "a role that makes Global Administrators", text: "Assign Privileged Role Administrator to the account.\n\n" + delegated + "- User.Read signs in\n", least: "User.Read/d", finds: "administrator roles critical", verdict: judge.Refuse},
		{name: "a role by its German name", text: "Das Konto ist SharePoint-Administrator.\n\n" + delegated + "- User.Read signs in\n", least: "User.Read/d", finds: "administrator roles medium"},
		{name: "who consents once holds no standing role", text: "A Privileged Role Administrator grants consent.\n\n" + delegated + "- User.Read signs in\n", least: "User.Read/d", not: "administrator roles"},

		{name: "shared calendars need .Shared", text: delegated + "- Calendars.Read.Shared reads shared calendars of colleagues\n- Mail.Read.Shared\n", least: "Calendars.Read.Shared/d, Mail.Read.Shared/d", not: "too wide; unneeded; permission missing"},
		{name: "shared calendars are not opened without", text: delegated + "- Calendars.Read shows the shared calendars of the team\n", least: "Calendars.Read.Shared/d", finds: "permission missing medium"},
		{name: "one's own calendar does not need it", text: delegated + "- Calendars.ReadWrite.Shared creates appointments in the user's own calendar\n", least: "Calendars.ReadWrite/d", finds: "too wide high"},
		{name: "sending for others needs .Shared", text: delegated + "- Mail.Send.Shared sends mail from shared mailboxes\n", least: "Mail.Send.Shared/d", not: "unneeded"},

		{name: "one name in both schemes is two flows", text: delegated + "- Mail.Read reads mail of the user\n\n" + application + "- Mail.Read reads mail of the support mailbox\n", least: "Mail.Read/a, Mail.Read/d", not: "unneeded; permission missing"},

		{name: "calendars in both schemes", text: delegated + "- Calendars.ReadWrite creates appointments of the user\n\n" + application + "- Calendars.ReadWrite creates appointments of rooms\n", least: "Calendars.ReadWrite/a, Calendars.ReadWrite/d", not: "unneeded; permission missing"},

		{name: "sending does not read", text: application + "- Mail.Read detects replies to reminders that were sent\n- Mail.Send sends reminders\n", least: "Mail.Read/a, Mail.Send/a", not: "unneeded"},
		{name: "reading does not send", text: application + "- Mail.Read sends reminders\n", least: "Mail.Send/a", finds: "cannot serve the use high; unneeded medium; permission missing high"},

		{name: "a key to Exchange needs a use", text: application + "- Exchange.ManageAsApp\n- User.ReadBasic.All lists users\n", least: "User.ReadBasic.All/a", finds: "unneeded medium", verdict: judge.Refuse},
		{name: "a key to Exchange with a use stays", text: application + "- Exchange.ManageAsApp sets mailbox permissions\n", least: "Exchange.ManageAsApp/a", not: "unneeded"},

		{name: "EWS beside Mail.Read asks for no more", text: delegated + "- EWS.AccessAsUser.All\n- Mail.Read reads mail\n", least: "Mail.Read/d", finds: "too wide high"},
		{name: "EWS for all mailboxes beside Mail.Read", text: application + "- full_access_as_app reads mail\n- Mail.Read reads mail\n", least: "Mail.Read/a", finds: "too wide high; redundant medium"},
		{name: "EWS for calendars alone", text: delegated + "- EWS.AccessAsUser.All creates appointments in calendars\n", least: "Calendars.ReadWrite/d"},

		{name: "what lies in the open, for ever", text: "Mails are stored unencrypted. Backups are kept forever.\n\n" + application + "- Mail.Read reads mail\n", least: "Mail.Read/a", finds: "encryption high; retention high"},
		{name: "what is denied all care", text: "Traffic is not encrypted. Archived mails are never deleted.\n\n" + application + "- Mail.Read reads mail\n", least: "Mail.Read/a", finds: "encryption high; retention high"},
		{name: "in German", text: "Die Daten liegen unverschlüsselt und werden dauerhaft gespeichert.\n\n" + application + "- Mail.Read reads mail\n", least: "Mail.Read/a", finds: "encryption high; retention high"},
		{name: "what is never in the open", text: "Mails are never stored unencrypted. Mails are encrypted and kept for 30 days.\n\n" + application + "- Mail.Read reads mail\n", least: "Mail.Read/a", finds: "encryption low", not: "retention"},

		{name: "a consent beside a role with a scope", text: application + "- Mail.Read reads mail\n- Calendars.Read reads appointments\n\nNew-ManagementRoleAssignment -Role \"Application Mail.Read\" -CustomResourceScope Support\n", least: "*", finds: "adds up high; unscoped high"},
		{name: "a consent beside roles in general", text: application + "- Mail.Read reads mail\n\nAccess is limited by RBAC for Applications.\n", least: "*", finds: "adds up high", not: "unscoped"},

		{name: "who asks twice is judged once", text: application + "| Permission | Use |\n|---|---|\n| Mail.Send | sends reminders |\n| Mail.Send | sends invoices |\n", least: "Mail.Send/a", finds: "listed twice low", verdict: judge.Change},
		{name: "the password flow by its name, behind a denial of something else", text: "Directory.Read.All wird nicht mehr benötigt. Das Passwort wird über den ROPC-Fluss übergeben.\n\n" + delegated + "- User.Read signs in\n", least: "User.Read/d", finds: "password flow critical", verdict: judge.Refuse},
		{name: "no password flow", text: "ROPC wird nicht verwendet, die Anmeldung läuft ohne Passwort.\n\n" + delegated + "- User.Read signs in\n", least: "User.Read/d", not: "password flow"},
		{name: "Mails lesen sends nothing", text: application + "- Mail.Read: Mails lesen\n", least: "Mail.Read/a", not: "cannot serve the use"},
		{name: "a key to Exchange with its commands stays", text: application + "- Exchange.ManageAsApp runs Set-CalendarProcessing and Get-MailboxPermission\n", least: "Exchange.ManageAsApp/a", not: "unneeded", verdict: judge.Change},
		{name: "a command that nobody knows is no use", text: application + "- Exchange.ManageAsApp runs Set-Everything\n", least: "*", finds: "unneeded medium", verdict: judge.Refuse},
		{name: "rights of one's own API are a note", text: delegated + "- User.Read signs in\n\n## Unsere API\n\n- Orders.Read: Aufträge\n\n## More\n\nThe portal asks for api://portal-backend/Invoices.Read and access_as_user.\n", least: "User.Read/d", finds: "own API note", not: "not placed"},
		{name: "rights of an API that nobody knows are none", text: delegated + "- User.Read signs in\n\n## Power BI\n\n- Orders.Read: Aufträge\n", least: "User.Read/d", finds: "not placed high", not: "own API"},
		{name: "critical permissions without a purpose are refused", text: application + "- Files.ReadWrite.All\n- Chat.ReadWrite.All\n", least: "*", verdict: judge.Refuse},
		{name: "a critical permission for a use that no flow tells is a person's to judge", text: application + "- Chat.ReadWrite.All: hands over the conversations of a project\n", least: "Chat.ReadWrite.All/a", verdict: judge.Change},
		{name: "what is not critical stays as asked", text: delegated + "- Tasks.Read\n", least: "Tasks.Read/d", verdict: judge.Accept},
		{name: "an agenda and attachments are no outline", text: application + "- Calendars.Read: shows the appointments with their agenda and attachments\n", least: "Calendars.Read/a", verdict: judge.Change},
		{name: "a calendar that is read for anything is read whole", text: delegated + "- Calendars.Read: shows the appointments\n", least: "Calendars.Read/d"},
		{name: "who is free is an outline", text: delegated + "- Calendars.Read: shows whether people are free or busy\n", least: "Calendars.ReadBasic/d", instead: "Calendars.Read: Calendars.ReadBasic"},
		{name: "free or busy, and the agenda, is none", text: delegated + "- Calendars.Read: shows who is busy, and the agenda of the meeting\n", least: "Calendars.Read/d"},
		{name: "the subject of letters is an outline", text: delegated + "- Mail.Read: reads the subject of letters\n", least: "Mail.ReadBasic/d", instead: "Mail.Read: Mail.ReadBasic"},
		{name: "letters are read whole", text: delegated + "- Mail.Read: reads letters\n", least: "Mail.Read/d"},
		{name: "a label in English is no use", text: "Delegated permissions: Calendars.ReadWrite.\n", least: "Calendars.ReadWrite/d"},
		{name: "a label in German is no use", text: "Delegierte Berechtigungen: Calendars.ReadWrite.\n", least: "Calendars.ReadWrite/d"},
		{name: "a longer label is no use", text: "Required application permissions: Calendars.ReadWrite, Mail.Send\n", least: "Calendars.ReadWrite/a, Mail.Send/a"},
		{name: "people extend and end meetings", text: application + "- Calendars.ReadWrite for the room panel, on which people extend or end a meeting\n", least: "Calendars.ReadWrite/a"},
		{name: "a use of unknown words is that of the name", text: application + "- Calendars.ReadWrite for the room panel by the door\n", least: "Calendars.ReadWrite/a"},
		{name: "a use that reads needs no writing", text: application + "- Calendars.ReadWrite: shows the appointments\n", least: "Calendars.Read/a", instead: "Calendars.ReadWrite: Calendars.Read"},
		{name: "a role without an id and a title is none", text: application + "- Tasks.Read reads tasks\n", least: "*", finds: "does not exist in this scheme high", verdict: judge.Change},
		{name: "so is that of calendars", text: application + "- Calendars.ReadBasic shows who is free or busy\n", least: "*", finds: "does not exist in this scheme high"},
		{name: "what is optional and leads to everything is to be decided", text: application + "- User.ReadBasic.All lists users\n\nOptional: Directory.ReadWrite.All\n", least: "User.ReadBasic.All/a", verdict: judge.Change},
		{name: "what another stands in the place of is no choice", text: application + "- Use User.ReadBasic.All instead of Directory.ReadWrite.All to list users\n", least: "User.ReadBasic.All/a", not: "path to more privilege"},
		{name: "mails reminders does", text: application + "- Mail.Read mails reminders\n", least: "Mail.Send/a", finds: "cannot serve the use high"},
	}
}

// TestAFindingNamesItsLine has a finding stand on the line that it is about and quote it,
// however a paragraph is wrapped.
func TestAFindingNamesItsLine(t *testing.T) {
	for _, s := range []struct{ name, file, text string }{
		{"a paragraph of text", "plan.txt", "The product connects calendars and keeps them in step for\nall users, as they ask for it and want it to be done by us. It\nreads Calendars.Read (application), and its\nclient secret never expires.\nMore follows here.\n"},
		{"a paragraph of HTML", "plan.html", "<html><body><h1>Plan</h1><p>The product reads\n<b>Calendars.Read</b> (application), and\n\nits <i>client</i> secret never expires.</p></body></html>\n"},
	} {
		t.Run(s.name, func(t *testing.T) {
			a, err := assess.Document(catalog.Load(), s.file, strings.NewReader(s.text))
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(a.Findings, func(f judge.Finding) bool { return f.Kind == "secret expiry" })
			if i < 0 {
				t.Fatalf("nothing is said of the secret: %v", a.Findings)
			}
			f := a.Findings[i]
			if !slices.Equal(f.Lines, []int{4}) || len(f.Quotes) != 1 || f.Quotes[0].Line != 4 || !strings.Contains(f.Quotes[0].Words, "never expires") {
				t.Errorf("it stands on %v and quotes %v", f.Lines, f.Quotes)
			}
		})
	}
}

// TestSituations judges small plans, each of one situation. What the answer rests on is
// Microsoft's table, not the words alone.
func TestSituations(t *testing.T) {
	for _, s := range situations() {
		t.Run(s.name, func(t *testing.T) {
			file := s.file
			if file == "" {
				file = "plan.md"
			}
			a, err := assess.Document(catalog.Load(), file, strings.NewReader(s.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := members(a.LeastSet); got != s.least && s.least != "*" {
				t.Errorf("the least set is %q, not %q", got, s.least)
			}
			for want := range strings.SplitSeq(s.finds, "; ") {
				if want != "" && !slices.ContainsFunc(a.Findings, func(f judge.Finding) bool { return f.Kind+" "+string(f.Severity) == want }) {
					t.Errorf("%q is not found: %v", want, a.Findings)
				}
			}
			for f := range strings.SplitSeq(s.not, "; ") {
				if i := slices.IndexFunc(a.Findings, func(x judge.Finding) bool { return x.Kind == f }); i >= 0 {
					t.Errorf("%q is found: %v", f, a.Findings[i])
				}
			}
			for _, q := range a.Permissions {
				if name, enough, _ := strings.Cut(s.instead, ": "); q.Name == name && (q.TooWide == nil || strings.Join(q.TooWide.Narrower, ", ") != enough) {
					t.Errorf("%s is not too wide, or other than %s is enough: %+v", name, enough, q.TooWide)
				}
			}
			if s.verdict != "" && a.Verdict.Verdict != s.verdict {
				t.Errorf("the verdict is %s (%s), not %s", a.Verdict.Verdict, a.Verdict.Why, s.verdict)
			}
		})
	}
}
