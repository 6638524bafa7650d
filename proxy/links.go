package proxy

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/graphwarden/graphwarden/odata/page"
)

// longestLink is how long a link of Microsoft's may be.
const longestLink = 64 << 10

// linkWriter passes a JSON answer on byte for byte, in whatever pieces it comes, but
// for the links that continue it, or a list within it: own writes them anew.
type linkWriter struct {
	to io.Writer
	// own gives the proxy's link in place of Microsoft's that a member is: one of the answer
	// itself, or one within it.
	own func(member, theirs string, within bool) (string, error)

	levels  []level // of the objects and lists that stand open
	text    []byte  // of the name or link that is being read, with its quotes
	name    string  // the member whose value comes
	inText  bool
	escaped bool
}

// level is an object or a list.
type level struct {
	object bool
	value  bool // of an object: what comes is a value
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
		l.levels, l.name = append(l.levels, level{object: c == '{'}), ""
	case len(l.levels) == 0:
	case c == '}' || c == ']':
		l.levels = l.levels[:len(l.levels)-1]
	case c == ':':
		l.levels[len(l.levels)-1].value = true
	case c == ',':
		l.levels[len(l.levels)-1].value, l.name = false, ""
	}
}

// named says whether the text that comes is a member's name.
func (l *linkWriter) named() bool {
	return len(l.levels) > 0 && l.levels[len(l.levels)-1] == level{object: true}
}

// letter follows a text; it keeps names and links.
func (l *linkWriter) letter(c byte) error {
	if l.named() || l.continues() {
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
		if l.named() {
			l.name = plainText(l.text)
		}
	}
	return nil
}

// held says whether the text that comes is a link, and is held back.
func (l *linkWriter) held() bool { return l.inText && l.continues() }

// continues says whether the value that comes is a link that continues the answer, or a
// list of it: "attachments@odata.nextLink".
func (l *linkWriter) continues() bool {
	return len(l.levels) > 0 && l.levels[len(l.levels)-1].value && (strings.HasSuffix(l.name, page.NextLink) || strings.HasSuffix(l.name, page.DeltaLink))
}

// put writes the link that has been read as one of our own.
func (l *linkWriter) put() error {
	own, err := l.own(l.name, plainText(l.text), len(l.levels) > 1 || l.name != page.NextLink && l.name != page.DeltaLink)
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
	if len(l.levels) != 0 || l.inText {
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
