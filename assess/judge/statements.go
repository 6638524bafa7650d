package judge

import (
	"slices"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/speech"
	"github.com/graphwarden/graphwarden/assess/tongue"
)

// statement is something that a plan's text says beside permissions, and what is to
// be said about it.
type statement struct {
	kind     string
	severity Severity
	line     *find.Pattern
	but      *find.Pattern // sentences that it is not, though they fit
	butLine  *find.Pattern // the same of whole lines
	why      string
	instead  string
	about    string
	rest     bool // only lines that no statement of its kind before it has
	// either: said in the affirmative or denied, it is to be judged.
	either bool
	// own: the words deny by themselves, as in "never expires".
	own bool
	// agent says whether at a place of a line it is named as who acts, not as what is had.
	agent func(lower string, at int) bool
	// secrets: it is a fault of secrets alone; of what else it is said is to be asked.
	secrets bool
	// of is what "it" must be in such a line: the nearest of what is named before it.
	of *find.Pattern
}

// The kinds of findings that forbid a plan whatever its permissions.
const (
	passwordFlow = "password flow"
	secretExpiry = "secret expiry"
	adminRoles   = "administrator roles"
	everything   = "scope .default"
	configured   = "consent to what is configured"
)

var statements = sync.OnceValue(func() []statement {
	return slices.Concat(signInStatements(), administrators(), secretStatements(), careStatements())
})

func signInStatements() []statement {
	return []statement{
		{kind: passwordFlow, severity: "critical", line: re(`\bROPC\b|resource owner password|password grant|grant_type=password|user ?name and password|(?:passwords?|kennwort|passwort) (?:of the|des) (?:user|account|kontos)` + tongue.Also("password flow")), but: re(`without (?:a )?password`),
			why: "the password is handed to the program; it fails with MFA and Conditional Access, and for passwordless and most federated accounts", instead: "code flow with PKCE, device code where there is no browser, or application permissions with a certificate"},
		{kind: "sign-in", severity: Good, line: re(`\bPKCE\b`), why: "code flow with PKCE: no password passes through the program"},
		{kind: "sign-in", severity: "high", line: re(`implicit (?:flow|grant)`), why: "the implicit flow puts tokens into addresses", instead: "code flow with PKCE"},
		{kind: "impersonation", severity: "high", line: re(`\bimpersonat|applicationimpersonation` + tongue.Also("impersonation")), but: re(`user_impersonation|directory\.accessasuser|impersonat\w+ (?:as|of) the (?:signed.in )?user`), why: "an account that stands for others reaches every mailbox of its scope; the role does not work in Exchange Online any more", instead: "each user's own sign-in; unattended access by an Exchange role for the application, with a scope"},
		{kind: "retired interface", severity: "high", line: re(`\bEWS\b(?:[^.]|\.\W|\.?$)|exchange web services`), but: re(`replaces EWS`), why: "Exchange Online switches EWS off tenant by tenant from 2026-10-01 and for good on 2027-04-01", instead: "Graph for cloud mailboxes, EWS for on-premises only"},
		{kind: "retired interface", severity: "high", line: re(`azure ad graph|graph\.windows\.net`), but: re(`instead of|replac`), why: "Azure AD Graph is retired", instead: "Microsoft Graph"},
		{kind: "client type contradicts", either: true, severity: "high", line: re(`public client|treat application as a public client`), why: "a public client cannot hold a secret; where both are asked for, one of them is wrong"},
		{kind: "conditional access", either: true, severity: "medium", line: re(`conditional access` + tongue.Also("conditional access")), but: re(`\|`), why: "it needs Entra ID P1 for those who sign in; it is set by an administrator and needs no permission of the product"},
		{kind: "push", either: true, severity: Note, line: re(`push notification`), why: "a subscription needs a public address or streaming, renewal, and a sweep for what is lost"},
		{kind: "on-premises", severity: Note, line: re(`on-premises?\b` + tongue.Also("on-premises")), why: "OAuth for mailboxes on premises needs hybrid modern authentication; otherwise passwords"},
	}
}

