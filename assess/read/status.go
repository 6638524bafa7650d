package read

import (
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/assess/speech"
)

// span is a name in its sentence: what stands before since, from next on and behind until
// is about another.
type span struct{ from, to, since, next, until int }

// statusIn is what a sentence does with a name, and whether it denies something of which it
// cannot be told that it is the name: that is asked for then.
func statusIn(sentence string, name span) (status plan.Status, doubtful bool) {
	l := strings.ToLower(sentence)
	from, to, since, next := name.from, name.to, name.since, name.next
	if len(l) != len(sentence) {
		from, to = min(from, len(l)), min(to, len(l))
	}
	denial := speech.Asking(l[:from], l[to:])
	l = l[:min(len(l), max(to, name.until))]
	own := max(0, next-to)
	all, before, after := l[:from], speech.Clause(l[min(max(0, since), from):from]), l[to:]
	if status, ok := company(all, before, after, next); ok {
		return status, false
	}
	denied := speech.Denies(before) || speech.DeniedBehind(after)
	switch optional, unsure := choice(before, after, own); {
	case speech.Demands(before, head(after, own)):
		return plan.Asked, false
	case denial == speech.DeniesAsking:
		return plan.Negated, false
	case denied, unsure && denial == speech.Doubtful:
		return plan.Asked, true
	case optional:
		return plan.Alternative, false
	case signs().former.In(before, before):
		return plan.Example, false
	}
	return plan.Asked, false
}

// choice says whether a sentence leaves a choice about a name, and whether it could as well
// deny that there is one: "not optional", "if it is not granted".
func choice(before, after string, own int) (optional, unsure bool) {
	if signs().optional.In(before, before) {
		return true, speech.Any(head(after, min(50, own)))
	}
	after = head(after, min(50, own))
	if at := signs().optionalBehind.All(after); len(at) > 0 && !joins(after) {
		return true, speech.Any(after[:at[0][0]])
	}
	return false, false
}

// company is the status of a name beside which another, a condition or a role of Exchange
// says what it is.
func company(all, before, after string, next int) (plan.Status, bool) {
	switch {
	case signs().exchangeRole.In(before, before):
		return plan.Alternative, true
	case replaces(all, before, after, next < nowhere) != "":
		return replaces(all, before, after, next < nowhere), true
	case swapped(all) && !speech.Any(all):
		return plan.Negated, true
	case isConditional(all) && signs().shows.In(all, all):
		return plan.Example, true
	case isConditional(all):
		return plan.Alternative, true
	}
	return "", false
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

// statusOf is what a heading does with everything below it, and whether it denies something
// else than that.
func statusOf(s string) (status plan.Status, doubtful bool) {
	l := strings.ToLower(s)
	denial := speech.AskingIn(l)
	switch {
	case denial == speech.DeniesAsking, strings.Contains(l, "使用しない"), strings.Contains(l, "不要な"):
		return plan.Negated, false
	case speech.Denies(l):
		return plan.Asked, true
	case signs().optional.In(l, l):
		return plan.Alternative, false
	case signs().former.In(l, l), strings.HasPrefix(l, "example"):
		return plan.Example, false
	}
	return plan.Asked, false
}
