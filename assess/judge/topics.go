package judge

import (
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/tongue"
)

// topic is a kind of flow that plans describe: how it is recognised, and which
// operations it comes to.
type topic struct {
	id, what string
	// families are the first words of the permissions whose use it may be.
	families string
	// mention must be found in the name of a permission, where the family is not enough.
	mention *find.Pattern
	// use must be found in what a permission is said to be for; nil: its family is
	// enough. A name that alone fits stands for the use where nothing is said of one, a
	// name that always fits in any case.
	use, alone, always *find.Pattern
	// mailbox must be found in the use of a permission that opens whole mailboxes;
	// nil: it is no topic of mailboxes.
	mailbox *find.Pattern
	// line must be found in a line that names no permission; nil: such lines do not count.
	line   *find.Pattern
	byLine bool // a line of the text is enough for every permission of the families
	does   []deed
	// bodies: messages and events are read whole, with bodies and attachments, unless every
	// use that is said is one of outlines.
	bodies   bool
	outlines *find.Pattern
	scheme   plan.Scheme // the only one in which it is thought of
}

// deed are operations that a flow comes to where its uses or lines hold certain words.
// {me} is whose mailbox it is.
type deed struct {
	words      *find.Pattern // nil: always
	writes     bool          // a name that writes stands for the words where no use is said
	operations []string
}

// always are operations that a flow comes to whatever the words.
func always(operations ...string) deed { return deed{operations: operations} }

// told are operations that words stand for.
func told(words string, operations ...string) deed {
	return deed{words: re(words), operations: operations}
}

// changed are operations that words of changing, or a name that writes, stand for.
func changed(words string, operations ...string) deed {
	return deed{words: re(words), writes: true, operations: operations}
}

const changing = `\b(?:creat|writ|updat|edit|manag|modif|delet|stor|upload|synchroni[sz]|sync\b|bidirectional|sav|mov|mark|book|schedul|handl|archiv|push|extend|prolong|shorten|end(?:s|ing)? (?:a |the |their |its )?(?:meeting|appointment|event|booking)|cancel|declin|accept|respond|rename|add(?:s|ed|ing)?\b|remov)`

// mailing are the words of a use or line by which a mail is sent as well.
const mailing = `\be?-?mails?\b|password reset to`

// topics are the kinds of flows, recognised in English and in the languages of
// package tongue; in others a permission's own name stands for its use.
var topics = sync.OnceValue(func() []topic {
	return append(append(peopleTopics(), mailTopics()...), guardTopics()...)
})

func re(s string) *find.Pattern { return find.New(s) }

func peopleTopics() []topic {
	// deleting begins what is deleted, however many kinds of it are named.
	const deleting = `\bdelet\w+ (?:(?:of|a|an|the|all|any|old|former|inactive|stale) )*(?:\w+(?:,| and| or) (?:(?:a|an|the) )?)*`
	return []topic{
		{id: "profiles", what: "profiles of people are read and followed", families: "User Directory", use: re(`profile|structure|manager|onboarding|org chart|hierarchy` + tongue.Also("profiles use")),
			mention: re(`^(?:User\.Read(?:Write)?\.All|Directory\.Read(?:Write)?\.All)$`),
			does:    []deed{always("GET /users", "GET /users/delta", "GET /users/{id}/manager")}},
		{id: "inventory", what: "users, groups, roles and licences are listed", families: "Directory User Organization Group", use: re(`\broles\b|licen[cs]es|list of users|users, groups|employees` + tongue.Also("inventory use")),
			does: []deed{
				told(`\busers?\b|employees|benutzer|mitarbeit|bruger|medarbejder|ansatte|anställda|medewerker|utilisateur|employés|usuario|empleado`, "GET /users", "GET /users/delta"),
				told(`\bgroups?\b|grupp|\bgroep|groupes?\b|grupos?\b`, "GET /groups"),
				told(`\broles?\b|\brolle|\broller|\brollen|rôles?\b`, "GET /directoryRoles"),
				told(`licen[csz]|lizenz|lisens`, "GET /subscribedSkus")}},
		{id: "people", what: "people are found by name and address", families: "User", mention: re(`^User\.Read(?:Basic)?\.All$`),
			does: []deed{always("GET /users", "GET /users/{id}")}},
		{id: "members", what: "who belongs to which group is read", families: "Group GroupMember", use: re(`\bmembers?\b|memberships?\b|mitglied|medlem|\bleden\b|\bmembres?\b|miembros?\b`),
			does: []deed{always("GET /groups/{id}/members"), changed(changing+`|\badd(?:s|ing)?\b|\bremov\w+|\bassign\w*`+tongue.Also("changing"), "POST /groups/{id}/members/$ref")}},
		{id: "contacts", what: "contacts are kept in step", families: "Contacts", mailbox: re(`\bcontacts?\b|address book|\bkontakt|adressbuch`),
			does: []deed{always("GET {me}/contacts"), changed(changing+tongue.Also("changing"), "POST {me}/contacts", "PATCH {me}/contacts/{id}", "DELETE {me}/contacts/{id}")}},
		{id: "applications", what: "applications are listed", families: "Application", use: re(`\blist\b|inventory|applications in use|read`),
			does: []deed{always("GET /applications", "GET /servicePrincipals")}},
		{id: "deletion", what: "users or groups are deleted", families: "Directory User Group", use: re(deleting + `(?:users?|accounts?|groups?)\b`), line: re(deleting + `(?:users?|accounts?|groups?)\b`),
			does: []deed{told(deleting+`(?:users?|accounts?)\b`, "DELETE /users/{id}"), told(deleting+`groups?\b`, "DELETE /groups/{id}")}},
		{id: "password reset", what: "passwords are reset", families: "Mail", use: re(`password reset` + tongue.Also("password reset line")), line: re(`password resets?\b` + tongue.Also("password reset line")),
			does: []deed{always("PATCH /users/{id} passwordProfile"), told(mailing, "POST {me}/sendMail")}},
		{id: "account creation", what: "accounts are created", line: re(`account creations?\b|create (?:user )?accounts`),
			does: []deed{always("POST /users"), told(mailing, "POST {me}/sendMail")}},
		{id: "organisation", what: "the organisation and its branding are read", families: "Organization", use: re(`organi[sz]ation|branding`),
			does: []deed{always("GET /organization", "GET /organization/{id}/branding")}},
	}
}

