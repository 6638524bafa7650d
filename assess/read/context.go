package read

import (
	"regexp"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/assess/plan"
)

// scope is what the headings above a block say.
type scope struct {
	scheme plan.Scheme
	from   string
	status plan.Status
	text   string
	api    string
	named  bool // a cell of its own names the API
	// doubtful: something is denied, of which it could not be told whether it is the asking.
	doubtful bool
}

// schemeOf is the scheme that a short text, a heading or the lead of a list, names.
func schemeOf(s string) plan.Scheme {
	l := strings.ToLower(s)
	d, a := signs().delegated.In(l, l), signs().application.In(l, l)
	switch {
	case d && !a:
		return plan.Delegated
	case a && !d:
		return plan.Application
	}
	return plan.Unstated
}

// typeOf is the scheme that a cell of a type column, or a bracket, names.
func typeOf(s string) plan.Scheme {
	l := strings.ToLower(strings.TrimSpace(s))
	if label, rest, ok := strings.Cut(l, ":"); ok && columnOf(label) == typeColumn {
		l = strings.TrimSpace(rest) // "Type: Application"
	}
	d, a := signs().typeDelegated.In(l, l) || signs().delegated.MatchString(head(l, 30)), signs().typeApplication.In(l, l)
	switch {
	case d && !strings.Contains(l, "application"):
		return plan.Delegated
	case a && !signs().delegated.In(l, l):
		return plan.Application
	}
	return plan.Unstated
}

// schemeIn is what a sentence says of the name at from: a bracket right behind it,
// else the nearest word before it, else the first after it.
func schemeIn(sentence string, from, to int) plan.Scheme {
	l := strings.ToLower(sentence)
	if len(l) != len(sentence) {
		return schemeOf(sentence)
	}
	if t := bracketed(l[to:]); t != plan.Unstated {
		return t
	}
	if label, _, ok := strings.Cut(l[:from], ":"); ok && len(label) < 80 && strings.Contains(label, "(") {
		if t := typeOf(label); t != plan.Unstated {
			return t // "Application (only for the import): "
		}
	}
	best, at := plan.Unstated, -1
	for _, m := range signs().either.All(l) {
		s := plan.Application
		if signs().delegated.MatchString(l[m[0]:m[1]]) {
			s = plan.Delegated
		}
		if m[0] < from {
			if m[0] > 0 && (l[m[0]-1] == '(' || l[m[0]] == '(' || l[m[0]-1] == '[') && strings.Trim(l[min(m[1], from):from], ")] :-") != "" {
				continue // it is about the name before it
			}
			best, at = s, m[0]
		} else if at < 0 {
			return s
		}
	}
	return best
}

var bracket = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("^[`\"'*\\s]{0,3}(?:[(\\[]|[-–—:]\\s|type|(?:is|are|ist|sind) (?:an? |eine? )?)\\s*([^)\\],;.]{1,40})")
})

// bracketed is the scheme in a bracket, or behind a dash, right after a name.
func bracketed(after string) plan.Scheme {
	m := bracket().FindStringSubmatch(after)
	if m == nil {
		return plan.Unstated
	}
	words := strings.Fields(m[1])
	if len(words) > 3 {
		words = words[:2]
		if schemeOf(strings.Join(words, " ")) == plan.Unstated && !strings.HasPrefix(words[0], "deleg") {
			return plan.Unstated
		}
	}
	return typeOf(strings.Join(words, " "))
}

// joins says whether what follows a name goes on to another.
func joins(after string) bool {
	for _, w := range []string{" and", ", and", " und", " et ", " y ", " og ", " en ", " och ", " e "} {
		if strings.HasPrefix(after, w) {
			return true
		}
	}
	return false
}

// apart is where the words begin that are about a name: behind the name before it,
// unless only a conjunction parts the two.
func apart(s string, h hit, hits []hit) int {
	end := 0
	for _, o := range hits {
		if o.to <= h.from && o.to > end {
			end = o.to
		}
	}
	if end == 0 || len(strings.Fields(strings.Trim(s[end:h.from], " ,;/()\"'`"))) < 3 {
		return 0
	}
	return end
}
