package read

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// tabular follows the tags of a table.
func (p *page) tabular(t *html.Token) {
	switch t.DataAtom {
	case atom.Table:
		p.endRow()
		p.flush()
		p.table = table{}
	case atom.Tr:
		p.endRow()
		p.flush()
		p.table.inRow, p.table.first, p.begun = true, true, p.line
		p.table.row, p.table.th, p.table.td, p.table.col = nil, 0, 0, 0
	case atom.Td, atom.Th:
		if !p.table.inRow {
			return
		}
		p.endCell()
		if p.table.first {
			p.begun = p.line
		}
		p.table.first = false
		p.covered()
		if t.DataAtom == atom.Th {
			p.table.th++
		} else {
			p.table.td++
		}
		p.open, p.table.wide = &text{}, over(t, "colspan", maxColumns)
		p.table.spans = p.table.spans || p.table.wide > 1 || over(t, "rowspan", maxRows) > 1
		p.table.remember(over(t, "rowspan", maxRows), p.open)
	}
}

// over is how many rows or columns a cell covers.
func over(t *html.Token, key string, most int) int {
	for _, a := range t.Attr {
		if a.Key == key {
			if n, err := strconv.Atoi(strings.TrimSpace(a.Val)); err == nil && n > 1 && n < most {
				return n
			}
		}
	}
	return 1
}

// maxRows bounds how many rows a cell may cover.
const maxRows = 1000

// maxColumns bounds what a table may want remembered.
const maxColumns = 200

// remember keeps a cell that covers rows below its own.
func (t *table) remember(rows int, cell *text) {
	for len(t.span) <= t.col && len(t.span) < maxColumns {
		t.span, t.down = append(t.span, 0), append(t.down, nil)
	}
	if t.col < len(t.span) {
		t.span[t.col], t.down[t.col] = rows-1, cell
	}
}

// covered puts the cells of rows above into their columns.
func (p *page) covered() {
	t := &p.table
	for t.col < len(t.span) && t.span[t.col] > 0 && t.down[t.col] != nil {
		copied := &text{}
		copied.add(t.down[t.col].String(), p.line, 0)
		t.row = append(t.row, copied)
		t.span[t.col]--
		t.col++
	}
}

func (p *page) endCell() {
	if !p.table.inRow || p.open == nil {
		return
	}
	p.table.row = append(p.table.row, p.open)
	p.table.col++
	for ; p.table.wide > 1 && len(p.table.row) < maxColumns; p.table.wide-- { // the columns beside it hold nothing of their own
		p.table.row = append(p.table.row, &text{})
		p.table.col++
	}
	p.open = nil
}

// endRow makes a block of the row; one of headings names the columns instead.
func (p *page) endRow() {
	if !p.table.inRow {
		return
	}
	p.endCell()
	p.covered()
	p.table.inRow = false
	if len(p.table.row) == 0 {
		return
	}
	b := block{kind: row, line: p.begun, cells: p.table.row, links: p.links}
	p.links = nil
	heads := p.table.th > 0 && p.table.td == 0 && len(b.cells) > 1 || len(p.table.head) == 0 && (headRow(&b) || p.table.rows == 0 && mayHead(&b)) ||
		p.table.rows == 1 && p.table.spans && headRow(&b) // the second row of headings
	if heads {
		p.table.head = nil
		for _, c := range b.cells {
			p.table.head = append(p.table.head, strings.TrimSpace(c.String()))
		}
	}
	p.table.rows++
	b.head = p.table.head
	p.blocks = append(p.blocks, b)
	p.table.row = nil
}
