package proxy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/graphwarden/graphwarden/odata/page"
)

// longestLink is how long a link of Microsoft's may be.
const longestLink = 64 << 10

// linkWriter passes a JSON answer on byte for byte, in whatever pieces it comes, but
// for the links that continue it, or a list within it, and addresses that need no token: own
// writes them anew.
type linkWriter struct {
	to io.Writer
	// own gives the proxy's link in place of Microsoft's that a member is: one of the answer
	// itself, or one within it.
	own func(member, theirs string, within bool) (string, error)
	// session says that the answer is an upload session, whose address is such a link, too.
	session bool

	levels  []level // of the objects and lists that stand open
	name    string  // the member whose value comes; may be "" of one that is no link
	inText  bool
	reading reading // of the text
	text    []byte  // of what is read, with its quotes
	escaped bool
}

// reading says what a text is read as.
type reading int

const (
	asValue reading = iota // it is passed on unread
	asName                 // of a member
	asLink                 // it is held back, and one of our own takes its place
)

// level is an object or a list.
type level struct {
	object bool
	value  bool // of an object: what comes is a value
}

// Write passes a piece on.
func (l *linkWriter) Write(piece []byte) (int, error) {
	from := 0   // what of the piece has not been passed on
	quote := -1 // where the last quote is that was looked for
	for i := 0; i < len(piece); i++ {
		if l.inText && l.reading == asValue && !l.escaped {
			// Nearly all of an answer is passed here, in strides.
			if quote < i {
				if quote = bytes.IndexByte(piece[i:], '"'); quote < 0 {
					quote = len(piece)
				} else {
					quote += i
				}
			}
			stop := quote
			if escape := bytes.IndexByte(piece[i:quote], '\\'); escape >= 0 {
				stop = i + escape
			}
			if i = stop; i == len(piece) {
				break
			}
		}
		c := piece[i]
		var err error
		switch {
		case !l.inText && c != '"':
			l.structure(c)
		case !l.inText:
			l.reading = l.expected()
			if end := l.whole(piece[i+1:]); end >= 0 {
				i += 1 + end
				continue
			}
			if l.inText, l.text = true, append(l.text[:0], c); l.reading == asLink {
				_, err = l.to.Write(piece[from:i])
				from = len(piece) // the link's own text stays behind
			}
		default:
			if err = l.letter(c); err == nil && l.reading == asLink && !l.inText {
				err = l.put()
				from = i + 1
			}
		}
		if err != nil {
			return i, err
		}
	}
	if from < len(piece) && !(l.inText && l.reading == asLink) {
		if _, err := l.to.Write(piece[from:]); err != nil {
			return 0, err
		}
	}
	return len(piece), nil
}

// whole passes a text whose end, the quote at end, has come with its beginning, and which
// needs no second look: nothing in it is escaped, and it is no link. -1 says that it is
// none of these.
func (l *linkWriter) whole(text []byte) (end int) {
	if l.reading == asLink {
		return -1
	}
	if end = bytes.IndexByte(text, '"'); end < 0 || bytes.IndexByte(text[:end], '\\') >= 0 {
		return -1
	}
	if l.reading == asName {
		l.name = "" // of other members it does not matter
		if name := string(text[:end]); l.leads(name) {
			l.name = name
		}
	}
	return end
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

// expected says what the text is that begins: a member's name, a link that continues the
// answer or a list of it ("attachments@odata.nextLink"), or another value.
func (l *linkWriter) expected() reading {
	switch {
	case len(l.levels) == 0:
		return asValue
	case l.levels[len(l.levels)-1] == level{object: true}:
		return asName
	case l.levels[len(l.levels)-1].value && l.leads(l.name):
		return asLink
	}
	return asValue
}

// leads says whether the value of a member is an address that leads on: a link, or where
// somebody is let in without a token.
func (l *linkWriter) leads(name string) bool {
	return strings.HasSuffix(name, page.NextLink) || strings.HasSuffix(name, page.DeltaLink) || isDownload(name) || l.session && strings.EqualFold(name, uploadURL)
}

// letter follows a text; it keeps names and links.
func (l *linkWriter) letter(c byte) error {
	if l.reading != asValue {
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
		if l.reading == asName {
			l.name = plainText(l.text)
		}
	}
	return nil
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