func secretStatements() []statement {
	return []statement{
		{kind: everything, severity: "high", line: re(`[\w}/]/\.default\b|%2F\.default\b|["'\s=]\.default\b`), why: "a scope that ends in /.default means every permission of that API that was ever consented to for the app: which these are stands in no plan, so that what is not listed here cannot be judged", instead: "each permission by its name; graphwarden grants shows what a tenant consented to"},
		{kind: configured, severity: "high", line: re(`/adminconsent\b`), but: re(`/adminconsent\S*\bscope=`), why: "an administrator who opens the address consents to everything that the registration is configured to ask for, now and whenever it is opened: what that is stands in the registration and not in the address", instead: "the version 2.0 of the address with each permission in scope=; graphwarden grants shows what a tenant consented to"},
		{kind: secretExpiry, own: true, secrets: true, severity: "critical", line: re(endless + tongue.Also("secret expiry")),
			why: "a secret that never expires is never changed; the portal caps it at 24 months", instead: "certificate or federated credential; a secret at most 180 days with a warning"},
		{kind: secretExpiry, severity: "high", line: re(`expires to a value|any (?:expiry|expiration)|expiry of your choice`), why: "any term is allowed", instead: "certificate; a secret at most 180 days with a warning"},
		{kind: "secret handling", severity: "high", line: re(`(?:text editor|notepad|e-?mail) for later|send us the (?:client )?secret|secret .{0,30}by e-?mail|paste .{0,20}text editor` + tongue.Also("secret handling")), of: secretly(),
			why: "the secret is parked where others find it", instead: "straight into a vault"},
		{kind: "secret handling", severity: "high", line: re(`\bsecrets?\b[^.;]{0,60}\b(?:e-?)?mailed\b|\bit (?:is|will be|gets) (?:e-?)?mailed\b|\b(?:e-?)?mail(?:s|ing)? (?:you |us |them )?(?:the |its |their |a )?(?:new )?(?:client |app(?:lication)? )?secret\b`), rest: true, of: secretly(),
			why: "the secret lies in mailboxes, for as long as it is valid", instead: "straight into a vault"},
		{kind: "secret term", severity: "medium", line: re(longTerm + tongue.Also("secret term")),
			why: "a secret of more than 180 days outlives those who know it, and 24 months are the most that the portal allows, not what it advises", instead: "certificate or federated credential; a secret at most 180 days with a warning"},
		{kind: "secret", severity: "medium", line: re(`note down .{0,60}secret|new client secret|copy the (?:client )?secret` + tongue.Also("secret")), why: "a secret is carried by hand", instead: "certificate or vault"},
		{kind: "password by mail", severity: "high", line: re(`(?:sending|send|mail)\w* (?:a )?(?:password reset|new password|password) `), why: "a password travels by mail", instead: "a link or temporary access pass shown once"},
		{kind: "single tenant", severity: Good, line: re(`single.tenant|this organizational directory only` + tongue.Also("single tenant")), butLine: re(`multi-?tenant|\bor\b`), why: "accounts of this organisation only"},
		{kind: "tenants", severity: "medium", line: re(`multi-?tenant|any organizational directory|AzureADMultipleOrgs` + tongue.Also("tenants")), why: "several organisations: publisher verification and a consent in each of them are needed"},
		{kind: "redirect", severity: Note, line: re(`redirect (?:uri|url|address)`), why: "an exact redirect address is needed for the code flow, none where nobody signs in"},
		{kind: "restriction optional", either: true, severity: "high", line: re(`if desired.{0,40}(?:permission|restrict)|(?:can|may) be (?:further )?restricted|optionally restrict`), why: "mailboxes are restricted only if somebody wants it", instead: "RBAC for Applications with a scope, mandatory; remove the consent in Entra, for both add up"},
		{kind: "legacy way", severity: "medium", line: re(`application ?access ?polic|restrict azure app registration`), why: "application access policies are replaced by RBAC for Applications, and need up to two hours to work"},
		{kind: "admin consent", severity: Note, line: re(`grant admin consent` + tongue.Also("admin consent")), why: "application permissions of Graph are granted by a Privileged Role Administrator or Global Administrator"},
		{kind: "separate registrations", severity: Good, line: re(`(?:two|separate|own) (?:azure )?app registrations`), why: "each purpose has a registration of its own; a leak of one does not open the other"},
		{kind: "account outside governance", severity: "medium", line: re(`free azure account`), why: "a free account is a tenant of its own with its own terms"},
	}
}

