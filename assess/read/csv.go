package read

import (
	"encoding/csv"
	"errors"
	"io"
	"strings"
)

// readCSV reads a table whose cells are parted by a comma, semicolon or tab.
func readCSV(s string) []block {
	r := csv.NewReader(strings.NewReader(s))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.TrimLeadingSpace = separator(s), -1, true, true
	var blocks []block
	var head []string
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return blocks
		}
		if err != nil || len(record) == 0 {
			continue
		}
		line, _ := r.FieldPos(0)
		b := block{kind: row, line: line}
		for i, c := range record {
			at, _ := r.FieldPos(i)
			t := &text{}
			inline(t, strings.TrimSpace(c), at, &b.links)
			b.cells = append(b.cells, t)
		}
		if head == nil && headRow(&b) {
			for _, c := range b.cells {
				head = append(head, strings.TrimSpace(c.String()))
			}
		}
		b.head = head
		blocks = append(blocks, b)
	}
}

// separator is the one that the first line has most of.
func separator(s string) rune {
	first, _, _ := strings.Cut(s, "\n")
	best, most := ',', 0
	for _, c := range ",;\t" {
		if n := strings.Count(first, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}
