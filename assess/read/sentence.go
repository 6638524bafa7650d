package read

import (
	"strings"

	"github.com/graphwarden/graphwarden/assess/speech"
)

// The most of a sentence that is looked at before and behind a name.
const (
	wayBefore = 400
	wayBehind = 160
)

// fullStop ends a sentence in Japanese and Chinese.
const fullStop = "。"

// sentence is the sentence around a stretch of a text, as far as it is looked at.
func sentence(s string, from, to int) (int, int) {
	start := max(0, from-wayBefore)
	for start < from && s[start]&0xC0 == 0x80 { // not inside of a letter
		start++
	}
	for i := from - 1; i > start; i-- {
		if strings.HasPrefix(s[i:], fullStop) {
			start = i + len(fullStop)
			break
		}
		if s[i] == '\n' || (s[i] == ' ' && strings.ContainsRune(".!?", rune(s[i-1])) && !abbreviated(s[:i])) {
			start = i + 1
			break
		}
	}
	end := min(len(s), to+wayBehind)
	for end < len(s) && s[end]&0xC0 == 0x80 {
		end++
	}
	for i := to; i < end; i++ {
		if s[i] == '\n' || strings.HasPrefix(s[i:], fullStop) || strings.ContainsRune(".!?", rune(s[i])) && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\n') {
			return start, i
		}
	}
	return start, end
}

func abbreviated(s string) bool {
	for _, a := range []string{"e.g.", "i.e.", "z.B.", "B.", "bzw.", "f.eks.", "ca.", "t.ex.", "etc.", "incl.", "bl.a.", "z."} {
		if strings.HasSuffix(s, a) {
			return true
		}
	}
	return false
}

// until is where the next name begins that stands at least so far behind.
func until(h hit, hits []hit, far int) int {
	end := 1 << 30
	for _, o := range hits {
		if o.from >= h.to+far {
			end = min(end, o.from)
		}
	}
	return end
}

// answerIn is how the block after begins: a question may be answered there.
func answerIn(all []block, i int) string {
	if i+1 < len(all) {
		return head(all[i+1].words(), wayBehind)
	}
	return ""
}

// asksAndDenies says whether a sentence is a question whether a name is asked for that is
// answered with no, in the same block or in the next, or one that asks why it is not.
func asksAndDenies(sentence string, name span, rest, next string) bool {
	if !asks(rest) {
		return false
	}
	l := strings.ToLower(sentence)
	if len(l) == len(sentence) && signs().why.In(l, l) && speech.AsksWhyNot(l[:name.from], l[name.to:]) {
		return true
	}
	return speech.AsksWhether(l) && answeredNo(rest, next)
}

// answeredNo says whether a question is answered with no.
func answeredNo(rest, next string) bool {
	if rest = strings.Trim(rest[1:], " *_\"')"); rest == "" {
		rest = next
	}
	return speech.SaysNo(rest)
}