func careStatements() []statement {
	const bare = `\bunencrypted\b|\bnot (?:\w+ )?encrypted|without (?:any )?encryption|no encryption|in (?:clear|plain) ?text`
	const forever = `\b(?:for ?ever|indefinitely|in perpetuity|permanently (?:stored|kept|retained|archived))\b|never (?:be )?(?:deleted|erased|purged|removed)|(?:unlimited|indefinite|infinite|no limit (?:on|to)) retention|retention: ?(?:unlimited|none|never|infinite)|without (?:a )?(?:time )?limit`
	return []statement{
		{kind: "encryption", either: true, severity: "high", line: re(bare + tongue.Also("unencrypted")), but: re(`(?:never|not|no) (?:\w+ ){0,3}(?:unencrypted|in (?:clear|plain) ?text)`), why: "data of the tenant lie or travel in the open: whoever reaches the disk, the backup or the line has them", instead: "TLS 1.2 or later on every way, encryption at rest, keys apart from the data"},
		{kind: "retention", either: true, severity: "high", line: re(forever + tongue.Also("forever")), but: re(`(?:never|not) (?:\w+ ){0,3}(?:for ?ever|indefinitely)`), why: "what is kept without a term is kept beyond its purpose, and each leak holds all of it", instead: "a term for each kind of data, and deletion that is proven"},
		{kind: "encryption", either: true, severity: "low", line: re(`\bTLS\b|encrypt|verschlüssel|chiffr` + tongue.Also("encryption")), rest: true, why: "what is said of encryption is to be checked for data at rest, tokens and keys as well; a least version must be configured"},
		{kind: "laws", either: true, severity: "medium", line: re(`\bGDPR\b|\bDSGVO\b|\bRGPD\b|\bSOX\b|\bHIPAA\b|ISO ?27001|SOC ?2` + tongue.Also("laws")), why: "a law is named without a clause, a record or a control"},
		{kind: "retention", severity: "medium", line: re(`retention|retain|kept for|aufbewahr|conserv|logging of all data|sensitive customer data` + tongue.Also("retention")), rest: true, but: re(`\d+ (?:days|months|years|tage|jours)` + tongue.Also("term")), why: "no term of keeping and no deletion is given"},
		{kind: "audit", either: true, severity: Note, line: re(`audit log(?:ging|s)?:|audit logging`), why: "the product's own log needs no permission"},
		{kind: "review", severity: Good, line: re(`(?:regular|periodic|quarterly|annual) (?:security )?reviews?|permission audits` + tongue.Also("review")), why: "reviews are demanded; an interval belongs beside it"},
		{kind: "criticality", either: true, severity: Note, line: re(`business critical|mission critical`), why: "outage and revocation must be planned"},
		{kind: "promise not kept", either: true, severity: "high", line: re(`least.privilege|without granting excessive|minimum permissions|only the permissions` + tongue.Also("least privilege")), why: "least privilege is promised, and permissions are wider than their use"},
		{kind: "promise checked", either: true, severity: "medium", line: re(`no additional rights`), why: "the consent itself grants rights"},
		{kind: "promise kept", either: true, severity: Good, line: re(`only the (?:calendar|mail|e-?mail|files?).{0,40}(?:particular|own|signed)`), why: "delegated permissions hold the product to the signed-in user's data"},
		{kind: "promise too wide", severity: "medium", line: re(`all data available|accessing all data`), why: "all data of the cloud services are more than any flow needs"},
		{kind: "age", either: true, severity: Note, line: re(`azure ad\b|azure active directory|last modified by .* on 20[012]\d`), why: "written for Azure AD: it is Entra ID now, and the portal has changed"},
		{kind: "link", either: true, severity: Note, line: re(`go\.microsoft\.com/fwlink|aka\.ms/`), why: "a short address of the portal; it may change"},
		{kind: "licence", either: true, severity: Note, line: re(`licen[cs]e with mailbox|valid licen[cs]e` + tongue.Also("licence")), why: "the account needs a licence with a mailbox"},
		{kind: "permission not named", either: true, severity: "high", line: re(`select the (?:relevant )?permissions|select the relevant permissions|permissions? (?:required|needed) (?:for using|as appropriate)|all (?:required|necessary) permissions`), why: "the reader is told to choose the permissions; the plan should name each of them"},
	}
}

