package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/graphwarden/graphwarden/assess/judge"
)

// cell keeps a text from breaking its table.
func cell(s string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "`", "'").Replace(s)
}

func writeMarkdown(w io.Writer, all []*judge.Assessment) error {
	var b strings.Builder
	for _, a := range all {
		markdownOf(&b, a)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownOf(b *strings.Builder, a *judge.Assessment) {
	fmt.Fprintf(b, "# %s: %s\n\nClass as written: **%s**; of the least set: **%s**%s. %s.\nJudged as %s: %s.\n", cell(a.Document), a.Verdict.Verdict, a.Verdict.Class, a.Verdict.ClassOfLeast, scoped(a), cell(a.Verdict.Why), schemes(a), cell(a.Scheme.Why))
	b.WriteString("\n## Permissions\n\n| line | permission | scheme | class | rule | why | opens | own class | answer |\n|---|---|---|---|---|---|---|---|---|\n")
	for _, q := range wanted(a) {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %s | %s | %s |\n", at(q.Lines), cell(written(q)), q.Scheme, q.Class, q.Rule, cell(q.Why), cell(opened(q)), ownClass(q), cell(answer(q)))
	}
	for i, m := range a.Missing {
		if i == 0 {
			b.WriteString("\n## Missing\n\n")
		}
		fmt.Fprintf(b, "- %s (%s), for %s (line %s)\n", m.Name, m.Scheme, m.Flow, at(m.Lines))
	}
	fmt.Fprintf(b, "\n## The least set\n\n%s.\n\n| permission | scheme | class | for | why | instead, but |\n|---|---|---|---|---|---|\n", proof(a))
	for _, m := range a.LeastSet {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", m.Name, m.Scheme, m.Class, cell(list(m.Flows)), cell(m.Why), cell(instead(m)))
	}
	b.WriteString("\n## Findings\n\n| severity | line | finding | why | instead | in its words |\n|---|---|---|---|---|---|\n")
	for _, f := range a.Findings {
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s |\n", f.Severity, at(f.Lines), cell(f.Kind), cell(f.Why), cell(f.Instead), cell(quotes(f)))
	}
	for i, u := range a.Unplaced {
		if i == 0 {
			b.WriteString("\n## Not placed\n\n")
		}
		fmt.Fprintf(b, "- line %d: %s: %s\n", u.Line, cell(u.Written), u.Why)
	}
	for _, part := range []struct {
		head string
		all  []judge.Advice
	}{{"Roles", a.Roles}, {"Licences", a.Licences}, {"Narrowed outside Entra", a.Outside}} {
		for i, x := range part.all {
			if i == 0 {
				fmt.Fprintf(b, "\n## %s\n\n", part.head)
			}
			fmt.Fprintf(b, "- %s: %s\n", x.What, x.Why)
		}
	}
	for i, x := range a.Alternatives {
		if i == 0 {
			b.WriteString("\n## Other ways\n\n")
		}
		fmt.Fprintf(b, "- %s: %s: %s\n", cell(x.Flow), list(x.Instead), x.Why)
	}
	for i, q := range a.Questions {
		if i == 0 {
			b.WriteString("\n## Open questions\n\n")
		}
		fmt.Fprintf(b, "- line %s: %s\n", at(q.Lines), q.Ask)
	}
	b.WriteString("\n## Consequences\n\n| law | clause | why |\n|---|---|---|\n")
	for _, c := range a.Effects {
		fmt.Fprintf(b, "| %s | %s | %s |\n", c.Law, c.Clause, c.Why)
	}
	b.WriteString("\n")
}
