package report

import (
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden/assess/judge"
)

// RulesPage is docs/assess-rules.md: every rule of risk with its reason.
func RulesPage() string {
	var b strings.Builder
	b.WriteString(`# The rules of risk

Written by the program itself (` + "`go test ./assess/report -run Rules -update`" + `). The first rule
that fits gives a permission its class; then come the modifiers. Every answer of
[graphwarden assess](assess.md) names its rule, so that one can argue with the rule.

**Reach** is *the tenant* for an application permission, and for a delegated one whose
data are nobody's own (directory, policies, logs). It is *the user* for delegated
permissions on mail, calendars, contacts, tasks, notes, chats and files, with or
without ` + "`.Shared` and `.All`" + `: there ` + "`.All`" + ` means what the signed-in person may open
anyway.

| rule | when | class | why |
|---|---|---|---|
`)
	for _, r := range judge.Rules() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.ID, r.When, r.Class, r.Why)
	}
	b.WriteString("\n| modifier | when | class |\n|---|---|---|\n")
	for _, r := range judge.Modifiers() {
		text := r.Why
		if r.Class != "" {
			text = string(r.Class) + ": " + r.Why
		}
		fmt.Fprintf(&b, "| %s | %s | %s |\n", r.ID, r.When, text)
	}
	b.WriteString("\nMicrosoft's own level is shown and breaks ties of the least set, and gives no class:\nDirectory.AccessAsUser.All has 3, Calendars.Read for applications has 4.\n\n## Paths to more privilege (P1)\n\nA star stands for any rest.\n\n")
	for _, p := range judge.Paths() {
		fmt.Fprintf(&b, "- `%s`\n", p)
	}
	b.WriteString(leastAndVerdict)
	b.WriteString("\n## What the text is judged by\n\n| finding | severity | why | instead |\n|---|---|---|---|\n")
	for _, r := range judge.TextRules() {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", r.Kind, r.Severity, cell(r.Why), cell(r.Instead))
	}
	return b.String()
}

// leastAndVerdict ends the page of rules.
const leastAndVerdict = `
## The least set

For each operation of the flows, by itself, the answers that leave nothing milder: those
that a name narrows (` + "`Sites.Selected`" + `) where there are any; for what only reads, those
that do not write; for what writes, those that Microsoft marks as the least, as the
catalogue corrects the marks; of these the mildest class. Only permissions that are such
an answer for one of the operations may be chosen. Of all sets of them that open every
operation, the least set has the fewest permissions of level 4, then of level 3, and so
on, which makes it the smallest by level, then by number; then the fewest that Microsoft
does not mark; then those that write and open the fewest operations; then the alphabet
decides. What includes what follows from Microsoft's table, from the names, and from
the corrections in the catalogue. Reading messages and events needs Mail.Read and
Calendars.Read, for ReadBasic gives no bodies and no attachments, unless every use that is
said is one of outlines: the subjects of letters, who is free or busy. Where a delegated permission is said to be for mailboxes of others
(shared calendars), only what reaches them serves: ` + "`.Shared`" + `.

A flow comes to the operations that its words stand for, one by one: deleting users asks
nothing about groups. A permission serves a flow if it opens one of its operations;
what it is said to be for and opens nothing of gives it no place.

The search tries every set that could be better (branch and bound). It may take so many
steps and no more; where they do not suffice, the best set found is given, and
` + "`least_set_exact`" + ` is false. Each member says why it is there, what only it opens, and
what would serve instead.

## The verdict

*refuse*: a critical permission that no flow needs, or a forbidden practice (password
flow, a secret that never expires, a standing Global Administrator or another role that
can make one). *change*: anything too wide, redundant, unneeded, missing, misspelt,
unnamed, contradictory, unscoped or on an interface that ends. *accept*: nothing of these.
A critical permission of which a line says a use that is no known flow is *change*: people
must judge that use; so is an optional one that leads to more privilege (P1, P2, K1): it is
to be decided whether it is asked for. One that is not critical and that no flow explains stays as asked,
and the verdict names it.
`
