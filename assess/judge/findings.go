package judge

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// findings gathers what the text, the permissions and what is not said come to.
func findings(p *plan.Plan, a *Assessment) []Finding {
	out := ofText(p, a.Scheme.Taken)
	clashes := contradictions(p, a) // before the permissions: it says what they disagree in
	out = append(out, settled(p)...)
	out = append(out, ofPermissions(a)...)
	out = append(out, unclear(p)...)
	out = append(out, ofFlows(a)...)
	out = append(out, clashes...)
	out = append(out, unsaid(p, a, out)...)
	out = addedUp(p, weighed(p, a, out))
	slices.SortStableFunc(out, func(x, y Finding) int {
		if d := y.Severity.Rank() - x.Severity.Rank(); d != 0 {
			return d
		}
		return first(x.Lines) - first(y.Lines)
	})
	return out
}

// unclear are the permissions of whose denial it could not be told what it denies: they are
// judged as asked for.
func unclear(p *plan.Plan) []Finding {
	var out []Finding
	for _, m := range p.Mentions {
		if !m.Doubtful {
			continue
		}
		i := slices.IndexFunc(out, func(f Finding) bool { return f.About == m.Name })
		if i < 0 {
			i, out = len(out), append(out, Finding{Kind: "denial not understood", Severity: Note, About: m.Name,
				Why:     "the sentence denies something, and it could not be told that it is " + m.Name + " that is not asked for; it is judged as asked for",
				Instead: "say plainly \"" + m.Name + " is not requested\", or leave it out"})
		}
		out[i].Lines = unique(append(out[i].Lines, m.Line))
	}
	return out
}

func first(lines []int) int {
	if len(lines) == 0 {
		return 0
	}
	return lines[0]
}

// settled judges what a manifest states.
func settled(p *plan.Plan) []Finding {
	var out []Finding
	for _, s := range p.Settings {
		switch s.Name {
		case "endDateTime", "endDate":
			end, err := time.Parse(time.RFC3339, s.Value)
			if err == nil && end.Year() >= 2090 {
				out = append(out, Finding{Lines: []int{s.Line}, Kind: secretExpiry, Severity: "critical", Why: fmt.Sprintf("%d is never", end.Year()), Instead: "certificate or federated credential; a secret at most 180 days with a warning"})
			}
		case "response_type":
			if asksToken(s.Value) {
				out = append(out, Finding{Lines: []int{s.Line}, Kind: "sign-in", Severity: "high", Why: "the address asks for response_type=" + s.Value + ": the implicit flow puts access tokens into addresses", Instead: "response_type=code with PKCE"})
			}
		case "oauth2AllowImplicitFlow", "enableAccessTokenIssuance":
			if s.Value == "true" {
				out = append(out, Finding{Lines: []int{s.Line}, Kind: "sign-in", Severity: "high", Why: s.Name + " is true: the registration allows the implicit flow, which puts access tokens into addresses", Instead: "false, and code flow with PKCE"})
			}
		case "signInAudience":
			if strings.Contains(s.Value, "Multiple") || strings.Contains(s.Value, "Personal") {
				out = append(out, Finding{Lines: []int{s.Line}, Kind: "audience", Severity: "medium", Why: "accounts of other organisations may sign in", Instead: "AzureADMyOrg, or publisher verification"})
			}
		}
	}
	return out
}

// asksToken says whether a response_type asks for an access token at once, which is the
// implicit flow (RFC 6749, section 4.2; OpenID Connect Core, section 3.2).
func asksToken(responseType string) bool {
	return slices.Contains(strings.Fields(responseType), "token")
}

// ofPermissions are the findings that judged permissions amount to, one for each
// kind, over all lines; where a gate must tell them apart they name the permission.
func ofPermissions(a *Assessment) []Finding {
	var out []Finding
	at := map[[3]string]int{}
	put := func(kind string, severity Severity, why, instead, about string, lines []int) {
		key := [3]string{kind, why, about}
		if i, again := at[key]; again {
			out[i].Lines = append(out[i].Lines, lines...)
			return
		}
		at[key] = len(out)
		out = append(out, Finding{Lines: slices.Clone(lines), Kind: kind, Severity: severity, Why: why, Instead: instead, About: about})
	}
	for i := range a.Permissions {
		q := &a.Permissions[i]
		if q.Status == plan.Negated {
			put("unneeded permission removed", Good, "the text takes it away or does without it", "", q.Name, q.Lines)
			continue
		}
		if q.Status != plan.Asked && q.Status != plan.Meant {
			continue
		}
		ofDisagreements(q, put)
		if q.Status == plan.Meant {
			continue
		}
		switch {
		case q.Rule == "P1":
			put("path to more privilege", "critical", "it leads to every other right in the tenant", "", "", q.Lines)
		case q.again() != "":
			put("listed twice", "low", "the same permission stands in another row", "", "", q.Lines)
		case len(q.RedundantWith) > 0:
			put("redundant", "medium", q.Name+" beside "+strings.Join(q.RedundantWith, ", "), "", q.Name, q.Lines)
		}
		if full := a.asking("full_access_as_app"); full != nil && q.Scheme == plan.Application && scopable(q.Name) {
			put("redundant", "medium", full.Name+" does the same by another interface", "", q.Name, q.Lines)
		}
		if q.Unneeded != "" && q.TooWide == nil && len(q.RedundantWith) == 0 && q.Rule != "P1" {
			put("unneeded", "medium", q.Unneeded, "", q.Name, q.Lines)
		}
		if q.TooWide != nil {
			put("too wide", "high", "narrower permissions serve the flows", "", "", q.Lines)
		}
		ofReach(q, put)
	}
	for _, u := range a.Unplaced {
		if u.Own {
			put("own API", Note, u.Written+": "+u.Why, "", "", []int{u.Line})
			continue
		}
		put("not placed", "high", u.Written+": "+u.Why, "", "", []int{u.Line})
	}
	for i := range out {
		out[i].Lines = unique(out[i].Lines)
	}
	return out
}