// TextRule is what a text is judged by beside its permissions.
type TextRule struct {
	Kind     string
	Severity Severity
	Why      string
	Instead  string
}

// TextRules are all of them, in the order in which they are tried.
func TextRules() []TextRule {
	var out []TextRule
	for _, s := range statements() {
		out = append(out, TextRule{s.kind, s.severity, s.why, s.instead})
	}
	return out
}

// endless are the English words of a secret without an end.
const endless = `\bnever[- ]expir|(?:select|choose|pick)\W+never\b|(?:\bset\b|expir\w*|validity|lifetime|\bvalid|secret|key|certificate|credential)\b[^.;]{0,40}\bnever\b["'*\x60)]*\s*(?:$|[.,;|(])|(?:does|do|will) not expire|without (?:an? )?expir|\bno expir(?:y|ation)\b|` +
	`(?:secret|key|certificate|credential|client)\W(?:\w+\W)?(?:expir\w*|validity|lifetime)(?: date| period)?\s*[:=|–-]+\s*(?:none|no|unlimited|infinite|n/a)\b|(?:expir\w*|validity|lifetime)(?: date| period)?\s*[:=|]+\s*(?:none|unlimited|infinite)\b`

// longTerm are the words of a secret that is valid for more than half a year.
const longTerm = `\b(?:secrets?|client ?key)\b[^.;]{0,40}\b(?:valid|validity|expir\w*|lifetime|lasts?|term|rotat\w*|renew\w*|replac\w*|chang\w*)\b[^.;]{0,30}(?:` + long + `)|(?:` + long + `) (?:client |app(?:lication)? )?secrets?\b|\bsecrets?\b[^.;|]{0,15}[|:=–-] ?(?:` + long + `)`

// long are terms of more than 180 days.
const long = `\b(?:[7-9]|[1-9]\d)[- ]?months?\b|\b(?:\d|one|two|three|ten)[- ]years?\b|\b(?:18[1-9]|19\d|[2-9]\d\d|\d{4})[- ]?days?\b|\b(?:twelve|eighteen|twenty-?four)[- ]months?\b`

// secretly are the words by which secrets are told from what may be seen.
func secretly() *find.Pattern {
	return re(`secret|password|credential|private key|geheim|schlüssel|kennwort|passwort|hemmelig|hemlig|adgangskode|mot de passe|contraseña|wachtwoord`)
}

var places = sync.OnceValue(func() *find.Pattern {
	return re(`\bids?\b|identifier|\burls?\b|address|kennung|identifiant|identificador`)
})

// ofText finds the statements of the text. Of what could be a statement or its denial a
// question is made.
func ofText(p *plan.Plan, taken plan.Scheme) []Finding {
	var out []Finding
	said := map[string]map[int]bool{} // of a kind, which texts have a finding
	for _, s := range statements() {
		if said[s.kind] == nil {
			said[s.kind] = map[int]bool{}
		}
		f := Finding{Kind: s.kind, Severity: s.severity, Why: s.why, Instead: s.instead, About: s.about}
		open := f.asked()
		var of []int
		for i := range p.Text {
			l := &p.Text[i]
			at, is := s.in(l, answerTo(p.Text, i))
			if is == notSaid || s.of != nil && !speaksOf(s.of, p.Text, i) || s.rest && said[s.kind][i] {
				continue
			}
			if is == perhapsSaid {
				open.Lines = append(open.Lines, l.On(at))
			} else {
				f.Lines = append(f.Lines, l.On(at))
			}
			of = append(of, i)
		}
		for _, i := range of {
			said[s.kind][i] = true
		}
		if len(f.Lines) > 0 {
			if s.kind == "redirect" && taken == plan.Application {
				f.Severity, f.Why = Good, "nobody signs in, and no redirect address is set"
			}
			f.Lines = unique(f.Lines)
			out = append(out, f)
		}
		if len(open.Lines) > 0 && f.Severity.Rank() >= Medium.Rank() {
			open.Lines = unique(open.Lines)
			out = append(out, open)
		}
	}
	return out
}

