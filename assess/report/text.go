package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/graphwarden/graphwarden/assess/judge"
)

func writeText(w io.Writer, all []*judge.Assessment) error {
	var b strings.Builder
	if len(all) > 1 {
		overview(&b, all)
	}
	for _, a := range all {
		textOf(&b, a)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// overview is all plans at a glance.
func overview(b *strings.Builder, all []*judge.Assessment) {
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "PLAN\tVERDICT\tCLASS\tLEAST SET\tASKED\tDROP\tMISSING\tFINDINGS")
	for _, a := range all {
		asked := wanted(a)
		drop := 0
		for _, q := range asked {
			if !q.Keep {
				drop++
			}
		}
		serious := 0
		for _, f := range a.Findings {
			if f.Severity.Rank() > 0 {
				serious++
			}
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t%d\t%d\t%d\n", a.Document, a.Verdict.Verdict, a.Verdict.Class, a.Verdict.ClassOfLeast, len(asked), drop, len(a.Missing), serious)
	}
	_ = t.Flush()
	b.WriteString("\n")
}

// schemes names those in which permissions are asked for.
func schemes(a *judge.Assessment) string {
	var words []string
	for _, s := range a.Schemes() {
		words = append(words, string(s))
	}
	return strings.Join(words, " and ")
}

func textOf(b *strings.Builder, a *judge.Assessment) {
	fmt.Fprintf(b, "%s: %s (class %s, after the change %s%s)\n  %s\n  judged as %s: %s\n", a.Document, strings.ToUpper(string(a.Verdict.Verdict)), a.Verdict.Class, a.Verdict.ClassOfLeast, scoped(a), a.Verdict.Why, schemes(a), a.Scheme.Why)
	if asked := wanted(a); len(asked) > 0 {
		b.WriteString("\n")
		t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
		head, own := "", func(judge.Permission) string { return "" }
		if classed(a) {
			head, own = "\tTHE TEXT'S OWN CLASS", func(q judge.Permission) string { return "\t" + ownClass(q) }
		}
		fmt.Fprintln(t, "  LINE\tCLASS\tRULE\tPERMISSION\tSCHEME"+head+"\tANSWER")
		for _, q := range asked {
			fmt.Fprintf(t, "  %s\t%s\t%s\t%s\t%s%s\t%s\n", at(q.Lines), q.Class, q.Rule, written(q), q.Scheme, own(q), answer(q))
		}
		_ = t.Flush()
	}
	leastOf(b, a)
	for _, m := range a.Missing {
		fmt.Fprintf(b, "  missing: %s (%s), for %s (line %s)\n", m.Name, m.Scheme, m.Flow, at(m.Lines))
	}
	for _, u := range a.Unplaced {
		fmt.Fprintf(b, "  not placed: line %d: %s: %s\n", u.Line, u.Written, u.Why)
	}
	if len(a.Findings) > 0 {
		b.WriteString("\n")
	}
	for _, f := range a.Findings {
		fmt.Fprintf(b, "  %-8s line %s: %s: %s", f.Severity, at(f.Lines), f.Kind, f.Why)
		if f.Instead != "" {
			fmt.Fprintf(b, "; instead: %s", f.Instead)
		}
		b.WriteString("\n")
		for _, q := range f.Quotes {
			fmt.Fprintf(b, "             %d: \"%s\"\n", q.Line, q.Words)
		}
	}
	beyond(b, a)
}

// beyond is what stands beside permissions.
func beyond(b *strings.Builder, a *judge.Assessment) {
	section := func(head string, all []judge.Advice) {
		for i, x := range all {
			if i == 0 {
				fmt.Fprintf(b, "\n  %s\n", head)
			}
			fmt.Fprintf(b, "    %s: %s\n", x.What, x.Why)
		}
	}
	section("roles", a.Roles)
	section("licences", a.Licences)
	section("narrowed outside Entra", a.Outside)
	for i, x := range a.Alternatives {
		if i == 0 {
			b.WriteString("\n  other ways\n")
		}
		fmt.Fprintf(b, "    %s: %s: %s\n", x.Flow, list(x.Instead), x.Why)
	}
	for i, q := range a.Questions {
		if i == 0 {
			b.WriteString("\n  open questions\n")
		}
		fmt.Fprintf(b, "    line %s: %s\n", at(q.Lines), q.Ask)
	}
	for i, c := range a.Effects {
		if i == 0 {
			b.WriteString("\n  consequences\n")
		}
		fmt.Fprintf(b, "    %s %s: %s\n", c.Law, c.Clause, c.Why)
	}
	b.WriteString("\n")
}

// leastOf is the least set, and why each member is in it.
func leastOf(b *strings.Builder, a *judge.Assessment) {
	if len(a.LeastSet) == 0 {
		return
	}
	fmt.Fprintf(b, "\n  the least set (%s)\n", proof(a))
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, m := range a.LeastSet {
		fmt.Fprintf(t, "    %s\t%s\t%s\t%s\t%s\n", m.Name, m.Scheme, m.Class, list(m.Flows), m.Why)
	}
	_ = t.Flush()
	b.WriteString("\n")
}
