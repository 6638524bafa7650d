package read

import (
	"cmp"
	"regexp"
	"strings"
	"sync"
)

// writing is what text and Markdown are recognised by.
type writing struct {
	bullet, number, heading, setext, rule, image, link, gap, tag, lineBreak, inName, escape *regexp.Regexp
}

var marksOf = sync.OnceValue(func() writing {
	return writing{
		bullet:    regexp.MustCompile(`^(?:[-*+•·●▪◦‣○–—➢►✓✔]|o|\\-|\\\*)[ \t]+`),
		number:    regexp.MustCompile(`^(?:\(?\d{1,3}[.)]|\(?[a-z][.)])[ \t]+`),
		heading:   regexp.MustCompile(`^(#{1,6})[ \t]+(.*?)[ \t]*#*$`),
		setext:    regexp.MustCompile(`^(?:=+|-{3,})\s*$`),
		gap:       regexp.MustCompile(` {3,}`),
		rule:      regexp.MustCompile(`^[\s|:+=-]*-[\s|:+=-]*$`),
		image:     regexp.MustCompile(`!\[([^\]]*)\]\([^)]*\)`),
		link:      regexp.MustCompile(`\[((?:[^\[\]]|\[[^\]]*\])*)\]\(\s*<?([^)\s>]*)>?[^)]*\)`),
		tag:       regexp.MustCompile(`(?i)</?(?:a|abbr|b|bdi|code|del|em|font|i|ins|kbd|mark|nobr|p|s|samp|small|span|strong|sub|sup|td|tr|tt|u|var|wbr|div|details|summary|li|ul|ol)(?:\s[^<>]*)?/?>`),
		lineBreak: regexp.MustCompile(`(?i)<br\s*/?>`),
		inName:    regexp.MustCompile(`([A-Z][A-Za-z]+(?:\.[A-Za-z]+)*)(?:(\.)\s*<br\s*/?>\s*(Read|ReadWrite|ReadBasic|Send|All|Shared|Selected)|(\.Read)\s*<br\s*/?>\s*(Write|Basic))\b`),
		escape:    regexp.MustCompile(`\\([\\.*_\-()\[\]{}#+!|<>~` + "`" + `])`),
	}
})

// prose cuts text or Markdown into blocks.
type prose struct {
	book   *book
	blocks []block
	open   *block // what the next line may continue
	width  int    // of the last line of the open block
	head   []string
	cells  int  // of the table that is going on
	spaced bool // its columns are parted by spaces
	fence  string
	blank  bool
	glued  bool // the last line ended inside of a name
	mail   bool // lines with an angle are what is answered
	// quote and quoting: the lines are between marks of quotation, the last line was
	// somebody else's.
	quote, quoting bool
}

// readProse reads text and Markdown; every line is looked at once.
func readProse(b *book, lines []string) []block {
	p := &prose{book: b, blank: true, mail: isMail(lines)}
	lines = b.rejoined(lines)
	for i, line := range lines {
		next := ""
		if i+1 < len(lines) {
			next = lines[i+1]
		}
		p.line(line, next, i+1)
	}
	return p.blocks
}

func (p *prose) line(raw, next string, n int) {
	s := strings.TrimSpace(raw)
	quoted := p.mail && strings.HasPrefix(s, ">") || p.quote
	for strings.HasPrefix(s, ">") {
		s = strings.TrimSpace(s[1:])
	}
	s = plainWiki(s)
	if s == "{quote}" {
		p.quote, p.open = !p.quote, nil
		return
	}
	if quoted != p.quoting {
		p.quoting, p.open = quoted, nil
	}
	count := len(p.blocks)
	defer func() {
		for i := count; i < len(p.blocks); i++ {
			p.blocks[i].quoted = quoted
		}
	}()
	if p.fenced(s, n) {
		return
	}
	if s == "" {
		p.blank, p.open = true, nil
		p.endTable()
		return
	}
	blank := p.blank
	p.blank = false
	glued := p.glued && p.open != nil
	var rest string
	rest, p.glued = p.book.cut(s, strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(next), ">")))
	if p.glued && p.cells == 0 {
		s = rest
	}
	switch {
	case glued:
		inline(p.open.cells[0], s, n, &p.open.links)
		p.width = len(s)
	case p.under(raw, s, n):
	case p.table(s, next, n):
	case p.headed(s, next, n):
	case marksOf().rule.MatchString(s) || marksOf().setext.MatchString(s):
		p.open = nil
	case p.item(s, n):
		p.blocks[len(p.blocks)-1].deep = len(raw) - len(strings.TrimLeft(raw, " \t"))
	case p.continues(raw, s):
		p.open.cells[0].add(" ", n, 0)
		inline(p.open.cells[0], s, n, &p.open.links)
		p.width = len(s)
	default:
		p.endTable()
		k, level := paragraph, 0
		if !p.glued && lonely(s) && (blank || next == "" || looksListed(next)) {
			k, level = heading, 5
		}
		p.add(k, level, s, n)
	}
}

