package judge

import (
	"slices"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// named are words of the text that advice hangs on.
type named struct {
	teams, automation, register, premises *find.Pattern
}

var names = sync.OnceValue(func() named {
	return named{
		teams:      re(`\bteams\b.{0,30}(?:link|meeting)|online meeting`),
		automation: re(`power automate`),
		register:   re(`(?:create|register) (?:a |an |the )?(?:new )?(?:azure ad )?(?:app|application)(?: registration)?\b|new registration`),
		premises:   re(`on-premises?\b`),
	}
})

// advise gives the roles, licences and ways to narrow beyond permissions.
func advise(p *plan.Plan, a *Assessment) {
	f := gather(p, a)
	says := func(r *find.Pattern) bool { return len(linesWith(p, r)) > 0 }
	a.Roles = f.roles(says)
	a.Licences = f.licences(says)
	a.Outside = f.outside()
	a.Alternatives = f.ways()
	a.Questions = questions(p, a)
}

// advices collects advice under conditions.
type advices []Advice

func (l *advices) add(when bool, what, why string) {
	if when {
		*l = append(*l, Advice{what, why})
	}
}

func (f found) roles(says func(*find.Pattern) bool) []Advice {
	var l advices
	l.add(f.application, "Privileged Role Administrator, once", "consents to application permissions of Graph")
	l.add(f.scopable(), "Exchange Administrator, once", "assigns the roles of RBAC for Applications with scopes")
	l.add(f.least("Sites.Selected"), "Site owner or SharePoint Administrator, once", "grants Sites.Selected its role on each site")
	l.add(says(names().register), "Application Developer, once", "registers the application, where users may not")
	daily := len(l)
	l.add(f.flow("conditional access"), "Conditional Access Administrator", "writes Conditional Access")
	l.add(f.flow("risk", "secure score", "sign-in log", "policies") && f.delegated, "Security Reader", "reads risk, secure score, sign-ins, policies")
	l.add(f.flow("methods") && f.delegated, "Reports Reader", "reads the registration report")
	l.add(f.flow("password reset", "account creation", "deletion"), "User Administrator", "creates and deletes users, resets passwords of people without roles")
	l.add(f.flow("deletion"), "Groups Administrator", "deletes groups")
	var held []string
	for _, x := range f.a.Flows {
		for _, o := range x.Operations {
			if r := commandRole(o); r != "" && !slices.Contains(held, r) {
				held = append(held, r)
			}
		}
	}
	slices.Sort(held)
	l.add(len(held) > 0, "Exchange role "+strings.Join(held, " and "), "the commands that the flows run, and no more")
	l.add(f.flow("bookings") && f.delegated, "Bookings administrator or staff of the business", "reads bookings as a person")
	none := f.delegated && !f.application && len(l) == daily
	l.add(none, "none for daily work", "the least set works with plain accounts")
	l.add(f.finding("impersonation") && says(names().premises), "ApplicationImpersonation (Exchange on-premises only)", "only if impersonation is kept there; Exchange Online has it no more")
	l.add(f.global, "not Global Administrator", "no flow needs it; passwords of administrators are reset by hand")
	return l
}

func (f found) licences(says func(*find.Pattern) bool) []Advice {
	var l advices
	l.add(f.flow("conditional access", "sign-in log", "methods", "policies") || f.finding("conditional access"), "Microsoft Entra ID P1", "Conditional Access, sign-in log, registration report")
	l.add(f.flow("risk"), "Microsoft Entra ID P2", "risk detections and risky users")
	l.add(f.mailboxes(), "Exchange Online plan", "mailboxes; a shared mailbox needs none up to 50 GB")
	l.add(f.flow("bookings"), "Microsoft 365 Business Standard or Premium, A3/A5, E3/E5", "Bookings")
	l.add(f.flow("calendar") && says(names().teams), "Microsoft Teams", "links to Teams meetings")
	l.add(says(names().automation), "Power Automate premium", "custom connector or HTTP action")
	return l
}

// mailboxes says whether a flow works in mailboxes.
func (f found) mailboxes() bool {
	return slices.ContainsFunc(f.a.Flows, func(x Flow) bool {
		return slices.ContainsFunc(x.Operations, func(o string) bool {
			for _, word := range []string{"/messages", "/sendMail", "/events", "/calendarView", "/mailFolders"} {
				if strings.Contains(o, word) && !strings.Contains(o, "/solutions/") {
					return true
				}
			}
			return false
		})
	})
}

func (f found) outside() []Advice {
	var l advices
	for _, m := range f.a.LeastSet {
		l.add(m.Scheme == plan.Application && scopable(m.Name), "Exchange role "+catalog.ExchangeRole(m.Name)+" with a management scope, and no consent to it in Entra", "both add up: unscoped consent defeats the scope; narrowed so it is "+string(m.Class.Less())+" (N2)")
	}
	l.add(f.least("Sites.Selected"), "Sites.Selected with a role per site", "instead of every file of every site")
	l.add(f.application || f.finding("secret", "credential", secretExpiry), "certificate or federated credential", "instead of a secret")
	l.add(f.finding("retired interface") && f.delegated, "EwsAllowedAppIDs with the application id, until 2027-04-01", "instead of EWS open to all")
	l.add(f.flow("exchange"), "Exchange management role with only the commands used", "instead of every command of the signed-in person")
	l.add(f.flow("deletion", "account creation"), "administrative unit for the roles User and Groups Administrator", "instead of the whole tenant")
	l.add(f.global, "roles only when used (PIM)", "instead of a standing Global Administrator")
	return l
}

// scopable says whether the least set has what an Exchange role can narrow.
func (f found) scopable() bool {
	return slices.ContainsFunc(f.a.LeastSet, func(m Member) bool { return m.Scheme == plan.Application && scopable(m.Name) })
}

// Way is another way to serve a flow than the least set takes.
type Way struct {
	Flow    string   `json:"flow"` // all for the whole plan
	Instead []string `json:"instead"`
	Why     string   `json:"why"`
}

// ways are other ways that no operation of the flow shows.
func (f found) ways() []Way {
	var out []Way
	add := func(when bool, flow, why string, instead ...string) {
		if when {
			out = append(out, Way{flow, instead, why})
		}
	}
	add(f.flow("inbox"), "inbox", "with one sign-in per inbox by device code; sign-in to shared mailboxes should be blocked (CIS 1.2.2), so the application way is better", "Mail.Read delegated", "offline_access delegated")
	add(f.flow("deletion"), "deletion", "if accounts are not created by the product", "User.DeleteRestore.All")
	add(f.flow("password reset"), "password reset", "resetPassword writes back on-premises, but the permission opens all methods", "UserAuthenticationMethod.ReadWrite.All")
	reads, writes := false, false
	for _, m := range f.a.LeastSet {
		kind := subjectOf(m.Name, m.Scheme)
		writes = writes || m.Class == Critical
		reads = reads || m.Class.Rank() >= Medium.Rank() && !kind.writes
	}
	add(reads && writes && f.a.Format != plan.Declared, "all", "a leak of the one that reads changes nothing", "two registrations: one that reads, one that writes")
	return out
}

func (f found) least(name string) bool {
	return slices.ContainsFunc(f.a.LeastSet, func(m Member) bool { return m.Name == name })
}
