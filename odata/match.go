package odata

import (
	"slices"
	"strings"
	"unicode"

	"github.com/graphwarden/graphwarden/odata/expr"
)

// MatchSearch applies a $search to a directory object. displayName and
// description are cut into tokens, and each token of the term must begin one of
// them; any other property must begin with the whole term. Case does not
// matter. A term that names no property, which Graph's directory refuses, looks
// at displayName and description. Source: Microsoft Graph documentation, "Use
// the $search query parameter", directory objects.
func MatchSearch(s Search, doc map[string]any) bool {
	switch x := s.(type) {
	case SearchPair:
		left := MatchSearch(x.Left, doc)
		if left == x.Or {
			return left
		}
		return MatchSearch(x.Right, doc)
	case SearchTerm:
		if x.Property == "" {
			return matchTokens(x.Text, expr.Lookup(doc, "displayName")) || matchTokens(x.Text, expr.Lookup(doc, "description"))
		}
		value := expr.Lookup(doc, x.Property)
		if strings.EqualFold(x.Property, "displayName") || strings.EqualFold(x.Property, "description") {
			return matchTokens(x.Text, value)
		}
		return matchStart(x.Text, value)
	}
	return false
}

// matchStart looks at a string, or at each of a collection of them.
func matchStart(text string, value any) bool {
	switch v := value.(type) {
	case string:
		return strings.HasPrefix(strings.ToLower(v), strings.ToLower(strings.TrimSpace(text)))
	case []any:
		return slices.ContainsFunc(v, func(element any) bool { return matchStart(text, element) })
	}
	return false
}

func matchTokens(text string, value any) bool {
	s, ok := value.(string)
	if !ok {
		return false
	}
	have := tokens(s, true)
	for _, want := range tokens(text, false) {
		if !slices.ContainsFunc(have, func(t string) bool { return strings.HasPrefix(t, want) }) {
			return false
		}
	}
	return true
}

// tokens cuts s at spaces, symbols, between letters and digits, and where lower
// case turns into upper case; all in lower case. With joined it adds, for each
// run without spaces, its letters and digits as one token: "hello-world" and
// "HelloWorld" are also found as helloworld.
func tokens(s string, joined bool) []string {
	var out []string
	for _, field := range strings.Fields(s) {
		parts := words(field)
		out = append(out, parts...)
		if joined && len(parts) > 1 {
			out = append(out, strings.Join(parts, ""))
		}
	}
	return out
}

// words cuts one run without spaces.
func words(s string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, strings.ToLower(string(word)))
			word = word[:0]
		}
	}
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush()
			continue
		}
		if n := len(word); n > 0 {
			last := word[n-1]
			if unicode.IsDigit(last) != unicode.IsDigit(r) || unicode.IsLower(last) && unicode.IsUpper(r) {
				flush()
			}
		}
		word = append(word, r)
	}
	flush()
	return out
}