func mailTopics() []topic {
	return []topic{
		{id: "mail", what: "mail is read", families: "Mail EWS IMAP POP full_access_as_app", mention: re(`^(?:Mail\.Read|EWS|IMAP|POP|full_access)`), alone: re(`.`), bodies: true, outlines: re(`\b(?:subject(?: line)?s?|headers?) (?:of|and|only|alone|lines?)\b|\b(?:only|just) (?:the )?(?:subjects?|headers?|senders?)\b|\bbetreff|kopfzeile|\bl'objet\b|\bles objets\b|en-têtes?|\bemne(?:t|r|linje\w*)?\b|\bämnesrad|\bonderwerp`),
			use:     re(`access|read|monitor|track|retriev|fetch|emails?\b|archiv|import|sync|inbox|file` + tongue.Also("mail use")),
			mailbox: re(`mail|inbox|message|access|postfach|postkasse|postboks|postlåd|postvak|boîte|buz[oó]n|e-?post|courriel|correo`),
			line:    re(`email (?:tracking|synchroni[sz]ation|retrieval)|(?:retriev\w*|fetch\w*) (?:of )?e?-?mails?\b` + tongue.Also("mail line")),
			does: []deed{always("GET {me}/messages", "GET {me}/mailFolders/{id}/messages/delta"),
				changed(`retrieval and management|mark\w* (?:as )?read|mov(?:e|es|ed|ing)\b|delet|\bflag|draft|manage (?:e-?)?mails?\b`+tongue.Also("mail changes"), "PATCH {me}/messages/{id}")}},
		{id: "sending", what: "mail is sent", families: "Mail SMTP", use: re(`\bsend|\bsent|reminder|notif|invit|mail(?:s|ing)? (?:to|a )` + tongue.Also("sending use")), mention: re(`^(?:Mail|SMTP)\.`), always: re(`Send`),
			line: re(`sending (?:e-?mails?|mail)|(?:sends?|mails?) (?:e-?mails?|reminders)` + tongue.Also("sending line")), does: []deed{always("POST {me}/sendMail")}},
		{id: "calendar", what: "calendars are followed, meetings kept", families: "Calendars", bodies: true, outlines: re(`free[/ -]?(?:or |and )?busy|\bavailab|\b(?:is|are) (?:free|busy|occupied)\b|\bfrei(?:e|en|er)?\b|belegt|gebucht|verfügbar|disponib|\boccupé|\bledig|optaget|opptatt|upptag|beschikbaar|\bbezet\b|\bocupad`), mailbox: re(`calendars?\b|appointments?\b|meetings?\b|kalender|\btermine?\b|\baftale|\bavtale|\bmøte|\bagenda\b|calendrier|calendario`),
			line: re(`calendar (?:management|synchroni[sz]ation|event creation|meetings)|meetings? (?:are|is) created|create a meeting` + tongue.Also("calendar line")),
			does: []deed{always("GET {me}/calendarView/delta"), changed(changing+tongue.Also("changing"), "POST {me}/events", "PATCH {me}/events/{id}", "DELETE {me}/events/{id}")}},
		{id: "documents", what: "documents of known sites are stored and fetched", families: "Files Sites", use: re(`sharepoint|\bsites?\b|library`),
			line: re(`sharepoint` + tongue.Also("documents line")), byLine: true, does: []deed{always("GET /sites/{id}", "GET /drives/{id}/items/{id}"), changed(changing+tongue.Also("changing"), "PUT /drives/{id}/items/{id}/content")}},
		{id: "bookings", what: "bookings are read", families: "Bookings BookingsAppointment", line: re(`(?:access|accessing) (?:microsoft )?bookings data|bookings data access` + tongue.Also("bookings line")),
			does: []deed{always("GET /solutions/bookingBusinesses", "GET /solutions/bookingBusinesses/{id}/appointments", "GET /solutions/bookingBusinesses/{id}/calendarView")}},
		{id: "inbox", what: "inboxes are fetched without anybody present", line: re(`(?:retrieve|fetch|read|collect|poll)\w* e-?mails? (?:of|from) .*(?:inbox|mailbox)` + tongue.Also("inbox line")), bodies: true,
			does: []deed{always("GET /users/{id}/mailFolders/{id}/messages/delta", "GET /users/{id}/messages")}, scheme: plan.Application},
	}
}

