package judge

import (
	"slices"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// linesWith are the lines that a pattern is found in.
func linesWith(p *plan.Plan, r *find.Pattern) []int {
	var lines []int
	for i := range p.Text {
		if l := &p.Text[i]; l.Has(r) {
			lines = append(lines, onLine(l, r))
		}
	}
	return unique(lines)
}

// onLine is the line of the document on which what a pattern finds in a text begins.
func onLine(l *plan.Line, r *find.Pattern) int {
	if at := r.All(l.Lower); len(at) > 0 {
		return l.On(at[0][0])
	}
	return l.Number
}

// introduced are the lines that introduce the permissions: the first that speaks of
// them and the last before they begin.
func introduced(p *plan.Plan, a *Assessment) []int {
	if len(a.Permissions) == 0 {
		return []int{1}
	}
	begin := a.Permissions[0].first()
	about := re(`permission|scope`)
	var lines []int
	for i := range p.Text {
		if l := &p.Text[i]; l.Number < begin && l.Has(about) && (len(lines) == 0 || l.Kind == plan.Paragraph) {
			lines = append(lines, onLine(l, about))
		}
	}
	if len(lines) == 0 {
		return []int{begin}
	}
	return unique([]int{lines[0], lines[len(lines)-1]})
}

type clashes struct {
	own, impersonated, elsewhere, flow, exclusive, mails, roles, added, consent, enterprise, closed *find.Pattern
}

var clash = sync.OnceValue(func() clashes {
	return clashes{
		own:          re(`only the (?:calendar|mail|e-?mail|files?)`),
		impersonated: re(`\bimpersonat`),
		elsewhere:    re(`(?:meetings?|appointments?) (?:are|is) created in|method on the appointment class|create and manage calendar meetings`),
		exclusive:    re(`\bexclusively\b|\bonly within\b`),
		mails:        re(`send (?:e-?mails|mails)|sends (?:e-?mails|mails)`),
		roles:        re(`\brole`),
		added:        re(`add permissions|permissions.{0,40}added|will be activated|will be refreshed|access permissions allow`),
		consent:      re(`admin(?:istrator)?'?s? consent`),
		enterprise:   re(`enterprise application|oauth|\blog in\b|single sign|sign(?:ing)? (?:users?|you) in`),
		flow:         re(`\bPKCE\b|code flow|device code|ROPC|client credentials|implicit`),
		closed:       re(`^[\s|.\-]*$`),
	}
})

// contradictions are the findings that compare lines with lines and with permissions.
func contradictions(p *plan.Plan, a *Assessment) []Finding {
	c := clash()
	var out []Finding
	put := func(kind string, severity Severity, why string, lines ...int) {
		if len(lines) > 0 {
			out = append(out, Finding{Lines: unique(lines), Kind: kind, Severity: severity, Why: why})
		}
	}
	own, imp := linesWith(p, c.own), linesWith(p, c.impersonated)
	if len(own) > 0 && len(imp) > 0 {
		put("contradiction", "high", "only the user's own data are said to be touched, but impersonation reaches every mailbox of its scope", append(own, imp...)...)
	}
	ews, calendars := a.asking("EWS."), a.asking("Calendars.")
	if ews != nil && calendars != nil {
		ews.add([]string{"name", "use"}, "overlap", "calendars are opened a second time by "+calendars.Name)
		put("overlap", "medium", "calendars through two interfaces", append(slices.Clone(ews.Lines), calendars.Lines...)...)
		if made := linesWith(p, c.elsewhere); len(made) > 1 {
			calendars.add([]string{"use", "text"}, "contradiction", "one line lets Graph create meetings, another the library of EWS")
			put("contradiction", "medium", "meetings come from two interfaces", made...)
		}
	}
	if ews != nil {
		ews.add([]string{"name", "use"}, "wider than the use", "it is the whole mailbox, with contacts, tasks, rules and sending")
	}
	if send := a.asking("Mail.Send"); send != nil && c.exclusive.MatchString(send.use) {
		if more := linesWith(p, c.mails); len(more) > 0 {
			send.add([]string{"use", "text"}, "contradiction", "said to be used for one purpose alone; other lines name more")
			put("contradiction", "medium", "exclusive use against a list of several mails", append(slices.Clone(send.Lines), more...)...)
		}
	}
	if f := a.flow("unattended"); f != nil {
		for i := range a.Permissions {
			if q := &a.Permissions[i]; q.asked() && strings.HasPrefix(q.Name, "Mail.") && watching().MatchString(q.use) {
				q.add([]string{"use", "scheme"}, "cannot serve the use alone", "watching without anybody present needs offline_access beside it")
			}
		}
	}
	gaps(p, a, put)
	return out
}

// gaps are the findings about what should stand beside what is there.
func gaps(p *plan.Plan, a *Assessment, put func(kind string, severity Severity, why string, lines ...int)) {
	c := clash()
	var privileged []int
	for i := range a.Permissions {
		if q := &a.Permissions[i]; q.asked() && q.Rule == "P1" && q.Scheme == plan.Delegated {
			privileged = append(privileged, q.Lines...)
		}
	}
	if len(privileged) > 0 && !slices.ContainsFunc(p.Text, namesRole) {
		put(adminRoles, "high", "critical delegated permissions work only if the signed-in person holds administrator roles; none is named", append(linesWith(p, c.roles), privileged[0])...)
	}
	if docs, files := a.flow("documents"), a.asking("Files."); docs != nil && files != nil && a.asking("Sites.") == nil {
		put("SharePoint by Files", "medium", "SharePoint is named, but no Sites permission is asked for: Files permissions are a way round", docs.Lines...)
	}
	if len(linesWith(p, c.consent)) == 0 {
		put("admin consent", "medium", "no step of consent is told; tenants often forbid users to consent", linesWith(p, c.added)...)
	}
	if f := a.flow("bookings"); f != nil && f.scheme == plan.Delegated {
		put("administrator of the business", "medium", "delegated access works only for staff with rights in that booking business", append(linesWith(p, re(`delegated permissions`)), f.Lines...)...)
	}
	if a.Scheme.Taken == plan.Delegated && len(linesWith(p, c.flow)) == 0 && p.Format != "manifest" && p.Format != plan.Declared {
		put("sign-in", "medium", "no flow is named by which people sign in (code, PKCE)", linesWith(p, c.enterprise)...)
	}
	put("numbering", Note, "two steps carry one number: one of them, or a step between them, is missing", numbered(p)...)
	put("columns", Note, "tables of one kind have different columns: what a cell holds must be guessed", columns(p)...)
	if n := len(p.Text); n > 0 && p.Text[n-1].Kind == plan.Cells && c.closed.MatchString(p.Text[n-1].Text) || n > 0 && p.Text[n-1].Text == "|" {
		put("cut off", Note, "the document ends in the middle", p.Text[n-1].Number)
	}
	var classed []int
	for i := range a.Permissions {
		if a.Permissions[i].OwnClass != nil {
			for _, l := range p.Text {
				if l.Has(ownClasses()) && (l.Kind == plan.Heading || strings.HasSuffix(l.Text, ":")) {
					classed = append(classed, l.Number)
				}
			}
			break
		}
	}
	put("classes given by the text", Note, "compared with the rules one by one", classed...)
}

// asking finds the first asked permission whose name begins so.
func (a *Assessment) asking(begin string) *Permission {
	for i := range a.Permissions {
		if q := &a.Permissions[i]; q.asked() && strings.HasPrefix(q.Name, begin) {
			return q
		}
	}
	return nil
}

func (a *Assessment) flow(id string) *Flow {
	for i := range a.Flows {
		if a.Flows[i].ID == id {
			return &a.Flows[i]
		}
	}
	return nil
}

var watching = sync.OnceValue(func() *find.Pattern { return re(`monitor|watch`) })

var ownClasses = sync.OnceValue(func() *find.Pattern { return re(`\b(critical|high|medium|low)[- ]risk`) })

// ownClass compares the class that a heading gives with that of the rules.
func (q *Permission) ownClass(section string) {
	m := ownClasses().Words(section)
	if m == nil {
		return
	}
	o := OwnClass{Document: Class(strings.ToLower(m[1]))}
	o.Compared = compared(o.Document, q.Class)
	if q.OtherScheme != nil && q.OtherScheme.Exists {
		o.Other = compared(o.Document, q.OtherScheme.Class)
	} else if q.OtherScheme != nil {
		o.Other = "does not exist in this scheme"
	}
	q.OwnClass = &o
}

func compared(document, rules Class) string {
	switch {
	case document.Rank() < rules.Rank():
		return "document too mild"
	case document.Rank() > rules.Rank():
		return "document too strict"
	}
	return "same"
}

// compareTitle compares a row's title with the consent page's.
func (q *Permission) compareTitle(c *catalog.Catalog, known func() vocabulary) {
	r := q.row
	if r == nil || r.Title == "" || r.TitleOf != "" || q.Status != plan.Asked || len(r.Title) > 120 {
		return
	}
	p, ok := c.Permission(q.Name)
	info, exists := p.In(q.Scheme.Catalog())
	if !ok || !exists || info.Title == "" {
		return
	}
	if begin := strings.Fields(strings.ToLower(info.Title)); strings.HasPrefix(strings.ToLower(r.Title), strings.Join(begin[:min(2, len(begin))], " ")) {
		q.add([]string{"name", "title"}, "title out of date", "shortened or changed against Microsoft's present title: "+info.Title)
		return
	}
	if q.compareWords(known, r.Title) {
		return
	}
	q.add([]string{"name", "title"}, "title is not the official one", "Microsoft's title is: "+info.Title)
}