// ofReach are the findings about what a permission reaches.
func ofReach(q *Permission, put func(kind string, severity Severity, why, instead, about string, lines []int)) {
	if q.Name == "full_access_as_app" || strings.HasPrefix(q.Name, "EWS.") {
		put("retired interface", "high", "it is for EWS, which Exchange Online switches off for good on 2027-04-01", "Graph for cloud mailboxes", "", q.Lines)
	}
	if q.Scheme == plan.Application && scopable(q.Name) {
		put(unscoped, "high", "without a scope in Exchange it reaches every mailbox", "the Exchange role "+catalog.ExchangeRole(q.Name)+" with a scope, and no consent in Entra, for both add up", q.Name, q.Lines)
	}
	if q.Name == "Directory.AccessAsUser.All" || q.Name == "user_impersonation" {
		put("impersonation", "critical", "the program is whoever signed in", "", q.Name, q.Lines)
	}
	if q.Name == "Policy.ReadWrite.ConditionalAccess" {
		put("lock-out", "high", "a program that writes Conditional Access can lock everybody out; two emergency accounts must be excluded and checked", "", "", q.Lines)
	}
}

// ofDisagreements turns contradictions into findings.
func ofDisagreements(q *Permission, put func(kind string, severity Severity, why, instead, about string, lines []int)) {
	for _, d := range q.Disagreements {
		switch d.Kind {
		case "no such permission":
			put("misspelt", "high", fmt.Sprintf("%s is not a permission; %s is the nearest name, confidence %s", q.Written, q.Name, q.Confidence), q.Name, q.Name, q.Lines)
		case "cannot serve the use alone": // what it needs beside it is missing, and that is said
		case cannotServe:
			put(cannotServe, "high", q.Name+": "+d.Why, "", q.Name, q.Lines)
		case "reaches something else":
			put("whose data", "medium", d.Why, "", "", q.Lines)
		case "name missing", "name and title disagree", "scheme contradicts", "does not exist in this scheme":
			put(d.Kind, "high", d.Why, "", q.Name, q.Lines)
		case "title and description disagree":
			put(d.Kind, "medium", d.Why, "", "", q.Lines)
		case "title is not the official one", "title out of date":
			put(d.Kind, Note, q.Name+": "+d.Why, "", q.Name, q.Lines)
		default:
			put(d.Kind, "medium", q.Name+": "+d.Why, "", q.Name, q.Lines)
		}
	}
}

// scopable says whether an Exchange role can hold a permission to some mailboxes
// (RBAC for Applications).
func scopable(name string) bool { return catalog.ExchangeRole(name) != "" }

// ofFlows are the findings about what flows need.
func ofFlows(a *Assessment) []Finding {
	var out []Finding
	for _, m := range a.Missing {
		if m.Flow != "" {
			severity := Severity("medium")
			if m.Flow != "unattended" && m.Flow != "sign-in" && !slices.ContainsFunc(a.Permissions, func(q Permission) bool { return slices.Contains(q.flows, m.Flow) }) {
				severity = "high" // nothing that is asked for is for that flow at all
			}
			out = append(out, Finding{Lines: m.Lines, Kind: "permission missing", Severity: severity, Why: m.Flow + " needs " + m.Name, About: m.Name})
		}
	}
	licence := func(id, why string, flows ...string) {
		var lines []int
		for _, f := range a.Flows {
			if slices.Contains(flows, f.ID) {
				lines = append(lines, f.Lines...)
			}
		}
		if len(lines) > 0 {
			out = append(out, Finding{Lines: unique(lines), Kind: "licence", Severity: "medium", Why: why, About: id})
		}
	}
	licence("Entra ID P2", "risk detections and risky users in full need Entra ID P2; without it they are empty or refused, not fine", "risk")
	licence("Entra ID P1", "Conditional Access, the sign-in log and the registration report need Entra ID P1", "conditional access", "sign-in log", "methods", "policies")
	licence("Bookings", "Bookings needs a Microsoft 365 Business Standard, Premium, E3 or E5 class licence", "bookings")
	return out
}

