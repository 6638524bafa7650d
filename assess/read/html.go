package read

import (
	"bytes"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// page cuts HTML into blocks, token by token: what is nested deeply costs no more
// than what is not.
type page struct {
	blocks []block
	open   *text
	kind   kind
	level  int
	begun  int // the line on which the open block begins
	line   int
	code   int // how many elements of code are open
	struck int
	pre    int
	skip   atom.Atom // inside of an element that nobody reads
	links  []link
	table  table
}

// table is the table that is being read; one inside another ends it.
type table struct {
	row   []*text
	span  []int // rows that a cell of the column still covers
	down  []*text
	head  []string
	td    int  // cells of the row that are no headings
	wide  int  // columns that the open cell covers
	spans bool // a cell covered more than its own place
	inRow bool
	th    int
	col   int
	first bool
	rows  int // that have been read
}

// readHTML reads a page.
func readHTML(raw []byte) []block {
	p := &page{line: 1}
	z := html.NewTokenizer(bytes.NewReader(raw))
	z.SetMaxBuf(len(raw) + 1)
	for {
		switch z.Next() {
		case html.ErrorToken:
			p.flush()
			return p.blocks
		case html.TextToken:
			lines := bytes.Count(z.Raw(), []byte("\n"))
			if p.skip == 0 {
				p.text(string(z.Text()))
			}
			p.line += lines - p.counted(lines)
		case html.StartTagToken, html.SelfClosingTagToken:
			at := p.line
			lines := bytes.Count(z.Raw(), []byte("\n"))
			t := z.Token()
			if p.skip == 0 {
				p.start(&t)
			}
			p.line = at + lines
		case html.EndTagToken:
			lines := bytes.Count(z.Raw(), []byte("\n"))
			t := z.Token()
			p.end(&t)
			p.line += lines
		default:
			p.line += bytes.Count(z.Raw(), []byte("\n"))
		}
	}
}

// counted says how many of a text's line ends the page has counted already.
func (p *page) counted(lines int) int {
	if p.skip == 0 {
		return lines
	}
	return 0
}

// text adds text line by line, its white space as a browser shows it.
func (p *page) text(s string) {
	for i, part := range strings.Split(s, "\n") {
		if i > 0 {
			p.line++
			if p.pre > 0 {
				p.flush()
			} else {
				p.write(" ")
			}
		}
		p.write(part)
	}
}

func (p *page) write(s string) {
	if strings.TrimSpace(s) == "" && (p.open == nil || p.open.ends()) {
		return
	}
	if p.open == nil {
		p.open, p.begun = &text{}, p.line
	}
	m := marks(0)
	if p.code+p.pre > 0 {
		m |= inCode
	}
	if p.struck > 0 {
		m |= struck
	}
	if p.pre == 0 {
		lead, tail := strings.HasPrefix(s, " ") || strings.HasPrefix(s, "\t"), strings.HasSuffix(s, " ")
		s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\f' }), " ")
		if lead && !p.open.ends() {
			s = " " + s
		}
		if tail && !strings.HasSuffix(s, " ") {
			s += " "
		}
	}
	p.open.add(s, p.line, m)
}

// flush ends the open block.
func (p *page) flush() {
	t := p.open
	p.open = nil
	if t == nil || strings.TrimSpace(t.String()) == "" {
		p.giveLinks()
		return
	}
	if p.table.inRow {
		p.open = t // a cell goes on to its end
		return
	}
	b := block{kind: p.kind, level: p.level, line: p.begun, cells: []*text{t}, links: p.links}
	if p.pre > 0 {
		b.kind = code
	}
	p.links = nil
	p.blocks = append(p.blocks, b)
}

// giveLinks hands links without a text to the block before them.
func (p *page) giveLinks() {
	if len(p.links) > 0 && !p.table.inRow && len(p.blocks) > 0 {
		last := &p.blocks[len(p.blocks)-1]
		last.links = append(last.links, p.links...)
		p.links = nil
	}
}

func (p *page) start(t *html.Token) {
	switch t.DataAtom {
	case atom.Script, atom.Style, atom.Svg, atom.Noscript, atom.Template:
		if t.Type == html.StartTagToken {
			p.skip = t.DataAtom
		}
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		p.code++
	case atom.Del, atom.S, atom.Strike:
		p.struck++
	case atom.Sup:
		p.write(" ")
		p.skip = atom.Sup
	case atom.Br:
		p.lineBreak()
	case atom.A:
		for _, a := range t.Attr {
			if a.Key == "href" {
				p.links = append(p.links, link{p.line, a.Val})
			}
		}
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		p.begin(heading, int(t.Data[1]-'0'))
	case atom.Li:
		p.begin(item, 0)
	case atom.Dt:
		p.begin(item, 0)
	case atom.Dd:
		p.begin(paragraph, 0)
	case atom.Pre:
		p.begin(code, 0)
		p.pre++
	case atom.Table, atom.Tr, atom.Td, atom.Th:
		p.tabular(t)
	case atom.P, atom.Div, atom.Section, atom.Article, atom.Ul, atom.Ol, atom.Dl, atom.Blockquote, atom.Figcaption, atom.Caption, atom.Header, atom.Footer, atom.Title, atom.Main, atom.Nav, atom.Aside, atom.Option, atom.Summary, atom.Details, atom.Hr, atom.Body, atom.Label, atom.Button:
		if p.kind == item && p.open == nil && (t.DataAtom == atom.P || t.DataAtom == atom.Div) {
			return // the paragraph of an item
		}
		p.begin(paragraph, 0)
	}
}

// begin ends what is open and begins a block of another kind.
func (p *page) begin(k kind, level int) {
	if p.table.inRow {
		p.lineBreak()
		return
	}
	p.flush()
	p.kind, p.level = k, level
}

// lineBreak is a new line inside of a block.
func (p *page) lineBreak() {
	if p.open != nil && !p.open.ends() {
		p.open.add("\n", p.line, 0)
	}
}

func (p *page) end(t *html.Token) {
	if p.skip != 0 {
		if t.DataAtom == p.skip {
			p.skip = 0
		}
		return
	}
	switch t.DataAtom {
	case atom.Code, atom.Kbd, atom.Samp, atom.Tt:
		p.code = max(0, p.code-1)
	case atom.Del, atom.S, atom.Strike:
		p.struck = max(0, p.struck-1)
	case atom.Pre:
		p.flush()
		p.pre = max(0, p.pre-1)
	case atom.Td, atom.Th:
		p.endCell()
	case atom.Tr:
		p.endRow()
	case atom.Table, atom.Thead:
		p.endRow()
		if t.DataAtom == atom.Table {
			p.table = table{}
		}
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6, atom.Li, atom.P, atom.Div, atom.Dt, atom.Dd, atom.Ul, atom.Ol, atom.Figcaption, atom.Caption, atom.Title, atom.Blockquote:
		p.begin(paragraph, 0)
	}
}
