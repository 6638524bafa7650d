package proxy

import (
	"encoding/json"
	"errors"
	"io"

	"github.com/graphwarden/graphwarden/odata/page"
)

// longestLink is how long a link of Microsoft's may be.
const longestLink = 64 << 10

// linkWriter passes a JSON answer on byte for byte, in whatever pieces it comes, but
// for the links of its outermost object that continue it: own writes them anew.
type linkWriter struct {
	to  io.Writer
	own func(theirs string) (string, error)

	depth   int
	text    []byte // of the string that is being read at depth 1, with its quotes
	name    string // the member whose value comes
	inText  bool
	escaped bool
	value   bool // what comes at depth 1 is a value
}

// Write passes a piece on.
func (l *linkWriter) Write(piece []byte) (int, error) {
	from := 0 // what of the piece has not been passed on
	for i, c := range piece {
		var err error
		switch {
		case !l.inText && c != '"':
			l.structure(c)
		case !l.inText:
			if l.inText, l.text = true, append(l.text[:0], c); l.held() {
				_, err = l.to.Write(piece[from:i])
				from = len(piece) // the link's own text stays behind
			}
		default:
			link := l.held()
			if err = l.letter(c); err == nil && link && !l.inText {
				err = l.put()
				from = i + 1
			}
		}
		if err != nil {
			return i, err
		}
	}
	if from < len(piece) && !l.held() {
		if _, err := l.to.Write(piece[from:]); err != nil {
			return 0, err
		}
	}
	return len(piece), nil
}

// structure follows what stands between texts.
func (l *linkWriter) structure(c byte) {
	switch {
	case c == '{' || c == '[':
		if l.depth++; l.depth == 1 {
			l.value, l.name = false, ""
		}
	case c == '}' || c == ']':
		l.depth--
	case l.depth == 1 && c == ':':
		l.value = true
	case l.depth == 1 && c == ',':
		l.value, l.name = false, ""
	}
}

// letter follows a text; of the outermost object it keeps names and links.
func (l *linkWriter) letter(c byte) error {
	if l.depth == 1 && (!l.value || l.continues()) {
		if l.text = append(l.text, c); len(l.text) > longestLink {
			return errors.New("a link or a name of the answer is too long")
		}
	}
	switch {
	case l.escaped:
		l.escaped = false
	case c == '\\':
		l.escaped = true
	case c == '"':
		l.inText = false
		if l.depth == 1 && !l.value {
			l.name = plainText(l.text)
		}
	}
	return nil
}

// held says whether the text that comes is a link, and is held back.
func (l *linkWriter) held() bool { return l.inText && l.depth == 1 && l.continues() }

// continues says whether the value that comes is a link that continues the answer.
func (l *linkWriter) continues() bool {
	return l.value && (l.name == page.NextLink || l.name == page.DeltaLink)
}

// put writes the link that has been read as one of our own.
func (l *linkWriter) put() error {
	own, err := l.own(plainText(l.text))
	if err != nil {
		return err
	}
	raw, err := json.Marshal(own)
	if err != nil {
		return err
	}
	_, err = l.to.Write(raw)
	return err
}

// end says whether the answer was whole.
func (l *linkWriter) end() error {
	if l.depth != 0 || l.inText {
		return errors.New("the answer is not whole JSON")
	}
	return nil
}

// plainText reads a JSON string; one that is none is "".
func plainText(quoted []byte) (s string) {
	if json.Unmarshal(quoted, &s) != nil {
		return ""
	}
	return s
}
