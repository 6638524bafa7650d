package judge

import (
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
)

// topic is a kind of flow that plans describe: how it is recognised, and which
// operations it comes to. {me} is /me for a person and /users/{id} for a program.
type topic struct {
	id, what string
	// families are the first words of the permissions whose use it may be.
	families string
	// use must be found in what a permission is said to be for; nil: its family is
	// enough.
	use *find.Pattern
	// line must be found in a line that names no permission; nil: such lines do not count.
	line *find.Pattern
	// mention must be found in the name of a permission, where the family is not enough.
	mention *find.Pattern
	reads   []string
	writes  []string
	// changes are the words of a use or line that mean writing.
	changes *find.Pattern
	byLine  bool // a line of the text is enough for every permission of the families
	mailed  bool // where the line speaks of mail, one is sent
	bodies  bool // of messages, not their outlines alone
	scheme  plan.Scheme
}

const changing = `\b(?:creat|writ|updat|edit|manag|modif|delet|stor|upload|synchroni[sz]|sync\b|bidirectional|sav|mov|mark|book|schedul|handl|archiv|push)`

// topics are the kinds of flows, recognised in English and in the languages of
// tongues.go; in others a permission's own name stands for its use.
var topics = sync.OnceValue(func() []topic {
	return append(append(peopleTopics(), mailTopics()...), guardTopics()...)
})

func re(s string) *find.Pattern { return find.New(s) }

func peopleTopics() []topic {
	return []topic{
		{id: "profiles", what: "profiles of people are read and followed", families: "User Directory", use: re(`profile|structure|manager|onboarding|org chart|hierarchy` + also("profiles use")),
			mention: re(`^(?:User\.Read(?:Write)?\.All|Directory\.Read(?:Write)?\.All)$`),
			reads:   []string{"GET /users", "GET /users/delta", "GET /users/{id}/manager"}},
		{id: "inventory", what: "users, groups, roles and licences are listed", families: "Directory User Organization Group", use: re(`\broles\b|licen[cs]es|list of users|users, groups|employees` + also("inventory use")),
			reads: []string{"GET /users", "GET /users/delta", "GET /groups", "GET /directoryRoles", "GET /subscribedSkus"}},
		{id: "people", what: "people are found by name and address", families: "User", mention: re(`^User\.Read(?:Basic)?\.All$`),
			reads: []string{"GET /users", "GET /users/{id}"}},
		{id: "contacts", what: "contacts are kept in step", families: "Contacts", reads: []string{"GET {me}/contacts"},
			writes: []string{"POST {me}/contacts", "PATCH {me}/contacts/{id}", "DELETE {me}/contacts/{id}"}, changes: re(changing + also("changing"))},
		{id: "applications", what: "applications are listed", families: "Application", use: re(`\blist\b|inventory|applications in use|read`),
			reads: []string{"GET /applications", "GET /servicePrincipals"}},
		{id: "deletion", what: "users and groups are deleted", families: "Directory User Group", use: re(`\bdelet\w+ (?:a |of )?(?:users?|groups?)`),
			line: re(`\bdelet\w+ (?:of )?(?:user|group)s?\b`), writes: []string{"DELETE /users/{id}", "DELETE /groups/{id}"}, changes: re(`.`)},
		{id: "password reset", what: "passwords are reset", families: "Mail", use: re(`password reset` + also("password reset line")), line: re(`password resets?\b` + also("password reset line")),
			writes: []string{"PATCH /users/{id} passwordProfile"}, changes: re(`.`), mailed: true},
		{id: "account creation", what: "accounts are created", line: re(`account creations?\b|create (?:user )?accounts`),
			writes: []string{"POST /users"}, changes: re(`.`), mailed: true},
		{id: "organisation", what: "the organisation and its branding are read", families: "Organization", use: re(`organi[sz]ation|branding`),
			reads: []string{"GET /organization", "GET /organization/{id}/branding"}},
	}
}

