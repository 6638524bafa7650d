package read

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/plan"
)

var parted = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b[A-Z][A-Za-z]+ (?:ReadWrite|ReadBasic|FullControl|Read|Write|Send|Manage)(?:[ .](?:All|Shared|Selected|Basic|AppFolder))?\b`)
})

// spaces finds names that a space parts where a dot belongs: Mail ReadWrite. One whose
// action is no word of the language is sure; Mail Read could be two words, and counts only
// where it stands for itself, as an item, a cell or a part of a list, and as a guess.
func (b *book) spaces(s string, taken []bool) []hit {
	if !acting(s) {
		return nil
	}
	var hits, guessed []hit
	for _, at := range parted().FindAllStringIndex(s, -1) {
		h, ok := b.longest(s, at[0], at[1])
		switch {
		case !ok:
		case h.sure == plan.High || itself(s, h.from, h.to):
			if take(taken, h.from, h.to) {
				hits = append(hits, h)
			}
		default:
			guessed = append(guessed, h)
		}
	}
	for _, h := range guessed { // the first of a list has a sentence before it
		if slices.ContainsFunc(hits, func(o hit) bool { return beside(s, h.from, h.to, o.from, o.to) }) && take(taken, h.from, h.to) {
			hits = append(hits, h)
		}
	}
	return hits
}

// acting says whether an action stands behind a space.
func acting(s string) bool {
	for _, w := range []string{" Read", " Write", " FullControl", " Send", " Manage"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// longest is the longest name that a stretch begins with, its spaces taken for dots.
func (b *book) longest(s string, from, to int) (hit, bool) {
	for to > from {
		if name, ok := b.exact(strings.ReplaceAll(s[from:to], " ", ".")); ok && strings.Contains(s[from:to], " ") {
			sure := plan.High
			if _, action, _ := strings.Cut(name, "."); !compound(action) {
				sure = plan.Low
			}
			return hit{guess: guess{name, plan.ByMisspelling, sure}, from: from, to: to, written: s[from:to]}, true
		}
		to = from + max(0, strings.LastIndexAny(s[from:to], " ."))
	}
	return hit{}, false
}

// compound says whether an action is no word that stands in a sentence.
func compound(action string) bool {
	return strings.HasPrefix(action, "ReadWrite") || strings.HasPrefix(action, "ReadBasic") || strings.HasPrefix(action, "FullControl")
}

// itself says whether a stretch of a text stands for itself: between the text's ends,
// marks, and the words of a list.
func itself(s string, from, to int) bool {
	before, after := strings.TrimRight(s[:from], " "), strings.TrimLeft(s[to:], " ")
	begins := before == "" || strings.ContainsRune(",;:(|\"'`\n-", rune(before[len(before)-1]))
	for _, and := range []string{" and", " und", " et", " y", " og", " en", " och", " e", " or", " oder"} {
		begins = begins || strings.HasSuffix(before, and)
	}
	ends := after == "" || strings.ContainsRune(",;:(|)\"'`\n.-", rune(after[0])) || joins(" "+after)
	return begins && ends
}

var unknownForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\b[A-Z][A-Za-z]+(?:\.[A-Z][A-Za-z]+){1,3}\b`)
})

// unknownActions finds names whose first word is a family of permissions and whose
// actions are none: Calendars.ReadLess. Where the text does not speak of permissions the
// action must at least begin as one does.
func (b *book) unknownActions(s string, hits []hit, told bool) []hit {
	if !strings.Contains(s, ".") {
		return nil
	}
	var out []hit
	for _, at := range within(unknownForm(), s) {
		from, to := at[0], at[1]
		word := s[from:to]
		family, action, _ := strings.Cut(word, ".")
		names := b.families[strings.ToLower(family)]
		if len(names) == 0 || !strings.HasPrefix(names[0], family+".") || !free(s, from, to) || to < len(s) && strings.ContainsRune("(.", rune(s[to])) && (s[to] == '(' || to+1 < len(s) && s[to+1] != ' ') {
			continue
		}
		if from > 0 && strings.ContainsRune("./-", rune(s[from-1])) || foreign(word) || slices.Contains(endings(), strings.ToLower(word[strings.LastIndex(word, ".")+1:])) || slices.ContainsFunc(hits, func(h hit) bool { return h.from < to && from < h.to }) {
			continue
		}
		if _, ok := b.resolve(word); !ok && (told || begun(action)) {
			out = append(out, hit{from: from, to: to, written: word, unknown: true})
		}
	}
	return out
}

// begun says whether an action begins as one of Microsoft's does.
func begun(action string) bool {
	for _, a := range []string{"Read", "Write", "Send", "Manage", "FullControl"} {
		if rest, ok := strings.CutPrefix(action, a); ok && (rest == "" || upper(rest) || rest[0] == '.') {
			return true
		}
	}
	return false
}
