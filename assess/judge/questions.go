package judge

import (
	"slices"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
)

// Question is something that decides what is needed, and that only whoever wrote the
// plan can answer.
type Question struct {
	About string `json:"about"`
	Lines []int  `json:"lines"`
	Ask   string `json:"ask"`
}

type asking struct {
	customers, preferences, managing, premises, emptied, booking *find.Pattern
}

var askings = sync.OnceValue(func() asking {
	return asking{
		customers:   re(`\bcustomers?\b`),
		preferences: re(`\bpreferences\b`),
		managing:    re(`\bmanag\w*`),
		premises:    re(`on-premises?\b`),
		emptied:     re(`mark\w* (?:as )?read|mov(?:e|es|ed|ing) (?:the )?(?:e-?)?mails?|delet\w+ (?:the )?(?:e-?)?mails?|empt(?:y|ied)`),
		booking:     re(`(?:creat|writ|chang|cancel)\w* (?:of )?(?:bookings|appointments)`),
	}
})

// questions are what the plan leaves open.
func questions(p *plan.Plan, a *Assessment) []Question {
	if p.Format == "manifest" || p.Format == "url" || p.Format == plan.Declared {
		return nil
	}
	q, out := askings(), []Question(nil)
	ask := func(when bool, about, text string, lines []int) {
		if when {
			out = append(out, Question{about, lines, text})
		}
	}
	profiles, mail, calendar := a.flow("profiles"), a.flow("mail"), a.flow("calendar")
	if profiles != nil {
		about := ofUse(a, q.customers, "User.", "Directory.")
		ask(len(about) > 0, "customers", "Are customers accounts (guests) of the tenant, or contacts? If contacts, nobody's profile need be read; if guests that the product invites, User.Invite.All is missing.", about)
	}
	if mail != nil {
		ask(a.flow("sending") == nil && a.flow("password reset") == nil && a.asking("Mail.Send") == nil, "sending", "Does the product send mail? Then Mail.Send is missing; nothing in the text says so.", mail.Lines)
		var managed []int
		for i := range p.Text {
			if l := &p.Text[i]; l.Has(q.managing) && slices.ContainsFunc(mail.Lines, l.Holds) {
				managed = append(managed, onLine(l, q.managing))
			}
		}
		ask(len(managed) > 0 && slices.Contains(mail.Needs, "Mail.ReadWrite"), "managing mail", "Does managing mail change messages, or only fetch them? If it only fetches: Mail.Read.", managed)
	}
	at := linesWith(p, q.preferences)
	ask(len(at) > 0 && a.asking("MailboxSettings.") == nil, "preferences", "Are the preferences those of Outlook? Then MailboxSettings.Read is missing.", at)
	ask(mail != nil && len(linesWith(p, q.premises)) > 0, "on-premises", "Which mailboxes are on-premises? They need an account there, no Entra permission.", linesWith(p, q.premises))
	if f := a.flow("bookings"); f != nil {
		ask(len(linesWith(p, q.booking)) == 0, "writing bookings", "Does the product write appointments? Then BookingsAppointment.ReadWrite.All.", f.Lines)
	}
	if f := a.flow("inbox"); f != nil {
		ask(len(linesWith(p, q.emptied)) == 0, "emptying inboxes", "Are the inboxes emptied or marked as read? Then Mail.ReadWrite.", f.Lines)
	}
	if calendar != nil {
		w := a.asking("Calendars.ReadWrite")
		ask(w != nil && w.use == "", "writing calendars", "Does the product write into calendars, or only read them?", calendar.Lines)
	}
	for _, kind := range [][3]string{
		{"Mail.ReadWrite", "writing mail", "Does the product change messages, or only read them? If it only reads: Mail.Read."},
		{"Contacts.ReadWrite", "writing contacts", "Does the product change contacts, or only read them? If it only reads: Contacts.Read."},
	} {
		w := a.asking(kind[0])
		ask(w != nil && w.use == "", kind[1], kind[2], linesOf(w))
	}
	var unsaid []int
	for i := range a.Permissions {
		if x := &a.Permissions[i]; slices.ContainsFunc(x.Disagreements, func(d Disagreement) bool { return d.Kind == "no use stated" }) {
			unsaid = append(unsaid, x.Lines...)
		}
	}
	ask(len(unsaid) > 0, "profiles", "What are user profiles read for?", unique(unsaid))
	send := a.asking("Mail.Send")
	ask(send != nil && send.Scheme == plan.Application, "sender", "From which mailbox is mail sent? One sender mailbox is enough for a scope.", linesOf(send))
	return out
}

func linesOf(q *Permission) []int {
	if q == nil {
		return nil
	}
	return q.Lines
}

// ofUse are the lines of the permissions with one of the beginnings whose use has a word.
func ofUse(a *Assessment, word *find.Pattern, begins ...string) []int {
	var out []int
	for i := range a.Permissions {
		q := &a.Permissions[i]
		if q.asked() && word.MatchString(q.use) && slices.ContainsFunc(begins, func(b string) bool { return strings.HasPrefix(q.Name, b) }) {
			out = append(out, q.Lines...)
		}
	}
	return unique(out)
}

// Registration is one of several that a plan keeps apart.
type Registration struct {
	Name        string   `json:"name"`
	Lines       []int    `json:"lines"`
	Permissions []string `json:"permissions"`
}

var registering = sync.OnceValue(func() *find.Pattern { return re(`app(?:lication)? registration`) })

// registrations are the headings of registrations with the permissions below them; a
// plan with one registration has nothing to keep apart.
func registrations(p *plan.Plan, a *Assessment) []Registration {
	var out []Registration
	for _, l := range p.Text {
		if l.Kind == plan.Heading && l.Has(registering()) {
			out = append(out, Registration{Name: l.Text, Lines: []int{l.Number}})
		}
	}
	for i := range a.Permissions {
		q := &a.Permissions[i]
		if !q.asked() || q.again() != "" {
			continue
		}
		for r := len(out) - 1; r >= 0; r-- {
			if out[r].Lines[0] < q.first() {
				out[r].Permissions = append(out[r].Permissions, q.Name)
				break
			}
		}
	}
	out = slices.DeleteFunc(out, func(r Registration) bool { return len(r.Permissions) == 0 })
	if len(out) < 2 {
		return nil
	}
	return out
}