// isMail says whether a text begins with the heading of a mail.
func isMail(lines []string) bool {
	n := 0
	for _, l := range lines[:min(len(lines), 12)] {
		label, _, ok := strings.Cut(l, ": ")
		if ok && strings.Contains(" from von van de fra från da od to an aan à til till a do date datum dato data fecha subject betreff onderwerp objet asunto emne ämne oggetto assunto temat sent gesendet verzonden ", " "+strings.ToLower(label)+" ") {
			n++
		}
	}
	return n >= 3
}

// add begins a block.
func (p *prose) add(k kind, level int, s string, n int) {
	b := block{kind: k, level: level, line: n, cells: []*text{{}}}
	inline(b.cells[0], s, n, &b.links)
	p.blocks = append(p.blocks, b)
	p.open, p.width = &p.blocks[len(p.blocks)-1], len(s)
	if k == heading {
		p.open = nil
	}
}

// fenced keeps the lines of a code block as they are.
func (p *prose) fenced(s string, n int) bool {
	switch {
	case p.fence != "" && strings.HasPrefix(s, p.fence):
		p.fence = ""
	case p.fence != "":
		b := block{kind: code, line: n, cells: []*text{{}}}
		b.cells[0].add(s, n, inCode)
		p.blocks = append(p.blocks, b)
	case strings.HasPrefix(s, "```"), strings.HasPrefix(s, "~~~"):
		p.fence, p.open = s[:3], nil
	default:
		return false
	}
	return true
}

// headed takes a heading, in each of Markdown's ways.
func (p *prose) headed(s, next string, n int) bool {
	if m := marksOf().heading.FindStringSubmatch(s); m != nil {
		p.endTable()
		p.add(heading, len(m[1]), m[2], n)
		return true
	}
	if next = strings.TrimSpace(next); marksOf().setext.MatchString(next) && len(next) > 2 && !strings.Contains(s, "|") && !marksOf().bullet.MatchString(s) {
		level := 2
		if next[0] == '=' {
			level = 1
		}
		p.endTable()
		p.add(heading, level, s, n)
		return true
	}
	if len(s) > 4 && len(s) < 90 && strings.HasPrefix(s, "**") && strings.HasSuffix(s, "**") && !strings.HasSuffix(s, ":**") && strings.Count(s, "**") == 2 {
		p.endTable()
		p.add(heading, 6, s, n)
		return true
	}
	return false
}

// item takes a bullet or a number.
func (p *prose) item(s string, n int) bool {
	rest, step := s, ""
	for {
		m := marksOf().bullet.FindString(rest)
		if m == "" {
			m = marksOf().number.FindString(rest)
			step = cmp.Or(step, strings.Trim(m, "(). \t"))
		}
		if m == "" {
			break
		}
		rest = strings.TrimSpace(rest[len(m):])
		rest = strings.TrimPrefix(strings.TrimPrefix(rest, "[ ] "), "[x] ")
	}
	if rest == s || rest == "" {
		return false
	}
	p.endTable()
	p.add(item, 0, rest, n)
	if p.open != nil {
		p.open.step = step
	}
	return true
}

