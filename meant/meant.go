// Package meant finds the word that somebody meant who mistyped it. It promises
// the nearest of those there are, or none where all are too far off to be offered;
// it never takes a word in place of what was written.
package meant

import (
	"strings"
	"unicode/utf8"
)

// Word is the one of words that typed most likely meant, "" when none is near: at
// most a third of its letters differ, whatever their case, or it is the word's
// beginning.
func Word(typed string, words []string) string {
	typed = strings.ToLower(typed)
	best, nearest := "", max(1, utf8.RuneCountInString(typed)/3)+1
	for _, w := range words {
		if d := distance([]rune(typed), []rune(strings.ToLower(w))); d < nearest {
			best, nearest = w, d
		}
	}
	if best == "" && utf8.RuneCountInString(typed) >= 3 {
		for _, w := range words {
			if strings.HasPrefix(strings.ToLower(w), typed) {
				return w
			}
		}
	}
	return best
}

// Rather says what to do about a name that is not known: to take the one that was most
// likely meant, or something else where none is near.
func Rather(typed string, names []string, otherwise string) string {
	if near := Word(typed, names); near != "" {
		return "Did you mean " + near + "?"
	}
	return otherwise
}

// distance is how many letters are wrong, missing, too much or swapped.
func distance(a, b []rune) int {
	before, last := make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i, x := range a {
		row := make([]int, len(b)+1)
		row[0] = i + 1
		for j, y := range b {
			same := 1
			if x == y {
				same = 0
			}
			row[j+1] = min(last[j]+same, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x == b[j-1] && a[i-1] == y {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last = last, row
	}
	return last[len(b)]
}
