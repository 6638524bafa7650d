package read

import "strings"

// cut says whether a line ends in the first part of a name and the next begins with
// the rest. It gives the line without the hyphen that parted them.
func (b *book) cut(line, next string) (string, bool) {
	tail := line[len(line)-len(lastRun(line)):]
	first := firstRun(next)
	if len(tail) < 2 || first == "" {
		return line, false
	}
	switch tail[len(tail)-1] {
	case '-':
		if b.named(tail[:len(tail)-1] + first) {
			return line[:len(line)-1], true
		}
	case '.':
		// "User.Read. All users" ends a sentence.
		return line, b.named(tail+first) && !b.named(tail[:len(tail)-1])
	case '_':
		return line, b.named(tail + first)
	}
	return line, false
}

// rejoined puts names that stand on three lines, cut at their dots, on the first of them, and
// a last part that has a line of its own on the line before.
func (b *book) rejoined(lines []string) []string {
	var out []string // a copy, once anything is changed
	for i := 0; i+1 < len(lines); i++ {
		line, next := strings.TrimRight(lines[i], " \t\r"), strings.TrimSpace(lines[i+1])
		if !strings.HasSuffix(line, ".") || next == "" || len(firstRun(next)) < 2 {
			continue
		}
		tail, last := lastRun(line), i+1
		joined, rest := firstRun(next), next[len(firstRun(next)):]
		if rest == "." && i+2 < len(lines) {
			third := strings.TrimSpace(lines[i+2])
			last, joined, rest = i+2, joined+"."+firstRun(third), third[len(firstRun(third)):]
		}
		alone := rest == "" || strings.ContainsRune(",.;:)", rune(rest[0]))
		if !b.named(tail+joined) || last == i+1 && (!alone || !b.named(strings.TrimSuffix(tail, "."))) {
			continue
		}
		if out == nil {
			out = append(out, lines...)
			lines = out
		}
		lines[i] = line + joined + rest
		for j := i + 1; j <= last; j++ {
			lines[j] = ""
		}
	}
	return lines
}

// named says whether a word is a name as Microsoft writes it.
func (b *book) named(word string) bool {
	n, ok := b.exact(word)
	return ok && n == word
}

func ofName(c byte) bool {
	return isLetter(c) || c == '.' || c == '_' || c == '-' || c >= '0' && c <= '9'
}

// lastRun is what a line ends in that may be part of a name.
func lastRun(s string) string {
	i := len(s)
	for i > 0 && len(s)-i < 80 && ofName(s[i-1]) {
		i--
	}
	return s[i:]
}

// firstRun is what a line begins with that may be part of a name.
func firstRun(s string) string {
	i := 0
	for i < len(s) && i < 80 && ofName(s[i]) {
		i++
	}
	return strings.TrimRight(s[:i], "._-")
}

// farIn is how far a line must be set in to go on with the last column above.
const farIn = 12

// under takes a line that goes on with cells of the row above it, in a table whose
// columns are parted by spaces: with the last, or with the first where that ends
// inside of a name or a list.
func (p *prose) under(raw, s string, n int) bool {
	if p.cells < 2 || !p.spaced || len(p.blocks) == 0 || p.blocks[len(p.blocks)-1].kind != row {
		return false
	}
	b := &p.blocks[len(p.blocks)-1]
	end := b.cells[len(b.cells)-1]
	if len(raw)-len(strings.TrimLeft(raw, " ")) >= farIn {
		end.add(" "+s, n, 0)
		return true
	}
	parts := marksOf().gap.Split(s, -1)
	above := b.cells[0].String()
	whole, ok := p.book.cut(above, parts[0])
	switch {
	case ok:
		joined := &text{}
		joined.add(whole, b.cells[0].line(0), 0)
		joined.add(parts[0], n, 0)
		b.cells[0] = joined
	case strings.HasSuffix(strings.TrimSpace(above), ","):
		b.cells[0].add(" "+parts[0], n, 0)
	default:
		return false
	}
	for _, rest := range parts[1:] {
		end.add(" "+rest, n, 0)
	}
	return true
}
