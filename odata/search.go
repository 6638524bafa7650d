package odata

import (
	"strings"

	"github.com/graphwarden/graphwarden/odata/expr"
)

// Search is a node of a parsed $search: SearchTerm or SearchPair. String gives
// its canonical spelling.
type Search interface {
	String() string
	grouped() bool // needs parentheses inside an AND
}

// SearchTerm is a word, or a quoted phrase, which may name the property to
// search: "displayName:Video". In Outlook a phrase is a query in KQL, kept whole.
type SearchTerm struct {
	Property string // empty when none was named
	Text     string
	Quoted   bool
}

// SearchPair holds when both sides do, or with Or when either does.
type SearchPair struct {
	Or          bool
	Left, Right Search
}

const (
	maxSearchDepth = 32
	maxSearchTerms = 200
)

func (SearchTerm) grouped() bool   { return false }
func (p SearchPair) grouped() bool { return p.Or }

// String gives the canonical spelling.
func (t SearchTerm) String() string {
	if !t.Quoted {
		return t.Text
	}
	text := t.Text
	if t.Property != "" {
		text = t.Property + ":" + text
	}
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
}

// String gives the canonical spelling, with no more parentheses than needed.
func (p SearchPair) String() string {
	if p.Or {
		right := p.Right.String()
		if p.Right.grouped() {
			right = "(" + right + ")"
		}
		return p.Left.String() + " OR " + right
	}
	left, right := p.Left.String(), p.Right.String()
	if p.Left.grouped() {
		left = "(" + left + ")"
	}
	if _, pair := p.Right.(SearchPair); pair {
		right = "(" + right + ")"
	}
	return left + " AND " + right
}

// ParseSearch reads the decoded value of a $search. AND binds more strongly
// than OR, and terms side by side are joined by AND (OData 4.01 Part 2,
// 5.1.8.1). The operators are in capitals. The error is a *SyntaxError.
func ParseSearch(text string) (Search, error) { return parseSearch("$search", text) }

func parseSearch(param, text string) (Search, error) {
	p := &searchParser{param: param, text: text}
	s, err := p.either()
	if err == nil && p.at < len(text) {
		err = expr.SyntaxAt(param, p.at, text)
	}
	if err != nil {
		return nil, err
	}
	return s, nil
}

type searchParser struct {
	param, text  string
	at           int
	depth, terms int
}

func (p *searchParser) space() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

// word moves past the operator w if it stands here as a word of its own.
func (p *searchParser) word(w string) bool {
	rest, ok := strings.CutPrefix(p.text[p.at:], w)
	if !ok || rest != "" && strings.IndexByte(` ("`, rest[0]) < 0 {
		return false
	}
	p.at += len(w)
	p.space()
	return true
}

func (p *searchParser) either() (Search, error) {
	left, err := p.both()
	for err == nil && p.word("OR") {
		var right Search
		right, err = p.both()
		left = SearchPair{true, left, right}
	}
	return left, err
}

func (p *searchParser) both() (Search, error) {
	left, err := p.term()
	for err == nil && p.at < len(p.text) && p.text[p.at] != ')' && !p.atOr() {
		p.word("AND")
		var right Search
		right, err = p.term()
		left = SearchPair{false, left, right}
	}
	return left, err
}

func (p *searchParser) atOr() bool {
	ahead := *p
	return ahead.word("OR")
}

func (p *searchParser) term() (Search, error) {
	if p.terms++; p.terms > maxSearchTerms {
		return nil, expr.Errorf(p.param, p.at, "The search has more than %d terms.", maxSearchTerms)
	}
	p.space()
	switch {
	case p.at == len(p.text):
		return nil, expr.Errorf(p.param, p.at, "Expression expected at position %d in '%s'.", p.at, p.text)
	case p.text[p.at] == '(':
		return p.group()
	case p.text[p.at] == '"':
		return p.phrase()
	}
	return p.bare()
}

// bare reads a word without quotes. It cannot name a property: Graph refuses
// the colon.
func (p *searchParser) bare() (Search, error) {
	rest := p.text[p.at:]
	n := strings.IndexAny(rest, ` ()":\`)
	if n < 0 {
		n = len(rest)
	}
	if rest := rest[n:]; rest != "" && (rest[0] == ':' || rest[0] == '\\') {
		return nil, expr.Errorf(p.param, p.at+n, "Syntax error: character '%c' is not valid at position %d in '%s'.", rest[0], p.at+n, p.text)
	}
	switch word := rest[:n]; word {
	case "", "AND", "OR", "NOT":
		return nil, expr.SyntaxAt(p.param, p.at, p.text)
	default:
		p.at += n
		p.space()
		return SearchTerm{Text: word}, nil
	}
}

func (p *searchParser) group() (Search, error) {
	if p.depth++; p.depth > maxSearchDepth {
		return nil, expr.Errorf(p.param, p.at, "Recursion depth exceeded allowed limit.")
	}
	defer func() { p.depth-- }()
	p.at++
	s, err := p.either()
	if err != nil {
		return nil, err
	}
	if p.at == len(p.text) {
		return nil, expr.Errorf(p.param, p.at, "')' or operator expected at position %d in '%s'.", p.at, p.text)
	}
	p.at++
	p.space()
	return s, nil
}

func (p *searchParser) phrase() (Search, error) {
	var b strings.Builder
	for i := p.at + 1; i < len(p.text); i++ {
		switch c := p.text[i]; {
		case c == '\\' && i+1 < len(p.text):
			i++
			b.WriteByte(p.text[i])
		case c == '"':
			p.at = i + 1
			p.space()
			return newPhrase(b.String()), nil
		default:
			b.WriteByte(c)
		}
	}
	return nil, expr.UnterminatedAt(p.param, p.text)
}

// newPhrase splits the property off the text of a phrase.
func newPhrase(text string) SearchTerm {
	name, rest, found := strings.Cut(text, ":")
	if found && expr.IsName(name) {
		return SearchTerm{Property: name, Text: rest, Quoted: true}
	}
	return SearchTerm{Text: text, Quoted: true}
}
