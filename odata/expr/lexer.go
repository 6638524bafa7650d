package expr

import "strings"

type tokenKind uint8

const (
	tokEnd     tokenKind = iota
	tokName              // a name, possibly qualified, or $count, $it
	tokLiteral           // a constant
	tokMark              // one of ( ) , / : = *
)

type token struct {
	kind tokenKind
	text string
	lit  Literal
	pos  int
}

// lexer cuts the decoded text of an option into tokens, one ahead of the parser.
type lexer struct {
	param string
	text  string
	at    int
	tok   token
}

// newLexer stands on the first token of text.
func newLexer(param, text string) (*lexer, error) {
	l := &lexer{param: param, text: text}
	return l, l.next()
}

func (l *lexer) syntax(pos int) error { return SyntaxAt(l.param, pos, l.text) }

func (l *lexer) errorf(pos int, format string, args ...any) error {
	return Errorf(l.param, pos, format, args...)
}

// next moves to the following token.
func (l *lexer) next() error {
	for l.at < len(l.text) && (l.text[l.at] == ' ' || l.text[l.at] == '\t') {
		l.at++
	}
	l.tok = token{kind: tokEnd, pos: l.at}
	if l.at == len(l.text) {
		return nil
	}
	rest := l.text[l.at:]
	switch c := rest[0]; {
	case c == '\'':
		return l.quoted("")
	case strings.IndexByte("(),/:=*", c) >= 0:
		l.take(token{kind: tokMark, text: rest[:1]}, 1)
	case startsGUID(rest):
		l.take(token{kind: tokLiteral, lit: Literal{Kind: GUID, Text: rest[:len(guidShape)]}}, len(guidShape))
	case isDigit(c) || c == '-':
		return l.bare(rest)
	case c == '$':
		return l.system(rest)
	default:
		return l.name(rest)
	}
	return nil
}

// system reads $count or $it.
func (l *lexer) system(rest string) error {
	n := NameLen(rest[1:]) + 1
	if rest[:n] != "$count" && rest[:n] != "$it" {
		return l.syntax(l.at)
	}
	l.take(token{kind: tokName, text: rest[:n]}, n)
	return nil
}

// take makes t, which is n bytes long, the current token.
func (l *lexer) take(t token, n int) {
	t.pos = l.at
	l.tok = t
	l.at += n
}

// bare reads a number, a date or a time.
func (l *lexer) bare(rest string) error {
	n := 1
	for n < len(rest) && (isNameStart(rest[n]) || isDigit(rest[n]) || strings.IndexByte(":.+-", rest[n]) >= 0) {
		n++
	}
	lit, ok := bareLiteral(rest[:n])
	if !ok {
		return l.syntax(l.at)
	}
	l.take(token{kind: tokLiteral, lit: lit}, n)
	return nil
}

// name reads a name, the words true, false and null, or a quoted literal with
// a type before it.
func (l *lexer) name(rest string) error {
	n := NameLen(rest)
	if n == 0 {
		return l.errorf(l.at, "Syntax error: character '%c' is not valid at position %d in '%s'.", []rune(rest)[0], l.at, l.text)
	}
	word := rest[:n]
	if n < len(rest) && rest[n] == '\'' {
		return l.quoted(word)
	}
	t := token{kind: tokName, text: word}
	switch strings.ToLower(word) {
	case "true", "false":
		t = token{kind: tokLiteral, lit: Literal{Kind: Bool, Text: strings.ToLower(word)}}
	case "null":
		t = token{kind: tokLiteral, lit: Literal{Kind: Null, Text: "null"}}
	}
	l.take(t, n)
	return nil
}

// quoted reads a string, or the quoted part of a literal of the named type.
func (l *lexer) quoted(typ string) error {
	lit := Literal{Kind: String}
	switch {
	case strings.EqualFold(typ, "duration"):
		lit.Kind = Duration
	case strings.Contains(typ, "."):
		lit.Kind, lit.Type = Enum, typ
	case typ != "":
		return l.syntax(l.at)
	}
	body := l.text[l.at+len(typ)+1:]
	n := ClosingQuote(body)
	if n < 0 {
		return UnterminatedAt(l.param, l.text)
	}
	lit.Text = strings.ReplaceAll(body[:n], "''", "'")
	if lit.Kind == Duration {
		if _, ok := parseDuration(lit.Text); !ok {
			return l.syntax(l.at)
		}
	}
	l.take(token{kind: tokLiteral, lit: lit}, len(typ)+n+2)
	return nil
}

// ClosingQuote finds the quote that ends s; a doubled one does not. It returns
// -1 when there is none.
func ClosingQuote(s string) int {
	for i := 0; i < len(s); i++ {
		if s[i] != '\'' {
			continue
		}
		if i+1 == len(s) || s[i+1] != '\'' {
			return i
		}
		i++
	}
	return -1
}

// mark reports whether the current token is the punctuation c.
func (l *lexer) mark(c string) bool { return l.tok.kind == tokMark && l.tok.text == c }

// accept moves past the punctuation c if it is the current token.
func (l *lexer) accept(c string) (bool, error) {
	if !l.mark(c) {
		return false, nil
	}
	return true, l.next()
}

// expect moves past the punctuation c, which must be the current token.
func (l *lexer) expect(c, complaint string) error {
	if !l.mark(c) {
		return l.errorf(l.tok.pos, "%s expected at position %d in '%s'.", complaint, l.tok.pos, l.text)
	}
	return l.next()
}
