package read_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/read"
	"github.com/graphwarden/graphwarden/catalog"
)

// mentions are a plan's permissions as "line name scheme status how"; what is certain,
// asked and found by its name says only "line name scheme".
func mentions(p *plan.Plan) []string {
	var out []string
	for _, m := range p.Mentions {
		s := fmt.Sprintf("%d %s", m.Line, m.Name)
		if m.Scheme != "" {
			s += " " + string(m.Scheme)
		}
		if m.Status != plan.Asked {
			s += " " + string(m.Status)
		}
		if m.FoundBy != plan.ByName {
			s += " by " + string(m.FoundBy)
		}
		out = append(out, s)
	}
	slices.Sort(out)
	return out
}

func TestHowPermissionsAreWritten(t *testing.T) {
	for _, s := range []struct {
		situation, file, text string
		want                  []string
	}{
		{"names", "p.txt", "We need Mail.Read and calendars.readwrite.", []string{"1 Calendars.ReadWrite", "1 Mail.Read"}},
		{"markup in a name", "p.md", "**Calendars**.Read, `Mail`.Send, Contacts\\.Read", []string{"1 Calendars.Read", "1 Contacts.Read", "1 Mail.Send"}},
		{"what is not seen in a name", "p.txt", "Sites.Select\u00aded Chat.\u200bRead Mail&period;Read", []string{"1 Chat.Read", "1 Mail.Read", "1 Sites.Selected"}},
		{"full-width letters", "p.txt", "ＭａｉｌboxSettings.Read", []string{"1 MailboxSettings.Read"}},
		{"footnotes", "p.md", "Mail.Read¹ User.Read* Notes.Read[^2] Contacts.Read<sup>3</sup>", []string{"1 Contacts.Read", "1 Mail.Read", "1 Notes.Read", "1 User.Read"}},
		{"over two lines", "p.txt", "It reads what people have in their calendars by Calendars.\nReadWrite and more.", []string{"1 Calendars.ReadWrite"}},
		{"two sentences", "p.txt", "We read mail. Read the docs. Send mail. Send it.", nil},
		{"brackets", "p.txt", "Calendars.Read(Write), User.Read(.All)", []string{"1 Calendars.Read", "1 Calendars.ReadWrite", "1 User.Read", "1 User.Read.All"}},
		{"alternatives", "p.txt", "Mail.Read/ReadWrite and Files.Read/ReadWrite.All", []string{"1 Files.Read.All", "1 Files.ReadWrite.All", "1 Mail.Read", "1 Mail.ReadWrite"}},
		{"braces", "p.txt", "User.{Read,ReadWrite}.All", []string{"1 User.Read.All", "1 User.ReadWrite.All"}},
		{"patterns", "p.txt", "Policy.ReadWrite.*", []string{"1 Policy.ReadWrite.* by family"}},
		{"misspellings", "p.txt", "Email.Send, Calender.Read, Users.Read.All, Directory.Read.Al, MailRead", []string{"1 Calendars.Read by misspelling", "1 Directory.Read.All by misspelling", "1 Mail.Read by misspelling", "1 Mail.Send by misspelling", "1 User.Read.All by misspelling"}},
		{"ids", "p.txt", "id 810C84A8-4a9e-49e6-bf7d-12d183f40d01", []string{"1 Mail.Read application by id"}},
		{"an address", "p.txt", "https://login.microsoftonline.com/common/oauth2/v2.0/authorize?client_id=1&scope=openid%20https%3A%2F%2Fgraph.microsoft.com%2FMail.Send+User.Read",
			[]string{"1 Mail.Send delegated by url", "1 User.Read delegated by url", "1 openid delegated by url"}},
		{"scopes in PowerShell", "p.md", "```\nConnect-MgGraph -Scopes \"User.Read.All\",\"Group.Read.All\"\n```", []string{"2 Group.Read.All delegated", "2 User.Read.All delegated"}},
		{"words of OpenID", "p.txt", "Scopes: openid profile email offline_access. OpenID Connect needs your profile, an email.", []string{"1 email", "1 offline_access", "1 openid", "1 profile"}},
		{"look-alikes", "p.txt", "System.Net.Mail Microsoft.Graph.Mail People.js User.Identity mail.send@contoso.com https://contoso.com/Mail.Read docs/Mail.Read.pdf User.Read() Dataset.Read.All Report.Read.All", nil},
	} {
		t.Run(s.situation, func(t *testing.T) {
			p, err := read.Bytes(catalog.Load(), s.file, []byte(s.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := mentions(p); !slices.Equal(got, s.want) {
				t.Errorf("got %q\nwant %q", got, s.want)
			}
		})
	}
}

func TestWhatIsSaidAroundThem(t *testing.T) {
	for _, s := range []struct {
		situation, file, text string
		want                  []string
	}{
		{"headings", "p.md", "## Delegated permissions\n\n- Mail.Read\n\n## Anwendungsberechtigungen\n\n- Mail.Read", []string{"3 Mail.Read delegated", "7 Mail.Read application"}},
		{"a column", "p.md", "| Permission | Type |\n|---|---|\n| Mail.Read | Application |\n| User.Read | Delegated |", []string{"3 Mail.Read application", "4 User.Read delegated"}},
		{"columns of spaces", "p.txt", "Permission      Type          Consent\nMail.Read       Application   Admin\nUser.Read       Delegated     User", []string{"2 Mail.Read application", "3 User.Read delegated"}},
		{"brackets", "p.txt", "Mail.Read (application), User.Read (delegated)", []string{"1 Mail.Read application", "1 User.Read delegated"}},
		{"a step before", "p.txt", "1. Choose application permissions.\n2. Check Mail.Read.", []string{"2 Mail.Read application"}},
		{"a word that is none", "p.txt", "The application reads mail by Mail.Read; mailbox delegation needs more.", []string{"1 Mail.Read"}},
		{"denied", "p.txt", "We do not need Mail.ReadWrite. Directory.Read.All is no longer required. Kein Mail.Send. Nous n'utilisons plus Notes.Read.",
			[]string{"1 Directory.Read.All negated", "1 Mail.ReadWrite negated", "1 Mail.Send negated", "1 Notes.Read negated"}},
		{"denied, and then not", "p.txt", "We removed Mail.ReadWrite and the product now works with Mail.Read.", []string{"1 Mail.Read", "1 Mail.ReadWrite negated"}},
		{"a question with no", "p.txt", "Do you need Mail.ReadWrite? No.", []string{"1 Mail.ReadWrite negated"}},
		{"struck out", "p.md", "~~Mail.Read~~ Mail.Send", []string{"1 Mail.Read negated", "1 Mail.Send"}},
		{"optional", "p.txt", "Optional:\n\n- Mail.Read\n\nMail.Send is always needed.", []string{"3 Mail.Read alternative", "5 Mail.Send"}},
		{"a role of Exchange", "p.txt", "Assign the role Application Mail.Read with a scope.", []string{"1 Mail.Read application alternative"}},
		{"a title without a name", "p.txt", "Permissions:\n\n- Sign in and read user profile\n- Send mail as any user", []string{"3 User.Read delegated by title", "4 Mail.Send application by title"}},
		{"replaced", "p.txt", "Removed: Mail.Send. Notes.Read has been replaced by Notes.Read.All.", []string{"1 Mail.Send negated", "1 Notes.Read negated", "1 Notes.Read.All"}},
		{"rather than another", "p.txt", "Use Mail.Read rather than Mail.ReadWrite.", []string{"1 Mail.Read", "1 Mail.ReadWrite alternative"}},
		{"both columns", "p.md", "| Permission | Delegated | Application |\n|---|---|---|\n| Mail.Read | x | x |\n| Notes.Read | x | |", []string{"3 Mail.Read application", "3 Mail.Read delegated", "4 Notes.Read delegated"}},
		{"a line after", "p.txt", "Permission: Contacts.Read\nType: Delegated", []string{"1 Contacts.Read delegated"}},
		{"quoted titles", "p.txt", "The consent page says \"Read your mail\" and \"Maintain access to data you have given it access to\".", []string{"1 Mail.Read delegated by title", "1 offline_access delegated by title"}},
		{"another API", "p.md", "## Power BI\n\n- Group.Read.All\n\n## Microsoft Graph\n\n- Group.Read.All\n\nOf Azure: user_impersonation.", []string{"7 Group.Read.All"}},
		{"Japanese", "p.txt", "委任されたアクセス許可：User.Read\nアプリケーションの許可：Calendars.Read", []string{"1 User.Read delegated", "2 Calendars.Read application"}},
		{"HTML", "p.html", "<table><tr><th>Type</th><th>Permission</th></tr>\n<tr><td rowspan=2>Application</td><td><b>Mail</b>.<wbr>Read</td></tr>\n<tr><td>Calendars.<br>ReadWrite</td></tr></table><script>Notes.Read</script>\n<p>Files.Read&shy;Write.All<sup>2</sup></p>\n<a href='https://login.microsoftonline.com/x/adminconsent?scope=https://graph.microsoft.com/Group.Read.All'>ok</a>",
			[]string{"2 Mail.Read application", "3 Calendars.ReadWrite application", "4 Files.ReadWrite.All", "5 Group.Read.All delegated by url"}},
		{"two rows of headings", "p.html", "<table><tr><th rowspan=2>Permission</th><th colspan=2>Type</th></tr>\n<tr><th>Delegated</th><th>Application</th></tr>\n<tr><td>Mail.Read</td><td>x</td><td></td></tr>\n<tr><td>Notes.Read.All</td><td></td><td>x</td></tr></table>",
			[]string{"3 Mail.Read delegated", "4 Notes.Read.All application"}},
		{"two rows of headings without a mark", "p.html", "<table><tr><td rowspan=2>Permission</td><td colspan=2>Type</td></tr>\n<tr><td>Delegated</td><td>Application</td></tr>\n<tr><td>Mail.Read</td><td>x</td><td></td></tr></table>",
			[]string{"3 Mail.Read delegated"}},
		{"a cell over two columns", "p.html", "<table><tr><th>Permission</th><th>Delegated</th><th>Application</th></tr>\n<tr><td colspan=3>Mail</td></tr>\n<tr><td>Mail.Read</td><td></td><td>x</td></tr></table>",
			[]string{"3 Mail.Read application"}},
		{"hidden, and granted all the same", "p.txt", "Mail-Advanced.ReadWrite.All (application)", []string{"1 Mail-Advanced.ReadWrite.All application"}},
		{"an older title", "p.md", "| Permission | Type |\n|---|---|\n| Read all users' full profiles | Application |", []string{"3 User.Read.All application by title"}},
		{"a name on three lines", "p.txt", "It asks for\nDirectory.\nReadWrite.\nAll", []string{"2 Directory.ReadWrite.All"}},
		{"a last part on a line of its own", "p.md", "## Application permissions\n\nUser.Read.\nAll", []string{"3 User.Read.All application"}},
		{"a sentence that ends behind a name", "p.txt", "It asks for User.Read.\nAll people sign in.", []string{"1 User.Read"}},
		{"a break inside of a name", "p.md", "| Permission | Type |\n|---|---|\n| Directory.Read<br>Write.All | Application |\n| Mail.<br>Send | Delegated |", []string{"3 Directory.ReadWrite.All application", "4 Mail.Send delegated"}},
		{"a comment in a script", "p.ps1", "# Some have \"Directory.ReadWrite.All\" here\n$scopes = @('User.Read')\nConnect-MgGraph -Scopes $scopes\n", []string{"1 Directory.ReadWrite.All example", "2 User.Read delegated"}},
		{"a comment that asks", "p.ps1", "# Needed permission: Mail.Send\n$scopes = @('User.Read')\n", []string{"1 Mail.Send", "2 User.Read delegated"}},
		{"what opens it as well", "p.md", "| Permission type | Least privileged permissions | Higher privileged permissions |\n|---|---|---|\n| Application | Mail.Read | Mail.ReadWrite |", []string{"3 Mail.Read application", "3 Mail.ReadWrite application alternative"}},
		{"CSV", "p.csv", "API;Permission;Type\nMicrosoft Graph;\"Mail.Read, Mail.Send\";Application\nExchange;full_access_as_app;Application", []string{"2 Mail.Read application", "2 Mail.Send application", "3 full_access_as_app application"}},
		{"Windows-1252", "p.txt", "F\xfcr die Anbindung: Mail.Read\r\nund Mail.Send\r\n", []string{"1 Mail.Read", "2 Mail.Send"}},
		{"why not", "p.txt", "Warum genügt User.Read nicht?\n\nWeil es zu wenig ist.", []string{"1 User.Read negated"}},
		{"an answer of no", "p.txt", "Do you use Mail.Send?\n\nNever. With Mail.Send we would fail.", []string{"1 Mail.Send negated", "3 Mail.Send negated"}},
		{"a list that is asked for", "p.txt", "Which permissions are optional?\n\nMail.Send for receipts.", []string{"3 Mail.Send alternative"}},
		{"instead of", "p.txt", "Zamiast Mail.Send wystarczy Mail.Read. Statt Notes.Read können Sie Notes.Create geben. Use Tasks.Read instead of Tasks.ReadWrite.",
			[]string{"1 Mail.Read alternative", "1 Mail.Send example", "1 Notes.Create alternative", "1 Notes.Read example", "1 Tasks.Read", "1 Tasks.ReadWrite alternative"}},
		{"replace", "p.txt", "Please replace Mail.Send with Mail.Read.", []string{"1 Mail.Read", "1 Mail.Send negated"}},
		{"for some only", "p.txt", "Har I fællespostkasser, tilføjes Mail.Read.", []string{"1 Mail.Read alternative"}},
		{"no user", "p.md", "## Anwendungsberechtigungen (ohne angemeldeten Benutzer)\n\n- Mail.Read", []string{"3 Mail.Read application"}},
		{"of all", "p.txt", "All permissions below are delegated.\n\n# Mail\n\n- Mail.Read", []string{"5 Mail.Read delegated"}},
		{"the sentence before", "p.txt", "The product signs in as an application. It uses Mail.Read.", []string{"1 Mail.Read application"}},
		{"the sentence after", "p.txt", "It uses Mail.Read and Mail.Send. Both are delegated permissions.", []string{"1 Mail.Read delegated", "1 Mail.Send delegated"}},
		{"required or not", "p.md", "| Permission | Required |\n|---|---|\n| Mail.Read | Yes |\n| Mail.Send | No |", []string{"3 Mail.Read", "4 Mail.Send alternative"}},
		{"admin consent is no need", "p.md", "| Permission | Admin consent required |\n|---|---|\n| Mail.Read | No |", []string{"3 Mail.Read"}},
		{"a decision", "p.csv", "Permission;Decision\nMail.Read;approved\nMail.Send;rejected", []string{"2 Mail.Read", "3 Mail.Send negated"}},
		{"before and after", "p.md", "| Tool 9 (EWS) | Tool 10 (Graph) |\n|---|---|\n| full_access_as_app | Mail.Read |", []string{"3 Mail.Read", "3 full_access_as_app example"}},
		{"heads in one word", "p.csv", "ResourceDisplayName,PermissionType,Permission\nMicrosoft Graph,Delegated,Mail.Read offline_access", []string{"2 Mail.Read delegated", "2 offline_access delegated"}},
		{"a mail that is answered", "p.txt", "From: a\nTo: b\nDate: c\nSubject: d\n\n> You want Mail.Send?\n\nWe want Mail.Read.", []string{"6 Mail.Send example", "8 Mail.Read"}},
		{"Jira", "p.txt", "h2. Delegated permissions\n\n* {{Mail.Read}}\n* -{{Mail.Send}}-\n", []string{"3 Mail.Read delegated", "4 Mail.Send delegated negated"}},
		{"a table with cut names", "p.txt", "Permission          Type          Why\nCalendars.Read-     Application   books\nWrite                             rooms\nMail.Send           Delegated     posts", []string{"2 Calendars.ReadWrite application", "4 Mail.Send delegated"}},
		{"names cut by a hyphen", "p.txt", "The product needs Direc-\ntory.Read.All, Mail.\nSend and offline_\naccess.", []string{"1 Directory.Read.All", "2 Mail.Send", "3 offline_access"}},
		{"JSON", "p.json", "{\"authorization\": {\"permissions\": [\n{\"name\": \"Mail.Read\", \"type\": \"Application\"},\n{\"name\": \"Mail.Send\", \"type\": \"Delegated\"}]}}", []string{"2 Mail.Read application", "3 Mail.Send delegated"}},
		{"PowerShell", "p.ps1", "$roles = @(\n  'Mail.Read'\n  # 'Mail.Send' is not needed\n)\nif ($all) {\n  $scopes += 'User.Read'\n}", []string{"2 Mail.Read application", "3 Mail.Send application negated", "6 User.Read delegated alternative"}},
		{"Terraform", "main.tf", "resource \"azuread_application\" \"a\" {\n  resource_access {\n    id = g.app_role_ids[\"Mail.Read\"]\n  }\n  resource_access {\n    id = g.oauth2_permission_scope_ids[\"User.Read\"]\n  }\n}", []string{"3 Mail.Read application", "6 User.Read delegated"}},
		{"UTF-16", "p.txt", "\xff\xfeM\x00a\x00i\x00l\x00.\x00R\x00e\x00a\x00d\x00", []string{"1 Mail.Read"}},
	} {
		t.Run(s.situation, func(t *testing.T) {
			p, err := read.Bytes(catalog.Load(), s.file, []byte(s.text))
			if err != nil {
				t.Fatal(err)
			}
			if got := mentions(p); !slices.Equal(got, s.want) {
				t.Errorf("got %q\nwant %q", got, s.want)
			}
		})
	}
}

func TestTheFormatIsToldByWhatStandsThere(t *testing.T) {
	for _, s := range []struct{ file, text, want string }{
		{"plan.txt", "<!DOCTYPE html><p>Mail.Read", read.HTML},
		{"plan.md", "<table><tr><td>Mail.Read</table>", read.HTML},
		{"plan.html", "We need Mail.Read.", read.Text},
		{"plan.html", "<p>We need Mail.Read.</p>", read.HTML},
		{"plan.txt", "Permission;Type\nMail.Read;Application\nMail.Send;Delegated", read.CSV},
		{"plan.txt", "Permission\tType\nMail.Read\tApplication", read.CSV},
		{"plan.txt", "Permission, type and use of what we need.\nMail.Read is one of them.", read.Text},
		{"plan.csv", "Mail.Read,Application", read.CSV},
		{"plan.txt", `{"requiredResourceAccess": []}`, read.Manifest},
		{"plan.md", `[{"name": "Mail.Read"}]`, read.JSON},
		{"plan.json", "Mail.Read", read.Text},
		{"plan.txt", "$roles = @(\n 'Mail.Read'\n)\nif ($x) {\n 'Mail.Send'\n}", read.Code},
		{"plan", "https://login.microsoftonline.com/common/adminconsent?scope=Mail.Read", read.Address},
		{"plan.md", "# Plan\n\n{\n\nMail.Read", read.Markdown},
	} {
		p, err := read.Bytes(catalog.Load(), s.file, []byte(s.text))
		if err != nil || p.Format != s.want {
			t.Errorf("%s, %q: %s, want %s, %v", s.file, s.text, p.Format, s.want, err)
		}
	}
}

// TestWhatIsDemandedIsNotDenied has sentences that deny something, but not the
// permission: to lose one that is asked for is worse than to keep one that is not.
func TestWhatIsDemandedIsNotDenied(t *testing.T) {
	for _, s := range []string{
		"- Mail.Read – no admin consent required", "Mail.Read: without it, the synchronisation does not work.", "If Mail.Read is missing, nothing is shown.",
		"The app will not start without Mail.Read.", "Nothing works without Mail.Read.", "Do not forget to grant Mail.Read.", "Do not remove Mail.Read.",
		"Mail.Read must not be removed.", "We need Mail.Read, not mail in general.", "Grant Mail.Read only for the support mailbox.", "Unlike other vendors we ask for Mail.Read only.",
		"Mail.Read (this permission cannot be limited in Entra)", "Mail.Read is used to remove duplicates.", "Not only Mail.Read is needed.",
		"Vergessen Sie nicht, Mail.Read zu erteilen.", "Ohne Mail.Read funktioniert der Abgleich nicht.", "Sans Mail.Read, la synchronisation ne fonctionne pas.",
		"Uden Mail.Read virker intet.", "Kein Problem: Mail.Read genügt.", "Mail.Read läuft ohne angemeldeten Benutzer.",
	} {
		p, err := read.Bytes(catalog.Load(), "p.txt", []byte(s))
		if err != nil || len(p.Mentions) != 1 || p.Mentions[0].Status != plan.Asked {
			t.Errorf("%s %+v %v", s, p.Mentions, err)
		}
	}
}

// TestARepairSaysHowSureItIs has a confidence for each way to repair a name.
func TestARepairSaysHowSureItIs(t *testing.T) {
	for word, want := range map[string]plan.Confidence{
		"Mail.Read": plan.Certain, "MAIL.READ": plan.Certain, "Email.Send": plan.High, "MailRead": plan.High, "Directory.Read.Al": plan.High,
		"Calendars.ReadWritte": plan.High, "Calandars.ReadWirte": plan.Low, "DeviceManagmentConfigration.Read.All": plan.Low,
	} {
		p, err := read.Bytes(catalog.Load(), "p.txt", []byte(word))
		if err != nil || len(p.Mentions) != 1 {
			t.Errorf("%s: %+v, %v", word, p.Mentions, err)
			continue
		}
		m := p.Mentions[0]
		if m.Confidence != want || (m.FoundBy == plan.ByMisspelling) != (want != plan.Certain) {
			t.Errorf("%s is %s, %s by %s, want %s", word, m.Name, m.Confidence, m.FoundBy, want)
		}
	}
}

func TestWhatCouldNotBePlacedIsSaid(t *testing.T) {
	p, err := read.Bytes(catalog.Load(), "p.txt", []byte("We need\nFrobnicate.Read.All and Dataset.Read.All."))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Unplaced) != 2 || p.Unplaced[0].Line != 2 || !strings.Contains(p.Unplaced[1].Why, "another API") {
		t.Errorf("not placed: %+v", p.Unplaced)
	}
}

// TestAnUnknownAPIKeepsItsIds reads a manifest that asks another API for an id of
// Graph's.
func TestAnUnknownAPIKeepsItsIds(t *testing.T) {
	const mailRead = `"resourceAccess":[{"id":"810c84a8-4a9e-49e6-bf7d-12d183f40d01","type":"Role"}]`
	const unknown = `"resourceAppId":"aaaaaaaa-bbbb-cccc-dddd-000000000000"`
	for _, entry := range []string{unknown + "," + mailRead, mailRead + "," + unknown} {
		p, err := read.Bytes(catalog.Load(), "m.json", []byte(`{"requiredResourceAccess":[{"resourceAppId":"00000003-0000-0000-c000-000000000000",`+mailRead+"},\n{"+entry+"}]}"))
		if err != nil {
			t.Fatal(err)
		}
		if len(p.Mentions) != 1 || p.Mentions[0].Line != 1 || len(p.Unplaced) != 1 || p.Unplaced[0].Line != 2 || !strings.Contains(p.Unplaced[0].Why, "aaaaaaaa-bbbb") {
			t.Errorf("%s: %+v, not placed %+v", entry, p.Mentions, p.Unplaced)
		}
	}
}

// TestWhatIsDeniedIsNotAskedFor reads denials of every shape; each text names Mail.Read,
// some another permission that is asked for.
func TestWhatIsDeniedIsNotAskedFor(t *testing.T) {
	for text, asked := range map[string]string{
		"We use none of: Mail.Read, Calendars.Read and Contacts.Read.":                                    "",
		"The product asks for none of the following: Mail.Read, Calendars.Read.":                          "",
		"None of the following are requested:\n\n- Mail.Read\n- Calendars.Read":                           "",
		"Keine der folgenden Berechtigungen wird verwendet:\n\n- Mail.Read":                               "",
		"The app no longer needs Mail.Read.":                                                              "",
		"The app no longer needs: Mail.Read, Calendars.Read.":                                             "",
		"Mail.Read wird nicht mehr verwendet.":                                                            "",
		"- Mail.Read wird nicht mehr verwendet":                                                           "",
		"Mail.Read und Calendars.Read werden nicht mehr verwendet.":                                       "",
		"Mail.Read and Mail.Send werden seit Version 4 nicht mehr verwendet.":                             "",
		"Some still have Mail.Read in their registration. It is no longer used.":                          "",
		"Auparavant Mail.Read était utilisée ; elle a été supprimée.":                                     "",
		"We still see Mail.Read in our tenant. Why?\n\nA. It was requested by older releases. Remove it.": "",
		"What about Mail.Read?\n\nA. Only if you enable the archive.":                                     "",
		"Do you need Mail.Read?\n\nA. No.":                                                                "",
		"Permission;Art;Verwendung\nMail.Read;Delegiert;nicht verwendet\nUser.Read;Delegiert;Anmeldung":   "User.Read",
		"User.Read is requested. It is not wide.":                                                         "User.Read",
		"Mail.Read is not supported any more.":                                                            "",
		"| Permission | Benötigt |\n|---|---|\n| Mail.Read | nein |\n| User.Read | ja |":                  "User.Read",
		"| Permission | Type | Verwendet |\n|---|---|---|\n| Mail.Read | Delegated | Nein |":              "",
		"| Permission | Type | In use? |\n|---|---|---|\n| Mail.Read | Delegated | no |":                  "",
		"| Permission | Reason |\n|---|---|\n| Mail.Read | not used |\n| User.Read | sign-in |":           "User.Read",
		"| Permission | Reason |\n|---|---|\n| Mail.Read | no longer needed |":                            "",
		"| Mail.Read | nein |\n| User.Read | ja |":                                                        "Mail.Read User.Read", // nothing says what the no answers
		"Keine Anwendungsberechtigungen. Delegiert: User.Read":                                            "User.Read",
		"Keine Anwendungsberechtigungen. Delegiert:\n\n- User.Read":                                       "User.Read",
		"| Permission | Admin consent | Reason |\n|---|---|---|\n| User.Read | no | sign-in |":            "User.Read",
		"| Permission | Type | Admin consent required |\n|---|---|---|\n| User.Read | Delegated | No |":   "User.Read",
		"We do not ask for much: User.Read, no more.":                                                     "User.Read",
		"The app does not start without User.Read.":                                                       "User.Read",
	} {
		p, err := read.Bytes(catalog.Load(), "p.md", []byte(text+"\n"))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range p.Mentions {
			if m.Status == plan.Asked {
				got = append(got, m.Name)
			}
		}
		if strings.Join(got, " ") != asked || len(p.Mentions) == 0 {
			t.Errorf("%q asks for %v, want %q: %+v", text, got, asked, p.Mentions)
		}
	}
}
