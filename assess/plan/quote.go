package plan

import (
	"fmt"
	"strings"
	"unicode"
)

// quoteLength is how many bytes of a plan's own words are quoted.
const quoteLength = 120

// Quote gives a plan's own words around the byte at, on one line: white space is one
// space, and what a terminal would not print but obey stands as its code.
func Quote(text string, at int) string {
	at = min(max(at, 0), len(text))
	from, to := 0, len(text)
	if to > quoteLength {
		from = min(max(0, at-quoteLength/3), len(text)-quoteLength)
		to = from + quoteLength
		if i := strings.IndexByte(text[from:to], ' '); from > 0 && i >= 0 && from+i < at {
			from += i + 1
		}
		if i := strings.LastIndexByte(text[from:to], ' '); to < len(text) && i > 0 && from+i > at {
			to = from + i
		}
	}
	words := strings.Join(strings.Fields(strings.ToValidUTF8(text[from:to], "")), " ")
	var b strings.Builder
	if from > 0 {
		b.WriteString("... ")
	}
	for _, r := range words {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\u{%x}`, r)
		}
	}
	if to < len(text) {
		b.WriteString(" ...")
	}
	return b.String()
}
