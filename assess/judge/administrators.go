package judge

import (
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/tongue"
)

// administrators are the directory roles that a plan may have somebody hold, by how
// much they lead to (Microsoft Entra built-in roles: those marked as privileged, and
// which of them may change who holds roles). A name may be written in one word, with a
// hyphen, or with the service behind it.
func administrators() []statement {
	const consenting = `grant(?:ed|s)? (?:admin )?consent|consent(?:s|ed)? by|consents to|not (?:require|need)|\bno \w+ admin|\bonce\b`
	named := func(services string) string {
		return `\b(?:` + services + `)[ -]?(?:service[ -])?(?:administra(?:tor|tør|dor|teur|törer?)\w*|beheerder\w*|admin (?:role|rights|privileges|account)s?)|(?:administrador|administrateur)e?s? (?:de |d')?(?:` + services + `)\b`
	}
	return []statement{
		{kind: adminRoles, severity: "critical", about: "Global Administrator", line: re(`global admin|company administrator` + tongue.Also("administrator roles")), but: re(`grant(?:ed|s)? (?:admin )?consent|consent by|not (?:require|need)|once`), agent: consents,
			why: "a standing Global Administrator: every delegated permission then reaches as far as it can", instead: "named roles, each for its flow"},
		{kind: adminRoles, severity: "critical", line: re(named(`privileged role|privileged authentication`)), but: re(consenting), agent: consents,
			why: "a standing role that can make anybody Global Administrator, or take over whoever is", instead: "named roles, each for its flow, and only when used (PIM)"},
		{kind: adminRoles, severity: "high", line: re(named(`(?:cloud )?application|user|authentication|conditional access|security|hybrid identity|domain name|external identity provider|intune|cloud device|helpdesk|password|exchange|groups|identity governance|b2c ief keyset`) + `|\bdirectory writers\b|\bpartner tier ?[12] support\b`), but: re(consenting), agent: consents,
			why: "a standing role by which accounts, applications, mailboxes or protections are changed for the whole tenant, whatever the permissions", instead: "Exchange's or an administrative unit's own narrower roles, and only when used (PIM)"},
		{kind: adminRoles, severity: "medium", line: re(named(`sharepoint|teams(?: communications)?|power platform|fabric|dynamics 365|compliance(?: data)?|office apps|license|licence|billing|search|kaizala|yammer|viva \w+|printer|knowledge|attack simulation|insights|network|desktop analytics`) + `|\bglobal reader\b`), but: re(consenting), agent: consents,
			why: "a standing role over a whole service: delegated permissions reach as far as its holder does", instead: "a role on the sites, teams or objects that are meant, and only when used (PIM)"},
	}
}

// offices are the names of all these roles. They name a service without saying that it
// is used: a SharePoint Administrator is no use of SharePoint.
var offices = sync.OnceValue(func() []*find.Pattern {
	var out []*find.Pattern
	for _, s := range administrators() {
		out = append(out, s.line)
	}
	return out
})

// rolesOut takes the names of roles out of a text.
func rolesOut(text string) string {
	lower := strings.ToLower(text)
	if !strings.Contains(lower, "admin") && !strings.Contains(lower, "beheerder") {
		return text
	}
	for _, o := range offices() {
		for _, at := range o.All(lower) {
			if len(lower) == len(text) { // positions are those of the text as well
				text = text[:at[0]] + strings.Repeat(" ", at[1]-at[0]) + text[at[1]:]
			}
		}
	}
	return text
}

// withoutRoles is a line without the names of roles.
func withoutRoles(l plan.Line) plan.Line {
	if text := rolesOut(l.Text); text != l.Text {
		l.Text, l.Lower = text, strings.ToLower(text)
	}
	return l
}

// namesRole says whether a text names any administrator's role.
func namesRole(l plan.Line) bool {
	for _, o := range offices() {
		if l.Has(o) {
			return true
		}
	}
	return false
}