// continues says whether a line goes on with the block before it: text that was cut
// at a width, or a name that was cut at a dot.
func (p *prose) continues(raw, s string) bool {
	if p.open == nil || p.cells > 0 {
		return false
	}
	before := strings.TrimRight(p.open.cells[0].String(), " ")
	if before == "" {
		return false
	}
	last := before[len(before)-1]
	if strings.HasPrefix(s, ".") && len(s) > 1 && isLetter(s[1]) {
		return true
	}
	if p.open.kind == item {
		return last != ':' && !strings.ContainsRune(".!?", rune(last)) && (raw[0] == ' ' || raw[0] == '\t' || isLower(s[0]))
	}
	if last == ':' {
		return false
	}
	if strings.ContainsRune(".!?", rune(last)) {
		return false
	}
	return p.width >= 50 || p.width >= 25 && (last == ',' || isLower(s[0]))
}

// lonely says whether a line in a text without markup looks like a heading.
func lonely(s string) bool {
	if len(s) > 70 || strings.ContainsAny(s[len(s)-1:], ".,;!?:") || strings.Contains(s, "://") || !hasUpper(s) {
		return false
	}
	return len(strings.Fields(s)) <= 9 && !forms().name.MatchString(s)
}

func hasUpper(s string) bool {
	r := []rune(s)[0]
	return r >= 'A' && r <= 'Z' || r > 0x7f || r >= '0' && r <= '9' || r == '*'
}

func looksListed(next string) bool {
	s := strings.TrimSpace(next)
	return marksOf().bullet.MatchString(s) || marksOf().number.MatchString(s) || strings.Count(s, "|") >= 2
}

// inline adds a line without its markup.
func inline(t *text, s string, n int, links *[]link) {
	m := marksOf()
	s = unescape(s)
	s = m.image.ReplaceAllString(s, "$1")
	s = m.link.ReplaceAllStringFunc(s, func(found string) string {
		parts := m.link.FindStringSubmatch(found)
		*links = append(*links, link{n, parts[2]})
		return parts[1]
	})
	if strings.Contains(s, "<") {
		s = m.inName.ReplaceAllString(s, "$1$2$3$4$5")
		s = m.lineBreak.ReplaceAllString(s, "\n")
		s = dropFootnotes(s)
		s = m.tag.ReplaceAllString(s, "")
	}
	s = strings.ReplaceAll(s, "**", "")
	s = unstar(s)
	for i, part := range strings.Split(s, "~~") {
		marks := marks(0)
		if i%2 == 1 {
			marks = struck
		}
		for j, piece := range strings.Split(part, "`") {
			if j%2 == 1 {
				t.add(piece, n, marks|inCode)
			} else {
				t.add(m.escape.ReplaceAllString(piece, "$1"), n, marks)
			}
		}
	}
}

var footnote = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)<sup[^>]*>[^<]{0,6}</sup>|\[\^[^\]]{1,10}\]`)
})

func dropFootnotes(s string) string { return footnote().ReplaceAllString(s, " ") }

// unstar takes the stars of emphasis out and leaves those of patterns.
func unstar(s string) string {
	if !strings.Contains(s, "*") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if s[i] == '*' {
			before, after := i > 0 && s[i-1] == '.', i+1 < len(s) && s[i+1] == '.' && i+2 < len(s) && isLetter(s[i+2])
			if before && stressed(s[i+1:]) || !before && (!after || i > 0 && isLetter(s[i-1])) && !trailing(s, i) {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// stressed says whether a text begins with a word that a star ends: the part of a name
// that stands in stars by itself, as in *Mail*.*Read*.
func stressed(s string) bool {
	n := 0
	for n < len(s) && isLetter(s[n]) {
		n++
	}
	return n > 0 && n < len(s) && s[n] == '*'
}

// trailing says whether the only star of a text ends a word with a dot in it: nothing was
// stressed, and it may stand for a rest of the name.
func trailing(s string, i int) bool {
	if strings.Count(s, "*") != 1 || i == 0 || !isLetter(s[i-1]) || i+1 < len(s) && partOfName(s[i+1]) {
		return false
	}
	return strings.Contains(s[strings.LastIndexAny(s[:i], " \t|`\"'([")+1:i], ".")
}

// footnoted says whether a text has a footnote that a star leads to: one line, and no
// list of them, begins with a star.
func footnoted(s string) bool {
	n := 0
	for line := range strings.SplitSeq(s, "\n") {
		line = strings.TrimLeft(strings.TrimSpace(line), "\\(")
		if strings.HasPrefix(line, "*") && !strings.HasPrefix(line, "**") && strings.Count(line, "*")%2 == 1 {
			n++
		}
	}
	return n == 1
}
