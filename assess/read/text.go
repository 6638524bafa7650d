package read

import (
	"html"
	"sort"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/graphwarden/graphwarden/assess/plan"
)

// text is a piece of a document as people read it, whose every byte knows its line.
type text struct {
	b    strings.Builder
	segs []segment
}

// segment is the part of a text from off on.
type segment struct {
	off, line int
	marks     marks
}

// marks are how a part of a text is set.
type marks uint8

const (
	inCode marks = 1 << iota // in the type of code
	struck                   // struck out
)

func (s segment) code() bool { return s.marks&inCode != 0 }

// add appends what stands on a line, in one normal form: full-width letters and
// ligatures become plain ones, what is invisible goes.
func (t *text) add(s string, line int, m marks) {
	if s == "" {
		return
	}
	t.segs = append(t.segs, segment{t.b.Len(), line, m})
	t.b.WriteString(plain(s))
}

func (t *text) String() string { return t.b.String() }

func (t *text) at(off int) segment {
	i := sort.Search(len(t.segs), func(i int) bool { return t.segs[i].off > off })
	if i == 0 {
		return segment{line: 1}
	}
	return t.segs[i-1]
}

// line is the line on which the byte at off stands.
func (t *text) line(off int) int { return t.at(off).line }

// ends says whether the text ends in nothing or in white space.
func (t *text) ends() bool {
	s := t.b.String()
	return s == "" || s[len(s)-1] == ' ' || s[len(s)-1] == '\n'
}

// plain writes a text in one normal form.
func plain(s string) string {
	if ascii(s) {
		return s
	}
	var b strings.Builder
	before := rune(0)
	for _, r := range s {
		last := before
		before = r
		switch {
		case invisible(r), r == '\u00A0' && last == '.': // what may not be parted is one word
		case unicode.Is(unicode.No, r), r == '†', r == '‡':
			b.WriteByte(' ') // a footnote's mark
		case r == '\u2010', r == '\u2011', r == '\u2012':
			b.WriteByte('-')
		case r == '‘', r == '’', r == 'ʼ', r == '´':
			b.WriteByte('\'')
		case strings.ContainsRune("“”„«»「」『』", r):
			b.WriteByte('"')
		case r == '…':
			b.WriteString("...")
		case unicode.IsSpace(r) && r != '\n' && r != '\t':
			b.WriteByte(' ')
		default:
			b.WriteRune(r)
		}
	}
	return norm.NFKC.String(b.String())
}

// invisible are the characters that break a word without being seen.
func invisible(r rune) bool {
	switch r {
	case '\u00AD', '\u200B', '\u200C', '\u200D', '\u2060', '\uFEFF', '\u200E', '\u200F', '\u180E':
		return true
	}
	return r >= '\u202A' && r <= '\u202E' || r >= '\uFE00' && r <= '\uFE0F'
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// unescape replaces entities, where there are any.
func unescape(s string) string {
	if !strings.Contains(s, "&") {
		return s
	}
	return html.UnescapeString(s)
}

// kind is what a block is in its document.
type kind int

const (
	paragraph kind = iota
	heading
	item
	row
	code
	caption
)

// block is a paragraph, heading, item, or row of a document.
type block struct {
	kind  kind
	level int    // of a heading
	deep  int    // how far an item is set in
	step  string // the number of an item that has one
	line  int
	cells []*text // one, but for rows
	head  []string
	links []link
	// quoted is what somebody else wrote: a mail that is answered.
	quoted bool
}

// link is an address that stands in markup and not in the text.
type link struct {
	line int
	url  string
}

// words is everything that the block says.
func (b *block) words() string {
	if len(b.cells) == 1 {
		return b.cells[0].String()
	}
	var all []string
	for _, c := range b.cells {
		all = append(all, c.String())
	}
	return strings.Join(all, " | ")
}

// breaks are where what the block says, trimmed as it is kept, goes over to another line.
func (b *block) breaks() []plan.Break {
	var out []plan.Break
	off, on := 0, b.line
	if s := b.words(); s != "" {
		off = -(len(s) - len(strings.TrimLeftFunc(s, unicode.IsSpace)))
	}
	for _, c := range b.cells {
		for _, s := range c.segs {
			if s.line != on {
				out, on = append(out, plan.Break{Off: max(0, off+s.off), Number: s.line}), s.line
			}
		}
		off += c.b.Len() + len(" | ")
	}
	return out
}

// piece is how much of a text is looked at together: whatever a document makes one
// line of, the work grows with its length and not with the square of it.
const piece = 4096

// pieces cuts a text at white space into parts that are no longer than a piece.
func (t *text) pieces() []*text {
	s := t.String()
	if len(s) <= piece {
		return []*text{t}
	}
	var out []*text
	for from := 0; from < len(s); {
		to := min(len(s), from+piece)
		if space := strings.LastIndexAny(s[from:to], " \n"); to < len(s) && space > 0 {
			to = from + space + 1
		}
		for to < len(s) && s[to]&0xC0 == 0x80 { // not inside of a letter
			to++
		}
		out = append(out, t.part(from, to))
		from = to
	}
	return out
}

// part is a stretch of a text, whose bytes keep their lines.
func (t *text) part(from, to int) *text {
	out := &text{}
	for at := from; at < to; {
		i := sort.Search(len(t.segs), func(i int) bool { return t.segs[i].off > at })
		end := to
		if i < len(t.segs) {
			end = min(end, t.segs[i].off)
		}
		s := t.at(at)
		out.segs = append(out.segs, segment{out.b.Len(), s.line, s.marks})
		out.b.WriteString(t.String()[at:end])
		at = end
	}
	return out
}