func guardTopics() []topic {
	const policies = "/identity/conditionalAccess/policies"
	const delegation = `mailbox (?:delegation|permission)|full access to (?:a |the )?mailbox`
	return []topic{
		{id: "audit state", what: "whether audit logging is on", families: "AuditLog", use: re(`unified audit log`), does: []deed{always("Get-AdminAuditLogConfig")}},
		{id: "risk", what: "risk detections and risky users are read", families: "IdentityRiskEvent IdentityRiskyUser", does: []deed{always("GET /identityProtection/riskDetections", "GET /identityProtection/riskyUsers")}},
		{id: "sign-in log", what: "sign-ins are read", families: "AuditLog SecurityEvents", use: re(`sign-in (?:log|event)|risky sign-in`), does: []deed{always("GET /auditLogs/signIns")}},
		{id: "secure score", what: "the secure score is read", families: "SecurityEvents", use: re(`secure score`), does: []deed{always("GET /security/secureScores")}},
		{id: "policies", what: "policies are read", families: "Policy", mention: re(`^Policy\.Read\.`), does: []deed{always("GET "+policies, "GET /identity/conditionalAccess/namedLocations")}},
		{id: "conditional access", what: "Conditional Access policies are written", families: "Policy Application", mention: re(`^Policy\.ReadWrite\.ConditionalAccess$`), use: re(`conditional access`), alone: re(`^Policy\.`),
			does: []deed{always("GET "+policies, "POST "+policies, "PATCH "+policies+"/{id}")}},
		{id: "methods", what: "authentication methods are reported", families: "UserAuthenticationMethod Reports User", use: re(`\bmfa\b|authentication methods?|selfpasswordreset|self.service (?:password )?reset`), does: []deed{always("GET /reports/authenticationMethods/userRegistrationDetails")}},
		{id: "exchange", what: "Exchange is administered", families: "user_impersonation Exchange", use: re(delegation + `|` + commandWords()), line: re(`mailbox delegation`), byLine: true, does: append([]deed{told(delegation, "Add-MailboxPermission")}, commandDeeds()...)},
	}
}

// mayUse says whether a permission may be asked for the topic.
func (t *topic) mayUse(q *Permission) bool {
	if q.whole() && t.mailbox != nil {
		return t.mailbox.MatchString(q.use) || q.use == "" && t.alone != nil
	}
	family, _, _ := strings.Cut(q.Name, ".")
	for f := range strings.FieldsSeq(t.families) {
		if f == family {
			return t.mention == nil || t.mention.MatchString(q.Name)
		}
	}
	return false
}

// isUse says whether what a permission is said to be for is the topic. A name stands
// for the use of a permission of which none is said.
func (t *topic) isUse(q *Permission, use string) bool {
	switch {
	case t.use == nil, t.use.MatchString(use):
		return true
	case t.always != nil && t.always.MatchString(q.Name):
		return true
	}
	return use == "" && t.alone != nil && t.alone.MatchString(q.Name)
}

// whole says whether a permission opens whole mailboxes, by another interface than
// Graph: what it is for stands in its use alone.
func (q *Permission) whole() bool {
	return q.Name == "full_access_as_app" || strings.HasPrefix(q.Name, "EWS.")
}