var care = sync.OnceValue(func() [4]*find.Pattern {
	return [4]*find.Pattern{
		re(`encrypt|\bTLS\b|verschlüssel|chiffr|krypter|versleutel|cifr`),
		re(`retention|retain|kept for|delet\w+ after|aufbewahr|conserv|lösch`),
		re(`\bGDPR\b|\bDSGVO\b|\bRGPD\b|\bSOX\b|data protection|datenschutz|privacy`),
		re(`secret|certificate|credential|zertifikat|certificat|federated|geheim|clientschlüssel|hemmelig|hemlig|klientnøgle`),
	}
})

// unsaid are the things that a plan in prose leaves out.
func unsaid(p *plan.Plan, a *Assessment, have []Finding) []Finding {
	if p.Format == "manifest" || p.Format == "url" || p.Format == "csv" || p.Format == plan.Declared {
		return nil
	}
	var spoken [4]bool
	for _, l := range p.Text {
		for i, c := range care() {
			spoken[i] = spoken[i] || l.Has(c)
		}
	}
	var out []Finding
	lines := unique([]int{1, max(1, p.Lines)})
	keys := slices.ContainsFunc(a.Permissions, func(q Permission) bool { return q.asked() && (q.Rule == "P1" || q.Rule == "P2") })
	switch nothing := !spoken[0] && !spoken[1] && !spoken[2]; {
	case nothing && !spoken[3] && keys:
		out = append(out, Finding{Lines: lines, Kind: "secret, encryption, retention, laws", Severity: "high", Why: "nothing in the whole text, for a program with keys to the tenant"})
	case nothing:
		out = append(out, Finding{Lines: lines, Kind: "encryption, retention, laws", Severity: "medium", Why: "nothing in the whole text"})
	}
	if !spoken[3] && len(a.Permissions) > 0 && (len(out) == 0 || out[0].Kind != "secret, encryption, retention, laws") {
		at := linesWith(p, signing()[0])
		if len(at) == 0 {
			at = lines
		}
		out = append(out, Finding{Lines: at, Kind: "credential", Severity: "medium", Why: "nothing is said about secret or certificate and its expiry", Instead: "certificate or federated credential"})
	}
	if !a.Scheme.Stated && slices.ContainsFunc(a.Permissions, func(q Permission) bool {
		return q.Status != plan.Negated && q.OtherScheme != nil && q.OtherScheme.Exists
	}) {
		out = append(out, Finding{Lines: introduced(p, a), Kind: "scheme not stated", Severity: "high", Why: "no entry says delegated or application; classes depend on it"})
	}
	return append(out, schemeSaidTwice(p, a)...)
}

// schemeSaidTwice compares the schemes that lines without a permission name.
func schemeSaidTwice(p *plan.Plan, a *Assessment) []Finding {
	f := otherScheme(p, a)
	if f == nil {
		return nil
	}
	for i := range a.Permissions {
		if q := &a.Permissions[i]; q.asked() {
			q.add([]string{"scheme", "text"}, f[0].Kind, f[0].Why)
		}
	}
	return f
}

func otherScheme(p *plan.Plan, a *Assessment) []Finding {
	if slices.ContainsFunc(a.Permissions, func(q Permission) bool { return q.Status == plan.Asked && q.Scheme != a.Scheme.Taken }) {
		return nil
	}
	d, o := re(`delegated permissions?`), re(`application permissions?`)
	var own, other []int
	if a.Scheme.Taken == plan.Application {
		d, o = o, d
	}
	for i := range p.Text {
		l := &p.Text[i]
		switch dd, oo := l.Has(d), l.Has(o); {
		case dd && !oo:
			own = append(own, onLine(l, d))
		case oo && !dd:
			other = append(other, onLine(l, o))
		}
	}
	if len(own) == 0 || len(other) == 0 {
		return nil
	}
	return []Finding{{Lines: unique(append(own, other...)), Kind: "scheme contradicts", Severity: "high", Why: "one scheme in some lines, the other in others"}}
}

// weighed drops the findings that others take the ground from: a promise that is
// kept, a contradiction with one side only.
func weighed(p *plan.Plan, a *Assessment, all []Finding) []Finding {
	wide := slices.ContainsFunc(a.Permissions, func(q Permission) bool { return q.TooWide != nil || q.asked() && q.Rule == "P1" })
	secret := slices.ContainsFunc(all, func(f Finding) bool {
		return f.Kind == "secret" || f.Kind == "secret handling" || f.Kind == secretExpiry
	})
	for i := range all {
		if all[i].Kind == everything && slices.ContainsFunc(a.Permissions, func(q Permission) bool { return q.asked() }) {
			all[i].Severity = "medium" // what is listed can be judged, and the rest is said
		}
	}
	return slices.DeleteFunc(all, func(f Finding) bool {
		switch f.Kind {
		case "promise not kept":
			return !wide
		case "client type contradicts":
			return !secret
		case "promise kept":
			return a.Scheme.Taken != plan.Delegated
		}
		return false
	})
}
