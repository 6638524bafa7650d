package read

import (
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/speech"
)

// statusIn is what a sentence does with the name at from; what stands before since,
// and from next on, is about another.
func statusIn(sentence string, from, to, since, next int) plan.Status {
	l := strings.ToLower(sentence)
	if len(l) != len(sentence) {
		from, to = min(from, len(l)), min(to, len(l))
	}
	own := max(0, next-to)
	all, before, after := l[:from], speech.Clause(l[min(max(0, since), from):from]), l[to:]
	switch {
	case signs().exchangeRole.In(before, before):
		return plan.Alternative
	case replaces(all, before, after, next < nowhere) != "":
		return replaces(all, before, after, next < nowhere)
	case swapped(all):
		return plan.Negated
	case isConditional(all):
		if signs().shows.In(all, all) {
			return plan.Example
		}
		return plan.Alternative
	case speech.Demands(before, head(after, own)):
		return plan.Asked
	case speech.Denies(before), speech.DeniedBehind(after):
		return plan.Negated
	case signs().optional.In(before, before), !joins(after) && signs().optionalBehind.MatchString(head(after, min(50, own))):
		return plan.Alternative
	case signs().former.In(before, before):
		return plan.Example
	}
	return plan.Asked
}

// roleOfExchange says whether a text ends in what makes a role of Exchange of the name
// behind it, Application Mail.Read: programs alone have those.
func roleOfExchange(before string) bool {
	return strings.HasSuffix(before, "Application ")
}

// near is how many bytes may part a word from the name that it is about.
const near = 16

// nowhere is where the next name stands if there is none.
const nowhere = 1 << 29

// replaces tells the two names of "instead of X, Y" apart: the first stands for what
// is asked for elsewhere, the second for what could be in its place. In "Y instead of
// X" the first is asked for. more says whether another name follows in the sentence.
func replaces(all, before, after string, more bool) plan.Status {
	switch {
	case strings.HasPrefix(after, "の代わり"):
		return plan.Example
	case strings.Contains(all, "の代わり"):
		return plan.Alternative
	}
	at := signs().instead.All(all)
	if len(at) == 0 {
		return ""
	}
	between := all[at[len(at)-1][1]:]
	switch {
	case forms().name.MatchString(between): // the first of the two
		return plan.Alternative
	case len(between) > near || len(between) > len(before):
		return ""
	case more:
		return plan.Example
	}
	return plan.Alternative
}

// swapped says whether a name is the first of "replace X by Y".
func swapped(before string) bool {
	at := signs().swaps.All(before)
	if len(at) == 0 {
		return false
	}
	between := before[at[len(at)-1][1]:]
	for _, w := range strings.Fields(between) {
		if strings.Contains(" by with durch par por door af av med przez con da ", " "+w+" ") {
			return false
		}
	}
	return len(between) <= near && !forms().name.MatchString(between)
}

// isConditional says whether a sentence holds for some only: it begins with if, and
// the name stands behind the condition.
func isConditional(before string) bool {
	start := strings.TrimLeft(before, " \n\"'(*_-•–")
	at := signs().conditional.All(head(start, 40))
	return len(at) > 0 && at[0][0] == 0 && strings.Contains(start, ",")
}

func head(s string, n int) string {
	if len(s) < n {
		return s
	}
	return s[:n]
}

// statusOf is what a heading does with everything below it.
func statusOf(s string) plan.Status {
	l := strings.ToLower(s)
	switch {
	case speech.Denies(l), strings.Contains(l, "使用しない"), strings.Contains(l, "不要な"):
		return plan.Negated
	case signs().optional.In(l, l):
		return plan.Alternative
	case signs().former.In(l, l), strings.HasPrefix(l, "example"):
		return plan.Example
	}
	return plan.Asked
}