func mailTopics() []topic {
	writing := []string{"POST {me}/events", "PATCH {me}/events/{id}", "DELETE {me}/events/{id}"}
	return []topic{
		{id: "mail", what: "mail is read", families: "Mail EWS IMAP POP", mention: re(`^(?:Mail\.Read|EWS|IMAP|POP)`), use: re(`access|read|monitor|track|retriev|fetch|emails?\b|archiv|import|sync|inbox|file` + also("mail use")),
			line:  re(`email (?:tracking|synchroni[sz]ation|retrieval)|(?:retriev\w*|fetch\w*) (?:of )?e?-?mails?\b` + also("mail line")),
			reads: []string{"GET {me}/messages", "GET {me}/mailFolders/{id}/messages/delta"}, writes: []string{"PATCH {me}/messages/{id}"}, bodies: true,
			changes: re(`retrieval and management|mark\w* (?:as )?read|mov(?:e|es|ed|ing)\b|delet|\bflag|draft|archiv|manage (?:e-?)?mails?\b` + also("mail changes"))},
		{id: "sending", what: "mail is sent", families: "Mail SMTP", use: re(`\bsend|\bsent|reminder|notif|invit|mail(?:s|ing)? (?:to|a )` + also("sending use")), mention: re(`^(?:Mail|SMTP)\.`),
			line: re(`sending (?:e-?mails?|mail)|(?:sends?|mails?) (?:e-?mails?|reminders)` + also("sending line")), writes: []string{"POST {me}/sendMail"}, changes: re(`.`)},
		{id: "calendar", what: "calendars are followed, meetings kept", families: "Calendars", line: re(`calendar (?:management|synchroni[sz]ation|event creation|meetings)|meetings? (?:are|is) created|create a meeting` + also("calendar line")),
			reads: []string{"GET {me}/calendarView/delta"}, writes: writing, changes: re(changing + also("changing"))},
		{id: "documents", what: "documents of known sites are stored and fetched", families: "Files Sites", use: re(`sharepoint|\bsites?\b|library`),
			line: re(`sharepoint` + also("documents line")), reads: []string{"GET /sites/{id}", "GET /drives/{id}/items/{id}"}, writes: []string{"PUT /drives/{id}/items/{id}/content"}, changes: re(`.`), byLine: true},
		{id: "bookings", what: "bookings are read", families: "Bookings BookingsAppointment", line: re(`(?:access|accessing) (?:microsoft )?bookings data|bookings data access` + also("bookings line")),
			reads: []string{"GET /solutions/bookingBusinesses", "GET /solutions/bookingBusinesses/{id}/appointments", "GET /solutions/bookingBusinesses/{id}/calendarView"}},
		{id: "inbox", what: "inboxes are fetched without anybody present", line: re(`(?:retrieve|fetch|read|collect|poll)\w* e-?mails? (?:of|from) .*(?:inbox|mailbox)` + also("inbox line")), bodies: true,
			reads: []string{"GET /users/{id}/mailFolders/{id}/messages/delta", "GET /users/{id}/messages"}, scheme: plan.Application},
	}
}

func guardTopics() []topic {
	const policies = "/identity/conditionalAccess/policies"
	return []topic{
		{id: "audit state", what: "whether audit logging is on", families: "AuditLog", use: re(`unified audit log`), reads: []string{"Get-AdminAuditLogConfig"}},
		{id: "risk", what: "risk detections and risky users are read", families: "IdentityRiskEvent IdentityRiskyUser", reads: []string{"GET /identityProtection/riskDetections", "GET /identityProtection/riskyUsers"}},
		{id: "sign-in log", what: "sign-ins are read", families: "AuditLog SecurityEvents", use: re(`sign-in (?:log|event)|risky sign-in`), reads: []string{"GET /auditLogs/signIns"}},
		{id: "secure score", what: "the secure score is read", families: "SecurityEvents", use: re(`secure score`), reads: []string{"GET /security/secureScores"}},
		{id: "policies", what: "policies are read", families: "Policy", mention: re(`^Policy\.Read\.`), reads: []string{"GET " + policies, "GET /identity/conditionalAccess/namedLocations"}},
		{id: "conditional access", what: "Conditional Access policies are written", families: "Policy Application", mention: re(`^Policy\.ReadWrite\.ConditionalAccess$`), use: re(`conditional access`),
			reads: []string{"GET " + policies}, writes: []string{"POST " + policies, "PATCH " + policies + "/{id}"}, changes: re(`.`)},
		{id: "methods", what: "authentication methods are reported", families: "UserAuthenticationMethod Reports User", use: re(`\bmfa\b|authentication methods?|selfpasswordreset|self.service (?:password )?reset`), reads: []string{"GET /reports/authenticationMethods/userRegistrationDetails"}},
		{id: "exchange", what: "Exchange is administered", families: "user_impersonation Exchange", line: re(`mailbox delegation`), writes: []string{"Add-MailboxPermission"}, changes: re(`.`)},
	}
}

// mayUse says whether a permission may be asked for the topic.
func (t topic) mayUse(q *Permission) bool {
	family, _, _ := strings.Cut(q.Name, ".")
	for f := range strings.FieldsSeq(t.families) {
		if f == family {
			return t.mention == nil || t.mention.MatchString(q.Name)
		}
	}
	return false
}
