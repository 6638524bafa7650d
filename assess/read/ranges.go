package read

import (
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
)

// ranged resolves a name with a part in brackets, Calendars.Read(Write), and one
// with alternatives, Mail.Read/ReadWrite.
func (b *book) ranged(word, after string) (found []hit, length int) {
	if m := forms().optional.FindStringSubmatch(after); m != nil {
		if names := b.each(word+m[2], word+m[1]+m[2], word+"."+strings.TrimPrefix(m[1], ".")+m[2]); len(names) > 1 {
			return certain(names), len(m[0])
		}
	}
	alternatives := forms().alternatives.FindString(after)
	if alternatives == "" {
		return nil, 0
	}
	parts := strings.FieldsFunc(alternatives, func(r rune) bool { return r == '/' || r == '|' || r == ' ' })
	tail := ""
	if last := parts[len(parts)-1]; !strings.HasPrefix(last, ".") {
		if _, rest, ok := strings.Cut(last, "."); ok {
			tail = "." + rest
		}
	}
	var names []string
	for _, part := range parts {
		if n, ok := b.alternative(word, part, tail); ok {
			names = append(names, n)
		}
	}
	if len(names) < len(parts) {
		return nil, 0 // names of their own, or something else
	}
	if first := b.each(word+tail, word); len(first) > 0 {
		names = append(first[:1], names...)
	}
	return certain(names), len(alternatives)
}

// alternative is the name that part makes in the place of the word's end.
func (b *book) alternative(word, part, tail string) (string, bool) {
	if strings.HasPrefix(part, ".") {
		return b.exact(word + part)
	}
	if _, ok := b.exact(part); ok && strings.Contains(part, ".") {
		return "", false // a name of its own
	}
	if part == "Write" || strings.HasPrefix(part, "Write.") {
		part = "Read" + part
	}
	family, rest, _ := strings.Cut(word, ".")
	if n, ok := b.exact(family + "." + part); ok {
		return n, true
	}
	if _, constraint, ok := strings.Cut(rest, "."); ok {
		if n, ok := b.exact(family + "." + part + "." + constraint); ok {
			return n, true
		}
	}
	if n, ok := b.exact(family + "." + part + tail); ok {
		return n, true
	}
	if i := strings.LastIndex(word, "."); i > 0 {
		return b.exact(word[:i+1] + part)
	}
	return "", false
}

// each keeps the names that there are.
func (b *book) each(words ...string) []string {
	var names []string
	for _, w := range words {
		n, ok := b.exact(w)
		for _, have := range names {
			ok = ok && have != n
		}
		if ok {
			names = append(names, n)
		}
	}
	return names
}

func certain(names []string) []hit {
	var hits []hit
	for _, n := range names {
		hits = append(hits, hit{guess: guess{n, plan.ByName, plan.Certain}})
	}
	return hits
}

// broken finds names that a space or the end of a line breaks. In running prose
// that is done only where no sentence can end inside.
func (b *book) broken(s string, taken []bool) []hit {
	if !gapped(s) {
		return nil
	}
	var hits []hit
	for from := 0; from < len(s); {
		at := forms().spaced.FindStringIndex(s[from:])
		if at == nil {
			break
		}
		start, end := from+at[0], from+at[1]
		h, ok := b.joined(s, start, end)
		if ok && take(taken, h.from, h.to) {
			hits = append(hits, h)
			from = h.to
			continue
		}
		for start < end && s[start] != ' ' && s[start] != '\n' { // on with the next word
			start++
		}
		from = max(start, from+at[0]+1)
	}
	return hits
}

// joined tries the longest stretch first.
func (b *book) joined(s string, start, end int) (hit, bool) {
	whole := s[start:end]
	for cut := len(whole); cut > 0; cut = strings.LastIndexAny(whole[:cut], ".- \n") {
		part := strings.TrimRight(whole[:cut], " \n.-")
		if !strings.ContainsAny(part, " \n-") || !strings.ContainsAny(part, ".") {
			continue
		}
		word := strings.Join(strings.Fields(part), "")
		n, ok := b.exact(word)
		if !ok {
			n, ok = b.exact(strings.ReplaceAll(word, "-", ""))
		}
		if ok && b.unbroken(s, start, start+len(part), part) {
			return hit{guess: guess{n, plan.ByName, plan.Certain}, from: start, to: start + len(part), written: word}, true
		}
	}
	return hit{}, false
}

// unbroken says whether a stretch with a gap is one name: no sentence ends in it.
func (b *book) unbroken(s string, from, to int, part string) bool {
	gap := strings.IndexAny(part, " \n")
	if gap < 0 {
		return true // a hyphen
	}
	if part[gap-1] != '.' && !strings.HasPrefix(strings.TrimLeft(part[gap:], " \n"), ".") && part[gap-1] != '-' {
		return false
	}
	before, after := strings.TrimSpace(s[:from]), strings.TrimSpace(s[to:])
	if before == "" && (after == "" || !isLower(after[0])) {
		return true
	}
	rest := strings.TrimLeft(part[gap:], " \n.")
	return strings.Contains(part[:gap-1], ".") || strings.ContainsAny(rest, ".") || len(rest) > 5 || strings.HasPrefix(strings.TrimLeft(part[gap:], " \n"), ".")
}

func isLower(c byte) bool { return c >= 'a' && c <= 'z' }

// gapped says whether a name could be broken at all: by a hyphen, or by white space at a
// dot.
func gapped(s string) bool {
	if strings.IndexByte(s, '-') >= 0 {
		return true
	}
	space := func(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }
	for i := range len(s) {
		if s[i] == '.' && (i > 0 && space(s[i-1]) || i+2 < len(s) && space(s[i+1])) {
			return true
		}
	}
	return false
}

// leading says whether a dot leads a word.
func leading(s string) bool {
	for i := range len(s) {
		if s[i] == '.' && (i == 0 || strings.IndexByte(" \n\t\r\f,/(", s[i-1]) >= 0) {
			return true
		}
	}
	return false
}

// followers finds ".ReadWrite" that continues the name before it.
func (b *book) followers(s string, taken []bool, have []hit) []hit {
	if !leading(s) {
		return nil
	}
	var hits []hit
	for _, at := range forms().more.FindAllStringSubmatchIndex(s, -1) {
		from, to := at[2]-1, at[3]
		base := ""
		for _, h := range have {
			if h.to <= from && from-h.to < 40 && h.how == plan.ByName {
				base = h.name
			}
		}
		family, _, ok := strings.Cut(base, ".")
		if !ok {
			continue
		}
		n, ok := b.exact(family + "." + s[at[2]:at[3]])
		if !ok {
			n, ok = b.exact(base + "." + s[at[2]:at[3]])
		}
		if ok && take(taken, from, to) {
			hits = append(hits, hit{guess: guess{n, plan.ByName, plan.Certain}, from: from, to: to, written: s[from:to]})
		}
	}
	return hits
}
