package read

import (
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/plan"
)

var underlined = sync.OnceValue(func() *strings.Replacer { return strings.NewReplacer(" ", "_", "-", "_", ".", "_") })

// singles finds the scopes that are plain words: openid, profile, email and the
// like. Such a word is a scope only where it stands as one: in code, at the head of
// an item or cell, or in a list of scopes.
func singles(t *text, taken []bool, have []hit) []hit {
	s := t.String()
	var hits []hit
	all := forms().single.FindAllStringIndex(s, -1)
	for _, at := range all {
		from, to := at[0], at[1]
		word := s[from:to]
		if from > 0 && strings.ContainsRune("./@-_#:=$", rune(s[from-1])) && !scopeList(s, from) || to < len(s) && strings.ContainsRune("@/_=(", rune(s[to])) {
			continue
		}
		if to+1 < len(s) && (s[to] == '.' || s[to] == '-') && isLetter(s[to+1]) {
			continue
		}
		if !strings.ContainsAny(word, "_.") && !stands(t, s, from, to, all, have) {
			continue
		}
		name := strings.ToLower(underlined().Replace(word))
		if take(taken, from, to) {
			g := guess{name, plan.ByName, plan.Certain}
			if strings.Contains(word, ".") {
				g.how, g.sure = plan.ByMisspelling, plan.High
			}
			h := hit{guess: g, from: from, to: to, written: word, single: true}
			if name == "access_as_user" { // what Entra's portal calls the scope of one's own API
				h = hit{from: from, to: to, written: word, unknown: true, own: true}
			}
			hits = append(hits, h)
		}
	}
	return hits
}

// maySingle says whether one of the words can be in a text in lower case.
func maySingle(lower string) bool {
	for _, w := range []string{"openid", "profile", "email", "offline", "full_access", "user_imp", "access_as"} {
		if strings.Contains(lower, w) {
			return true
		}
	}
	return false
}

// scopeList says whether what stands before is scope= or a list of scopes.
func scopeList(s string, from int) bool {
	before := strings.ToLower(s[max(0, from-8):from])
	return strings.HasSuffix(before, "scope=") || strings.HasSuffix(before, "scopes=") || strings.HasSuffix(before, "scope:") || strings.HasSuffix(before, "scopes:")
}

func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

// stands says whether a word stands as a scope.
func stands(t *text, s string, from, to int, all [][]int, have []hit) bool {
	if t.at(from).code() {
		return true
	}
	after := strings.TrimLeft(s[to:], " ")
	if strings.HasPrefix(strings.ToLower(after), "connect") {
		return false
	}
	if strings.Trim(s[:from], " \n0123456789.)") == "" || s[from-1] == '\n' {
		return after == "" || strings.ContainsRune("\n,:;(-|\u2013\u2014\u2192", []rune(after)[0]) || upper(after) && strings.HasPrefix(s[to:], " ")
	}
	if quoted(s, from, to) {
		return true
	}
	for _, other := range all {
		if other[0] != from && beside(s, from, to, other[0], other[1]) {
			return true
		}
	}
	for _, h := range have {
		if !h.unknown && beside(s, from, to, h.from, h.to) {
			return true
		}
	}
	return strings.HasPrefix(after, "scope") || strings.Trim(s[from:to], "openid") == "" && !strings.HasPrefix(after, "provider")
}

func quoted(s string, from, to int) bool {
	return from > 0 && to < len(s) && s[from-1] == s[to] && (s[to] == '"' || s[to] == '\'')
}

// beside says whether two words are neighbours in a list.
func beside(s string, from, to, otherFrom, otherTo int) bool {
	between := ""
	switch {
	case otherTo <= from:
		between = s[otherTo:from]
	case otherFrom >= to:
		between = s[to:otherFrom]
	}
	if between == "" || len(between) > 12 {
		return false
	}
	switch strings.Trim(between, " \n,;+|\"'/&`()") {
	case "", "and", "or", "und", "oder", "et", "y", "og", "en", "och", "e", "ja", "i":
		return true
	}
	return false
}