// asked is a finding of which it cannot be told whether the text says or denies it.
func (f Finding) asked() Finding {
	f.Severity, f.Instead = "medium", "say plainly whether it is so"
	f.Why = "it cannot be told whether the sentence says or denies it; if it is so: " + f.Why
	return f
}

// saying is whether a line makes a statement.
type saying int

const (
	notSaid saying = iota
	perhapsSaid
	isSaid
)

// in says whether a line makes the statement, and at which byte: the first place where it
// is neither denied nor asked and answered with no, in a sentence that is none of those
// that it is not; else the first of which that cannot be told.
func (s statement) in(l *plan.Line, answer string) (int, saying) {
	found := l.All(s.line)
	if len(found) == 0 || s.butLine != nil && l.Has(s.butLine) {
		return 0, notSaid
	}
	at, is := 0, notSaid
	for _, m := range found {
		if s.but != nil && s.but.MatchString(sentenceOf(l, m[0], m[1])) || s.agent != nil && s.agent(l.Lower, m[0]) {
			continue
		}
		if s.either {
			return m[0], isSaid
		}
		denial := speech.Fact(l.Lower, m[0], m[1])
		if denial == speech.DeniesAsking || !s.own && speech.Any(l.Lower[m[0]:m[1]]) || s.answered(l.Lower[m[1]:], answer) {
			continue
		}
		if denial == speech.NoDenial && (!s.secrets || ofSecrets(l.Lower, m[0], m[1])) {
			return m[0], isSaid
		}
		if is == notSaid {
			at, is = m[0], perhapsSaid
		}
	}
	return at, is
}

// sentenceOf is the sentence of a text in which a stretch stands; a row of a table is one.
func sentenceOf(l *plan.Line, from, to int) string {
	if l.Kind == plan.Cells {
		return l.Lower
	}
	begin, end := 0, len(l.Lower)
	for _, stop := range []string{". ", "! ", "? ", ".\n", "!\n", "?\n"} {
		if i := strings.LastIndex(l.Lower[:from], stop); i >= 0 {
			begin = max(begin, i+len(stop))
		}
		if i := strings.Index(l.Lower[to:], stop); i >= 0 {
			end = min(end, to+i+1)
		}
	}
	return l.Lower[begin:end]
}

// answered says whether a statement stands in a question whose answer is no, or speaks of
// it again and decides.
func (s statement) answered(rest, answer string) bool {
	i := strings.IndexAny(rest, ".!?")
	if i < 0 || rest[i] != '?' {
		return false
	}
	if own := strings.TrimSpace(rest[i+1:]); own != "" {
		answer = own
	}
	return speech.SaysNo(answer) || s.line.MatchString(answer)
}

// answerTo is the line after a question.
func answerTo(text []plan.Line, i int) string {
	if i+1 < len(text) && strings.Contains(text[i].Text, "?") {
		return text[i+1].Text
	}
	return ""
}

// back is how many lines before a line may say what it calls "it".
const back = 6

// speaksOf says whether a line speaks of something: it names it, or it names nothing and
// the nearest line before it that names anything does.
func speaksOf(of *find.Pattern, text []plan.Line, i int) bool {
	for j := i; j >= max(0, i-back); j-- {
		switch l := &text[j]; {
		case l.Has(of):
			return true
		case l.Has(places()):
			return false
		}
	}
	return true
}
