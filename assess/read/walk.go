package read

import (
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// walker goes through the blocks of a document and keeps what the headings said.
type walker struct {
	book  *book
	plan  *plan.Plan
	stack []frame
	lead  scope // of the sentence that leads a list, until the list ends
	last  kind
	// tableAPI is the API that a row of the table named for those below it.
	tableAPI string
	// latest is where the mentions of the item before begin; -1: it had none.
	latest int
	seen   map[seenKey]bool
	known  map[string]bool // the names that are asked for
	base   scope           // what was said of all permissions of the document
	asked  map[string]bool // the names in the question right above
	wanted plan.Status     // what that question asks a list of
	code   brackets
	apis   *askedOf   // of which the code asks
	since  int        // where the mentions of the section begin
	rest   *remainder // what was said of all that follow in the section but some
	// footnoted: a star behind a name leads to a footnote.
	footnoted bool
}

// frame is a heading that is still in force.
type frame struct {
	level int
	scope
}

type seenKey struct {
	line   int
	name   string
	scheme plan.Scheme
	status plan.Status
}

// walk reads the permissions out of blocks.
func walk(b *book, p *plan.Plan, blocks []block, footnoted bool) {
	w := &walker{footnoted: footnoted, book: b, plan: p, seen: map[seenKey]bool{}, known: map[string]bool{}, apis: asksOf(blocks), code: brackets{scopes: scopesOf(blocks)}}
	for i := range blocks {
		w.block(&blocks[i], blocks, i)
	}
}

func (w *walker) block(b *block, all []block, i int) {
	words := strings.TrimSpace(b.words())
	k := map[kind]plan.Kind{paragraph: plan.Paragraph, heading: plan.Heading, item: plan.Item, row: plan.Cells, code: plan.Code, caption: plan.Paragraph}[b.kind]
	w.plan.Text = append(w.plan.Text, plan.Line{Number: b.line, Kind: k, Text: words, Lower: strings.ToLower(words), Section: w.section(), Step: b.step, Breaks: b.breaks()})
	w.asksFor(b, words)
	for _, l := range b.links {
		for _, h := range w.book.address(l.url) {
			h.delegate = true
			w.mention(h, l.line, w.above(), plan.Asked, nil)
		}
	}
	if b.kind != row {
		w.tableAPI = ""
	}
	if b.kind != code {
		w.code.open = nil
	}
	if b.kind == row {
		w.row(b)
		w.last = row
		return
	}
	if b.kind == heading {
		w.heading(b, words)
	}
	if b.kind == paragraph && w.last == item && w.lead.from == "sentence" {
		w.lead = scope{} // the list that it led is over
	}
	w.typed(words)
	count := len(w.plan.Mentions)
	found := w.prose(b, answerIn(all, i))
	switch {
	case found > 0 && b.kind == item:
		w.latest = count
	case b.kind == item && w.last == item && w.latest >= 0 && found == 0 && i > 0 && b.deep > all[i-1].deep:
		w.explains(words, w.latest)
		w.latest = -1
	default:
		w.latest = -1
	}
	w.others(b, words, count, all, i)
	w.leads(b, words, found, all, i)
	w.question(b, words, count)
	w.last = b.kind
}

// asksFor keeps what the authorize addresses of a block ask for beside permissions.
func (w *walker) asksFor(b *block, words string) {
	put := func(line int, s string) {
		for _, value := range responses(s) {
			w.plan.Settings = append(w.plan.Settings, plan.Setting{Line: line, Name: "response_type", Value: value})
		}
	}
	put(b.line, words)
	for _, l := range b.links {
		put(l.line, l.url)
	}
}

// typed lets a line "Type: Delegated" tell the scheme of the permission right above it.
func (w *walker) typed(words string) {
	label, _, ok := strings.Cut(words, ":")
	n := len(w.plan.Mentions)
	if !ok || n == 0 || len(label) > 20 || columnOf(label) != typeColumn {
		return
	}
	if m := &w.plan.Mentions[n-1]; m.Scheme == plan.Unstated && m.Row == nil && len(w.plan.Text) > 1 && m.Line >= w.plan.Text[max(0, len(w.plan.Text)-3)].Number {
		if s := typeOf(words); s != plan.Unstated {
			m.Scheme, m.SchemeFrom = s, "line"
		}
	}
}

// heading puts a heading on the stack in place of those of its level and below.
func (w *walker) heading(b *block, words string) {
	for len(w.stack) > 0 && w.stack[len(w.stack)-1].level >= b.level {
		w.stack = w.stack[:len(w.stack)-1]
	}
	scheme := schemeOf(words)
	if scheme == plan.Unstated && !strings.Contains(strings.Trim(words, " :*"), " ") {
		scheme = typeOf(words) // "Application" alone
	}
	status, doubtful := statusOf(words)
	if status == plan.Negated && len(w.book.scan(b.cells[0])) > 0 {
		status = plan.Asked // it speaks of what it names, and not of what stands below it
	}
	w.stack = append(w.stack, frame{b.level, scope{scheme: scheme, from: "heading", status: status, doubtful: doubtful, text: words, api: apiNamed(words)}})
	w.lead = scope{}
	w.since, w.rest = len(w.plan.Mentions), nil
}

// leads takes a sentence that ends in a colon for the head of the list after it, and
// a step that names a scheme and no permission for one that holds for the steps
// after it.
func (w *walker) leads(b *block, words string, found int, all []block, i int) {
	s := schemeOf(words)
	if strings.HasSuffix(words, ":") {
		s = schemeOf(lastSentence(words))
	}
	if s != plan.Unstated && found == 0 && b.kind != heading && signs().every.MatchString(strings.ToLower(words)) {
		w.base = scope{scheme: s, from: "sentence"}
	}
	switch {
	case b.kind == heading:
	case strings.HasSuffix(words, ":"):
		status, doubtful := statusOf(lastSentence(words))
		w.lead = scope{scheme: s, from: "sentence", status: status, doubtful: doubtful, text: words, api: apiNamed(words)}
	case s != plan.Unstated && found == 0:
		w.lead = scope{scheme: s, from: "step", status: plan.Asked, text: words, api: w.lead.api}
	case b.kind == paragraph && found == 0 && w.lead.from == "sentence" && w.last != heading && (i+1 >= len(all) || all[i+1].kind != item):
		w.lead = scope{}
	}
}

func lastSentence(s string) string {
	if i := strings.LastIndex(s, ". "); i >= 0 {
		return s[i+2:]
	}
	return s
}

// section is the innermost heading.
func (w *walker) section() string {
	if len(w.stack) == 0 {
		return ""
	}
	return w.stack[len(w.stack)-1].text
}

// above is what lead and headings say, the nearest first.
func (w *walker) above() scope {
	out := w.lead
	for i := len(w.stack) - 1; i >= 0; i-- {
		f := w.stack[i]
		if out.scheme == plan.Unstated && f.scheme != plan.Unstated {
			out.scheme, out.from = f.scheme, f.from
		}
		if (out.status == "" || out.status == plan.Asked) && f.status != "" {
			out.status = f.status
		}
		if out.api == "" {
			out.api = f.api
		}
		out.doubtful = out.doubtful || f.doubtful
	}
	if out.status == "" {
		out.status = plan.Asked
	}
	if out.scheme == plan.Unstated {
		out.scheme, out.from = w.base.scheme, w.base.from
	}
	out.text = w.section()
	if strings.HasSuffix(w.lead.text, ":") {
		out.text = w.lead.text
	}
	return out
}

// otherAPI stands for an API of Microsoft's whose permissions the catalogue does not
// know, otherFirm for one of somebody else's, where people sign in elsewhere too, ownAPI
// for that of whoever wrote the plan.
const (
	ownAPI    = "the plan's own"
	otherAPI  = "another"
	otherFirm = "another firm's"
)

// apiNamed is the API that a heading or a cell names.
func apiNamed(s string) string {
	switch {
	case len(s) < 80 && apiOf(s) == "" && firms().MatchString(s):
		return otherFirm
	case len(s) < 80 && apiOf(s) == "" && ownOnes().MatchString(strings.ToLower(s)):
		return ownAPI
	case foreignAPI(s):
		return otherAPI
	}
	return apiOf(s)
}

// apiOf is the API of the catalogue that a heading names.
func apiOf(s string) string {
	l := strings.ToLower(s)
	switch {
	case strings.Contains(l, "graph") && !strings.Contains(l, "azure ad graph") && !strings.Contains(l, "directory graph"):
		return catalog.MicrosoftGraph
	case strings.Contains(l, "azure ad graph"), strings.Contains(l, "azure active directory graph"), strings.Contains(l, "windows azure active directory"):
		return azureADGraph
	case strings.Contains(l, "exchange"):
		return catalog.ExchangeOnline
	case strings.Contains(l, "sharepoint"):
		return catalog.SharePointOnline
	}
	return ""
}

// mention adds a permission to the plan, once for a line, a scheme and a status.
func (w *walker) mention(h hit, line int, sc scope, status plan.Status, r *plan.Row) *plan.Mention {
	if h.single && sc.api == otherFirm {
		return nil
	}
	elsewhere := h.resource == "" && (sc.api == otherAPI || sc.api == otherFirm || sc.api == ownAPI || h.name == "user_impersonation" && sc.api != catalog.ExchangeOnline)
	if h.own || sc.api == ownAPI && h.resource == "" && !h.single {
		w.ownRight(line, h.written)
		return nil
	}
	if h.unknown || elsewhere && !h.single || elsewhere && h.name == "user_impersonation" {
		w.unplaced(line, h.written, elsewhere)
		return nil
	}
	m := plan.Mention{Line: line, Written: h.written, Name: h.name, Family: h.family, FoundBy: h.how, Confidence: h.sure,
		Scheme: sc.scheme, SchemeFrom: sc.from, Status: status, Doubtful: sc.doubtful && status == plan.Asked, Section: sc.text, Row: r}
	if h.delegate && h.how != plan.ByID {
		m.Scheme, m.SchemeFrom = plan.Delegated, "address"
	}
	if h.how == plan.ByID {
		m.Scheme, m.SchemeFrom = plan.Application, "id"
		if h.delegate {
			m.Scheme = plan.Delegated
		}
	}
	if s := w.ofRest(m.Name); s != plan.Unstated && m.Scheme == plan.Unstated {
		m.Scheme, m.SchemeFrom = s, "sentence"
	}
	m.Resource = w.resource(h, sc)
	key := seenKey{line, m.Name, m.Scheme, m.Status}
	if w.seen[key] {
		return nil
	}
	w.seen[key] = true
	w.known[m.Name] = w.known[m.Name] || status == plan.Asked
	w.plan.Mentions = append(w.plan.Mentions, m)
	return &w.plan.Mentions[len(w.plan.Mentions)-1]
}

// resource is the API that a name belongs to: what its address says, what the
// headings say where that API has it, else the catalogue's first.
func (w *walker) resource(h hit, sc scope) string {
	for _, r := range []string{h.resource, sc.api} {
		if r == azureADGraph || r == catalog.ExchangeOnline && protocol(h.name) {
			return r
		}
		if r == catalog.SharePointOnline && sc.named && (strings.HasPrefix(h.name, "Sites.") || strings.HasPrefix(h.name, "TermStore.")) {
			return r
		}
		if _, ok := w.book.catalog.PermissionOf(r, h.name); ok && r != "" {
			return r
		}
	}
	if p, ok := w.book.catalog.Permission(h.name); ok {
		return p.ResourceAppID
	}
	return catalog.MicrosoftGraph
}

// protocol says whether a name is of a protocol of mail, which Exchange serves: its
// API has the name as well, though the table lists it with Graph alone.
func protocol(name string) bool {
	for _, p := range []string{"EWS.", "IMAP.", "POP.", "SMTP."} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

// ownRight notes a right of the API of whoever wrote the plan.
func (w *walker) ownRight(line int, written string) {
	n := len(w.plan.Unplaced)
	if n >= maxUnplaced || n > 0 && w.plan.Unplaced[n-1].Line == line && w.plan.Unplaced[n-1].Written == written {
		return
	}
	w.plan.Unplaced = append(w.plan.Unplaced, plan.Unplaced{Line: line, Written: written, Own: true,
		Why: "it is a right of the plan's own API: it opens nothing of Microsoft's, and what it opens its maker says"})
}

// maxUnplaced bounds what is listed as not placed.
const maxUnplaced = 1000

func (w *walker) unplaced(line int, written string, elsewhere bool) {
	why := "Graph, Exchange Online and SharePoint have no permission of this name, and none is spelt nearly so"
	if elsewhere || foreign(written) {
		why = "it is named as a permission of another API is; the catalogue holds those of Graph, Exchange Online and SharePoint"
	}
	if strings.HasSuffix(written, "*") {
		if w.footnoted {
			return
		}
		why = "a star behind a name may stand for all that begin so: name each permission"
	}
	switch n := len(w.plan.Unplaced); {
	case n == maxUnplaced:
		why = "there are more; the rest is not listed"
	case n > maxUnplaced, n > 0 && w.plan.Unplaced[n-1].Line == line && w.plan.Unplaced[n-1].Written == written:
		return
	}
	w.plan.Unplaced = append(w.plan.Unplaced, plan.Unplaced{Line: line, Written: written, Why: why})
}
