package read

import (
	"bytes"
	"encoding/json"
	"strings"
)

// readJSON makes blocks of JSON that is no app manifest: an object is a row whose keys
// head its columns, a text in a list is a row of its own, and the keys above are
// headings. It gives nothing for what is no JSON, or nested too deeply.
func readJSON(raw []byte) ([]block, bool) {
	d := &document{decoder: json.NewDecoder(bytes.NewReader(raw)), raw: raw, line: 1}
	if err := d.value("", 1); err != nil || d.decoder.More() {
		return nil, false
	}
	return d.blocks, true
}

type document struct {
	decoder *json.Decoder
	raw     []byte
	line    int // of off
	off     int
	blocks  []block
	row     *block // of the object that is being read
}

func (d *document) token() (json.Token, error) {
	t, err := d.decoder.Token()
	to := int(d.decoder.InputOffset())
	d.line += bytes.Count(d.raw[d.off:to], []byte("\n"))
	d.off = to
	return t, err
}

func (d *document) value(key string, depth int) error {
	t, err := d.token()
	if err != nil {
		return err
	}
	switch v := t.(type) {
	case json.Delim:
		if depth > maxDepth {
			return errDeep
		}
		return d.inside(key, v, depth)
	case string:
		d.said(key, v)
	}
	return nil
}

// inside reads an object or a list to its end.
func (d *document) inside(key string, open json.Delim, depth int) error {
	if key != "" && depth > 1 {
		d.add(block{kind: heading, level: depth, cells: []*text{{}}}, key)
	}
	outer := d.row
	d.row = nil
	if open == '{' {
		d.row = &block{kind: row, line: d.line}
	}
	mine := d.row
	for d.decoder.More() {
		k := key
		if open == '{' {
			t, err := d.token()
			if err != nil {
				return err
			}
			k, _ = t.(string)
			d.row = mine
		} else {
			d.row = nil
		}
		if err := d.value(k, depth+1); err != nil {
			return err
		}
	}
	_, err := d.token()
	if mine != nil && len(mine.cells) > 0 {
		d.blocks = append(d.blocks, *mine)
	}
	d.row = outer
	return err
}

// said takes a text: a cell of the object that is being read, or a row of its own.
func (d *document) said(key, v string) {
	t := &text{}
	m := marks(0)
	if l := strings.ToLower(key); strings.Contains(l, "scope") || strings.Contains(l, "permission") || strings.Contains(l, "claim") {
		m = inCode
	}
	t.add(v, d.line, m)
	if d.row == nil {
		d.blocks = append(d.blocks, block{kind: row, line: d.line, cells: []*text{t}, head: []string{key}})
		return
	}
	d.row.cells = append(d.row.cells, t)
	d.row.head = append(d.row.head, key)
}

func (d *document) add(b block, words string) {
	b.line = d.line
	b.cells[0].add(words, d.line, 0)
	d.blocks = append(d.blocks, b)
}
