package read

import "strings"

// table takes a row of a table: cells between bars, or between tabs.
func (p *prose) table(s, next string, n int) bool {
	bars := strings.Count(strings.ReplaceAll(s, `\|`, ""), "|")
	tabs := strings.Count(strings.TrimSpace(s), "\t")
	gaps := 0
	if bars == 0 && tabs == 0 {
		gaps = len(marksOf().gap.FindAllString(s, -1))
	}
	ruled := strings.Contains(next, "|") && marksOf().rule.MatchString(strings.TrimSpace(next))
	switch {
	case p.cells > 0 && marksOf().rule.MatchString(s):
		return true
	case strings.HasPrefix(s, "+-"):
		return true
	case strings.HasPrefix(s, "|") && (bars >= 2 || p.cells > 0), bars >= 2 && strings.Contains(s, " | "), bars >= 1 && (p.cells > 0 || ruled), tabs >= 1, gaps >= 2, gaps >= 1 && p.cells > 1 && p.spaced:
	default:
		return false
	}
	var parts []string
	switch {
	case bars > 0:
		parts = bar(s)
	case tabs > 0:
		parts = strings.Split(s, "\t")
	default:
		parts = marksOf().gap.Split(s, -1)
	}
	p.spaced = gaps > 0
	b := block{kind: row, line: n}
	for _, c := range parts {
		t := &text{}
		inline(t, strings.TrimSpace(c), n, &b.links)
		b.cells = append(b.cells, t)
	}
	p.open = nil
	if p.cells == 0 || headRow(&b) {
		p.head = nil
		if ruled || headRow(&b) {
			for _, c := range b.cells {
				p.head = append(p.head, strings.TrimSpace(c.String()))
			}
		}
	}
	p.cells = len(b.cells)
	b.head = p.head
	p.blocks = append(p.blocks, b)
	return true
}

// headRow says whether a row names columns: short cells, one of them a word for
// permissions, none of them a permission.
func headRow(b *block) bool {
	return heads(b) >= 2 && !strings.Contains(strings.ToLower(b.words()), "✓")
}

// mayHead says whether the first row of a table names its columns: one is enough.
func mayHead(b *block) bool { return len(b.cells) > 1 && heads(b) >= 1 }

func heads(b *block) (some int) {
	for _, c := range b.cells {
		s := c.String()
		if len(s) > 40 || forms().name.MatchString(s) || forms().id.MatchString(s) {
			return 0
		}
		if columnOf(s) != other {
			some++
		}
	}
	return some
}

func (p *prose) endTable() { p.cells, p.head = 0, nil }

// bar cuts a row at its bars.
func bar(s string) []string {
	const kept = "\x00"
	s = strings.ReplaceAll(s, `\|`, kept)
	s = strings.TrimSuffix(strings.TrimPrefix(s, "|"), "|")
	parts := strings.Split(s, "|")
	for i := range parts {
		parts[i] = strings.ReplaceAll(parts[i], kept, "|")
	}
	return parts
}
