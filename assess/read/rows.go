package read

import (
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// column is what a column of a table holds, by its heading.
type column int

const (
	other column = iota
	nameColumn
	typeColumn
	delegatedColumn
	applicationColumn
	titleColumn
	descriptionColumn
	useColumn
	neededColumn
	requiredColumn
	consentColumn
	versionColumn
)

// worded parts the words of PermissionType.
func worded(head string) string {
	var b strings.Builder
	for i := range len(head) {
		if i > 0 && upper(head[i:]) && isLower(head[i-1]) {
			b.WriteByte(' ')
		}
		b.WriteByte(head[i])
	}
	return b.String()
}

// columnOf reads a heading. The words are tried in this order.
func columnOf(head string) column {
	l := strings.ToLower(worded(head))
	for _, c := range []struct {
		words string
		is    column
	}{
		{"scope name|permission id|claim value|value|scope|api permission", nameColumn},
		{"resource|api|audience", other},
		{"permission name|display name|display string|title|titel|titre", titleColumn},
		{"consent|zustimmung|einwilligung|consentement|consentimiento|consentimento|samtykke|samtycke|toestemming|consenso|zgoda|同意", consentColumn},
		{"type|typ|art|tipo|rodzaj|kind|scheme|access type|permission type|種類|النوع", typeColumn},
		{"deleg|délégu|gedelegeerd", delegatedColumn},
		{"application|anwendung|applikation|aplicaci|applicazione|toepassing|program|app-only|aplica", applicationColumn},
		{"description|beschreibung|beskrivelse|descripci|descrizione|omschrijving|beskrivning|descri", descriptionColumn},
		{"required|mandatory|erforderlich|obligatoire|requis|vereist|necesari|necessari|necessári|nécessaire|notwendig|nødvendig|krævet|obligatori|obrigat|krävs|wymagan|pflicht", requiredColumn},
		{"optional|needed|status|decision", neededColumn},
		{"version|release|changed in", versionColumn},
		{"use|purpose|reason|why|justification|usage|zweck|verwendung|wofür|begründung|raison|but|objet|utilisation|uso|finalidad|motivo|scopo|doel|gebruik|formål|anvendelse|syfte|användning|brug|cel|para que|用途|remark|bemerkung|note|comment", useColumn},
		{"permission|berechtigung|autorisation|permiso|tilladelse|machtiging|permess|autorizzaz|permiss|behörighet|tillatelse|uprawn|アクセス許可|権限|الإذن|name|recht", nameColumn},
	} {
		for word := range strings.SplitSeq(c.words, "|") {
			if strings.HasPrefix(l, word) || len(word) > 4 && strings.Contains(l, word) || slices.Contains(strings.Fields(l), word) {
				return c.is
			}
		}
	}
	return other
}

// row reads the permissions of a row of a table.
func (w *walker) row(b *block) {
	r := &plan.Row{Line: b.line}
	columns := make([]column, len(b.cells))
	for i := range b.cells {
		if i < len(b.head) {
			columns[i] = columnOf(b.head[i])
		}
	}
	above := w.above()
	scheme, both := rowScheme(b, columns)
	status, doubtful := rowStatus(b, columns)
	above.doubtful = above.doubtful || doubtful
	if scheme != plan.Unstated {
		above.scheme, above.from = scheme, "column"
	}
	if api := w.apiOfRow(b, columns); api != "" {
		above.api, above.named = api, true
	}
	first, found := len(w.plan.Mentions), 0
	var ids []hit
	for i, cell := range b.cells {
		for _, t := range cell.pieces() {
			hits := w.book.scan(t)
			for _, h := range append(hits, w.book.unknownActions(t.String(), hits, columns[i] == nameColumn)...) {
				if h.how == plan.ByID {
					ids = append(ids, h)
					continue
				}
				at := place{columns, i, b}
				found += w.cell(h, t, at, above, status, r)
				if both && columns[i] == nameColumn {
					also := above
					also.scheme, also.from = plan.Application, "column"
					w.cell(h, t, at, also, status, r)
				}
			}
		}
	}
	if found == 0 {
		for _, h := range ids {
			w.mention(h, b.cells[0].line(0), above, status, r)
			found++
		}
	} else {
		w.byID(w.plan.Mentions[first:], ids)
	}
	describeRow(w.book, r, b, columns, found == 0)
	if found == 0 && len(b.cells) > 1 {
		w.nameless(r, b, above, status)
	}
	w.titleBeside(r, b, first)
	w.describe(w.plan.Mentions[first:], r, above)
}

// byID lets an id in a row say the scheme of the name beside it.
func (w *walker) byID(mentions []plan.Mention, ids []hit) {
	for _, h := range ids {
		for i := range mentions {
			if m := &mentions[i]; m.Name == h.name && m.Scheme == plan.Unstated {
				m.Scheme, m.SchemeFrom = plan.Application, "id"
				if h.delegate {
					m.Scheme = plan.Delegated
				}
			}
		}
	}
}

// place is a cell in its row.
type place struct {
	columns []column
	at      int
	row     *block
}

func (p place) is() column { return p.columns[p.at] }

// head is the heading of the cell's column.
func (p place) head() string {
	if p.at < len(p.row.head) {
		return p.row.head[p.at]
	}
	return ""
}

// remark says whether the cell tells of the permission that another one names.
func (p place) remark() bool {
	if p.is() != useColumn && p.is() != descriptionColumn {
		return false
	}
	for i, c := range p.columns {
		if c == nameColumn && i < len(p.row.cells) && strings.TrimSpace(p.row.cells[i].String()) != "" {
			return true
		}
	}
	return false
}

// cell adds a name that stands in a cell.
func (w *walker) cell(h hit, cell *text, p place, above scope, rowStatus plan.Status, r *plan.Row) int {
	s := cell.String()
	from, to := sentence(s, h.from, h.to)
	text := s[from:to]
	status, sc := rowStatus, above
	own, doubtful := statusIn(text, span{h.from - from, h.to - from, 0, len(text), len(text)})
	if own != plan.Asked {
		status = own
	}
	sc.doubtful = sc.doubtful || doubtful
	switch {
	case cell.at(h.from).marks&struck != 0:
		status = plan.Negated
	case status == plan.Asked && (p.former() || p.remark()):
		status = plan.Example
	case status == plan.Asked && strings.Contains(strings.ToLower(p.head()), "higher privileged"):
		status = plan.Alternative // Microsoft's pages list beside the least what opens it as well
	case status == plan.Asked:
		status = above.status
	}
	if p.remark() {
		sc.scheme, sc.from = plan.Unstated, ""
	}
	c := p.is()
	switch one := schemeIn(text, h.from-from, h.to-from); {
	case c == delegatedColumn:
		sc.scheme, sc.from = plan.Delegated, "column"
	case c == applicationColumn:
		sc.scheme, sc.from = plan.Application, "column"
	case one != plan.Unstated && c != descriptionColumn:
		sc.scheme, sc.from = one, "cell"
	case c == nameColumn && headScheme(p.head()) != plan.Unstated:
		sc.scheme, sc.from = headScheme(p.head()), "column"
	}
	if (c == descriptionColumn || c == useColumn || c == titleColumn) && h.single {
		return 0 // words of a description
	}
	w.mention(h, cell.line(h.from), sc, status, r)
	if h.unknown {
		return 0
	}
	return 1
}

// apiOfRow is the API that a cell of the row names; where the row names nothing else,
// it holds for the rows below.
func (w *walker) apiOfRow(b *block, columns []column) string {
	said, api := 0, ""
	for i, cell := range b.cells {
		s := strings.TrimSpace(cell.String())
		if s != "" {
			said++
		}
		if len(s) < 50 && (columns[i] == other || columns[i] == nameColumn) && !forms().name.MatchString(s) && apiNamed(s) != "" {
			api = apiNamed(s)
		}
	}
	if said == 1 && api != "" {
		w.tableAPI = api
	}
	if api == "" {
		return w.tableAPI
	}
	return api
}

func marked(cell string) bool {
	switch cell {
	case "x", "✓", "✔", "✅", "yes", "ja", "oui", "sí", "si", "sì", "y", "•", "●", "true", "required":
		return true
	}
	return false
}

// describeRow tells the cells apart. Where the name is missing, all others stand one
// column to the left.
func describeRow(bk *book, r *plan.Row, b *block, columns []column, nameless bool) {
	cells := make([]string, len(b.cells))
	for i, c := range b.cells {
		cells[i] = strings.TrimSpace(c.String())
	}
	shift := 0
	if nameless && len(columns) > 1 && columns[0] == nameColumn && len(cells) > 2 && cells[0] != "" {
		shift, r.Shifted = 1, true
		if _, isTitle := bk.titleOf(cells[0]); !isTitle && columns[1] == titleColumn && strings.HasPrefix(cells[0], "Allows ") {
			shift = 2
		}
	}
	for i, s := range cells {
		if i+shift >= len(columns) {
			break
		}
		switch columns[i+shift] {
		case titleColumn:
			r.Title = s
		case descriptionColumn:
			r.Description = s
		case useColumn:
			r.Use = s
		}
	}
	if t, ok := bk.titleOf(r.Title); ok {
		r.TitleOf = t.name
	}
}

// nameless finds the permission of a row that names none: by its title, else by a
// description that only one permission has.
func (w *walker) nameless(r *plan.Row, b *block, above scope, status plan.Status) {
	for i, cell := range b.cells {
		s := strings.TrimSpace(cell.String())
		if i > 1 {
			break
		}
		t, ok := w.book.titleOf(s)
		if !ok {
			t, ok = w.book.titleBegun(s)
		}
		if ok && len(strings.Fields(s)) > 1 {
			h := hit{guess: guess{t.name, plan.ByTitle, plan.High}, resource: t.resource}
			if t.forUser {
				h.sure = plan.Certain // nobody else has what users are shown
			}
			if len(t.schemes) == 1 && above.scheme == plan.Unstated {
				above.scheme, above.from = t.schemes[0], "title"
			}
			r.Title, r.TitleOf = s, t.name
			w.mention(h, cell.line(0), above, status, r)
			return
		}
	}
	for _, cell := range b.cells {
		if name, ok := described(cell.String()); ok {
			h := hit{guess: guess{name, plan.ByDescription, plan.High}, resource: catalog.MicrosoftGraph}
			w.mention(h, b.line, above, status, r)
			return
		}
	}
}

// titleBeside adds the permission that a row's title means, where its name is that
// of another: a reader cannot know which of the two was wanted.
func (w *walker) titleBeside(r *plan.Row, b *block, first int) {
	if r.TitleOf == "" || first >= len(w.plan.Mentions) {
		return
	}
	m := w.plan.Mentions[first]
	if m.Written == "" || m.Name == r.TitleOf || w.shareTitle(m.Name, r.Title) {
		return
	}
	h := hit{guess: guess{r.TitleOf, plan.ByTitle, plan.High}}
	w.mention(h, b.line, scope{scheme: m.Scheme, from: m.SchemeFrom, text: m.Section}, plan.Meant, r)
}

func (w *walker) shareTitle(name, title string) bool {
	for _, t := range w.book.titles[titleKey(title)] {
		if t.name == name {
			return true
		}
	}
	return false
}

// describe gives the mentions of a row its use, and the scheme that its title or
// description shows where nothing else states one.
func (w *walker) describe(mentions []plan.Mention, r *plan.Row, above scope) {
	for i := range mentions {
		m := &mentions[i]
		m.Use = r.Use
		m.TitleScheme = w.book.titleScheme(m.Name, r.Title)
		if m.Scheme != plan.Unstated {
			continue
		}
		for _, t := range w.book.titles[titleKey(r.Title)] {
			if t.name == m.Name && len(t.schemes) == 1 && t.forUser {
				m.Scheme, m.SchemeFrom = t.schemes[0], "title"
			}
		}
		if m.Scheme == plan.Unstated {
			if s := describedScheme(r.Description); s != plan.Unstated {
				m.Scheme, m.SchemeFrom = s, "description"
			}
		}
	}
}
