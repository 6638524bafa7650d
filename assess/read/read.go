// Package read reads plans of permissions: app manifests, addresses of consent,
// tables, and prose as text, Markdown or HTML, in any language that leaves the names
// of permissions as they are. It promises to find what is named and to say what it
// could not place; to take for a permission nothing that merely looks like one; and
// to refuse what is too large or no text, in bounded memory and time.
package read

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
)

// MaxBytes is how large a plan may be.
const MaxBytes = 16 << 20

// MaxMentions is how many permissions a plan may name.
const MaxMentions = 50_000

// MaxText is how many bytes people read of a plan, without its markup. The time that a
// plan takes grows with them and no faster, whatever their lines: one to two seconds of a
// processor for a million, with its judging.
const MaxText = 2 << 20

// MaxPieces is how many lines and cells a plan may have; each takes memory.
const MaxPieces = 400_000

// The formats that are recognised.
const (
	Manifest = "manifest"
	CSV      = "csv"
	HTML     = "html"
	Markdown = "markdown"
	Text     = "text"
	Address  = "url"
	JSON     = "json"
	Code     = "code"
)

// From reads a plan by the names of a catalogue; name is for its extension and for the
// report.
func From(c *catalog.Catalog, name string, r io.Reader) (*plan.Plan, error) {
	raw, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "assess.unreadable", Cause: err, Say: fmt.Sprintf("%s cannot be read: %v.", name, err), Do: "Name a file that this user may read."}
	}
	if len(raw) > MaxBytes {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "assess.too_large", Say: fmt.Sprintf("%s has more than %d MB.", name, MaxBytes>>20), Do: "Name the part of the document that is about permissions."}
	}
	return Bytes(c, name, raw)
}

// Bytes reads a plan that is in memory.
func Bytes(c *catalog.Catalog, name string, raw []byte) (*plan.Plan, error) {
	if o, is := officeOf(raw); is {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "assess.binary", Say: fmt.Sprintf("%s is %s, which cannot be read.", name, o.called), Do: o.instead}
	}
	s, err := decode(raw)
	if err != nil {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "assess.binary", Cause: err, Say: fmt.Sprintf("%s is no text: %v.", name, err), Do: "Export the document as text, Markdown, HTML or CSV."}
	}
	b := bookOf(c)
	p := &plan.Plan{Document: name, Lines: countLines(s), Format: formatOf(name, s)}
	if n := pieces(p.Format, s); n > MaxPieces {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "assess.too_large", Say: fmt.Sprintf("%s has %d lines and cells; a plan may have %d.", name, n, MaxPieces), Do: "Name the part of the document that is about permissions."}
	}
	switch p.Format {
	case Manifest:
		if err := readManifest(b, p, []byte(s)); err != nil {
			return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "assess.manifest", Cause: err, Say: fmt.Sprintf("%s is no app manifest that can be read: %v.", name, err), Do: "Download the manifest anew from Entra."}
		}
	default:
		blocks := blocksOf(b, p, s)
		if n := said(blocks); n > MaxText {
			return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "assess.too_large", Say: fmt.Sprintf("%s has %.1f MB of text; a plan may have %d.", name, float64(n)/(1<<20), MaxText>>20), Do: "Name the part of the document that is about permissions."}
		}
		walk(b, p, blocks, footnoted(s))
	}
	if len(p.Mentions) > MaxMentions {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "assess.too_large", Say: fmt.Sprintf("%s names %d permissions.", name, len(p.Mentions)), Do: "Name the part of the document that is about permissions."}
	}
	return p, nil
}

// blocksOf cuts a text into blocks by its format.
func blocksOf(b *book, p *plan.Plan, s string) []block {
	switch p.Format {
	case CSV:
		return readCSV(s)
	case HTML:
		return readHTML([]byte(s))
	case JSON:
		if blocks, ok := readJSON([]byte(s)); ok {
			return blocks
		}
		p.Format = Text
	case Code:
		return readCode(strings.Split(s, "\n"))
	}
	return readProse(b, strings.Split(s, "\n"))
}

// said is how many bytes blocks say.
func said(blocks []block) int {
	n := 0
	for i := range blocks {
		for _, c := range blocks[i].cells {
			n += c.b.Len()
		}
	}
	return n
}

// pieces is about how many lines, cells and elements a text falls into.
func pieces(format, s string) int {
	n := strings.Count(s, "\n")
	switch format {
	case HTML:
		return n + strings.Count(s, "<")
	case CSV:
		return n + strings.Count(s, string(separator(s)))
	case JSON, Manifest:
		return n + strings.Count(s, "\"")/2
	}
	return n + strings.Count(s, "|") + strings.Count(s, "\t") + strings.Count(s, "   ")
}

func countLines(s string) int {
	n := strings.Count(s, "\n")
	if s != "" && !strings.HasSuffix(s, "\n") {
		n++
	}
	return n
}

var errControl = errors.New("it holds bytes that no text has")

// decode makes UTF-8 with line feeds of what people save: UTF-8 or UTF-16 with a
// mark, or Windows-1252.
func decode(raw []byte) (string, error) {
	var s string
	switch {
	case bytes.HasPrefix(raw, []byte{0xEF, 0xBB, 0xBF}):
		s = string(raw[3:])
	case bytes.HasPrefix(raw, []byte{0xFF, 0xFE}), bytes.HasPrefix(raw, []byte{0xFE, 0xFF}):
		s = wide(raw[2:], raw[0] == 0xFE)
	default:
		s = string(raw)
	}
	if !utf8.ValidString(s) {
		if control(raw) {
			return "", errControl
		}
		western, err := charmap.Windows1252.NewDecoder().Bytes(raw)
		if err != nil {
			return "", err
		}
		s = string(western)
	}
	if control([]byte(s)) {
		return "", errControl
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n"), nil
}

// control says whether bytes are no text: a NUL, or more control characters than a
// stray one in a hundred.
func control(raw []byte) bool {
	n := 0
	for _, c := range raw {
		switch {
		case c == 0:
			return true
		case c < 0x20 && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x0b:
			n++
		}
	}
	return n > 8 && n > len(raw)/100
}

func wide(raw []byte, bigEndian bool) string {
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i+1 < len(raw); i += 2 {
		u := uint16(raw[i]) | uint16(raw[i+1])<<8
		if bigEndian {
			u = u>>8 | u<<8
		}
		units = append(units, u)
	}
	return string(utf16.Decode(units))
}
