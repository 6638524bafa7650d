package judge

import (
	"slices"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
)

const (
	gdpr  = "GDPR"
	sox   = "SOX"
	cis   = "CIS Microsoft 365 Foundations v6.0.1"
	scuba = "CISA SCuBA"
)

// facts for the consequences: what the assessment found.
type found struct {
	a                                       *Assessment
	wide, personal, bodies, behaviour, path bool
	many                                    bool // tenants
	application, delegated, global          bool
}

func gather(p *plan.Plan, a *Assessment) found {
	f := found{a: a}
	for i := range a.Permissions {
		q := &a.Permissions[i]
		if !q.asked() {
			continue
		}
		kind := kindOf(subjectOf(q.Name, q.Scheme))
		f.wide = f.wide || q.Unneeded != "" || len(q.RedundantWith) > 0
		f.personal = f.personal || kind != identity && kind != company
		f.bodies = f.bodies || kind == letters && !strings.Contains(q.Name, "Send")
		f.behaviour = f.behaviour || kind == defences || kind == diaries && q.Scheme == plan.Application
		f.path = f.path || q.Rule == "P1" || q.Rule == "P2"
		f.application = f.application || q.Scheme == plan.Application
		f.delegated = f.delegated || q.Scheme == plan.Delegated
	}
	f.global = slices.ContainsFunc(a.Findings, func(x Finding) bool { return x.Kind == adminRoles && x.About != "" })
	f.many = slices.ContainsFunc(p.Text, func(l plan.Line) bool { return l.Has(processor()) })
	return f
}

// processor are words of a product that serves many tenants.
var processor = sync.OnceValue(func() *find.Pattern {
	return re(`\bfor (?:a|each|every) tenant|\b(?:by|in) the tenant\b|each tenant|managed tenants|customers'? tenants`)
})

func (f found) finding(kinds ...string) bool {
	return slices.ContainsFunc(f.a.Findings, func(x Finding) bool { return slices.Contains(kinds, x.Kind) && x.Severity.Rank() > 0 })
}

func (f found) flow(ids ...string) bool {
	return slices.ContainsFunc(f.a.Flows, func(x Flow) bool { return slices.Contains(ids, x.ID) })
}

// consequences are what laws, controls and benchmarks make of the plan.
func consequences(p *plan.Plan, a *Assessment) []Consequence {
	f := gather(p, a)
	var out []Consequence
	for _, c := range []struct {
		when             bool
		law, clause, why string
	}{
		{f.wide || f.finding("permission not named", "too wide"), gdpr, "Art. 5(1)(c)", "minimisation: permissions without a flow, covered by others, or with a narrower answer"},
		{f.personal && f.finding("retention", "encryption, retention, laws", "secret, encryption, retention, laws"), gdpr, "Art. 5(1)(e)", "no term of keeping"},
		{f.finding(passwordFlow, "impersonation", "secret handling", "retired interface"), gdpr, "Art. 5(1)(f) and 32", "integrity: passwords, impersonation, secrets in the open or an interface that ends"},
		{f.finding("whose data"), gdpr, "Art. 6 and 13/14", "whose data on which ground: those whose data are opened are told nothing in the text"},
		{f.wide || f.flow("inbox") || f.finding(unscoped, addsUp, "restriction optional"), gdpr, "Art. 25(2)", "by default only what each purpose needs: narrower permissions or scopes exist"},
		{f.personal, gdpr, "Art. 28", "if its maker or a provider runs the product, they process on behalf: a contract is needed"},
		{f.personal && !f.many, gdpr, "Art. 30", "record of the processing: purposes, categories, recipients, terms"},
		{f.personal && f.many, gdpr, "Art. 30(2)", "record of the processor, by tenant; each tenant keeps that of Art. 30(1)"},
		{!f.finding(passwordFlow, "impersonation", "secret handling", "retired interface") && f.finding("credential", secretExpiry, "encryption", "encryption, retention, laws", "secret, encryption, retention, laws", adminRoles), gdpr, "Art. 32", "at rest, keys, credentials and their term"},
		{f.bodies || f.behaviour || f.flow("inbox", "mail", "bookings"), gdpr, "Art. 35", "impact assessment: content or behaviour of many people"},
		{f.behaviour && f.application, gdpr, "Art. 88", "rules of employment and works council"},
		{f.bodies || f.path, sox, "302, 404", "access to financial correspondence and documents, and who may change it, must be controlled and reviewed"},
		{f.application || f.path || f.finding(secretExpiry, passwordFlow), sox, "404 (access controls)", "owner, term and review of the registration"},
		{f.path || f.finding("permission not named"), sox, "404 (change controls)", "changes of permissions need approval, evidence and review at an interval"},
		{f.global, cis, "1.1.1", "administrative accounts are cloud-only"},
		{f.finding("lock-out"), cis, "1.1.2", "two emergency accounts, excluded from what the product writes"},
		{f.global, cis, "1.1.3", "two to four Global Administrators: the account counts"},
		{f.flow("inbox"), cis, "1.2.2", "sign-in to shared mailboxes stays blocked"},
		{f.flow("audit state"), cis, "3.1.1", "audit log search is on"},
		{len(a.Permissions) > 0, cis, "5.1.5.1", "users must not consent to this themselves"},
		{len(a.Permissions) > 0, cis, "5.1.5.2", "admin consent workflow for the request"},
		{f.finding(passwordFlow), scuba, "MS.AAD.3.1v1", "phishing-resistant MFA, which the password flow cannot do"},
		{f.finding("permission not named"), scuba, "MS.AAD.5.1v1", "only administrators register applications"},
		{len(a.Permissions) > 0, scuba, "MS.AAD.5.2v1", "only administrators consent"},
		{f.global, scuba, "MS.AAD.7.1v1", "number of Global Administrators"},
		{f.global, scuba, "MS.AAD.7.2v1", "finer roles instead of Global Administrator"},
	} {
		if c.when {
			out = append(out, Consequence{c.law, c.clause, c.why})
		}
	}
	return out
}
