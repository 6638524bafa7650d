package report

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/graphwarden/graphwarden/assess/judge"
)

// WriteDifference shows what changed between two plans, as text, Markdown or JSON.
func WriteDifference(w io.Writer, format string, d *judge.Difference) error {
	var b strings.Builder
	switch format {
	case "json":
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(d)
	case "markdown":
		differenceMarkdown(&b, d)
	case "text":
		differenceText(&b, d)
	default:
		return fmt.Errorf("a difference has no format %q", format)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func differenceText(b *strings.Builder, d *judge.Difference) {
	fmt.Fprintf(b, "%s -> %s\n  verdict %s -> %s, class %s -> %s\n\n", d.Before, d.After, d.BeforeVerdict, d.AfterVerdict, d.BeforeClass, d.AfterClass)
	t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
	for _, e := range d.Added {
		fmt.Fprintf(t, "  + %s\t%s\t%s\t%s\tline %d\n", e.Name, e.Scheme, e.Class, e.Rule, e.Line)
	}
	for _, e := range d.Removed {
		fmt.Fprintf(t, "  - %s\t%s\t%s\t%s\tline %d before\n", e.Name, e.Scheme, e.Class, e.Rule, e.Line)
	}
	for _, c := range d.Changed {
		fmt.Fprintf(t, "  ~ %s\t%s -> %s\t%s -> %s\t%s -> %s\tline %d\n", c.Name, c.From.Scheme, c.To.Scheme, c.From.Class, c.To.Class, c.From.Rule, c.To.Rule, c.To.Line)
	}
	_ = t.Flush()
	if len(d.Added)+len(d.Removed)+len(d.Changed) == 0 {
		b.WriteString("  no permission changed\n")
	}
	for _, f := range d.FindingsNew {
		fmt.Fprintf(b, "  new   %-8s line %s: %s: %s\n", f.Severity, at(f.Lines), f.Kind, f.Why)
	}
	for _, f := range d.FindingsGone {
		fmt.Fprintf(b, "  gone  %-8s line %s before: %s: %s\n", f.Severity, at(f.Lines), f.Kind, f.Why)
	}
}

func differenceMarkdown(b *strings.Builder, d *judge.Difference) {
	fmt.Fprintf(b, "# %s → %s\n\nVerdict %s → **%s**, class %s → **%s**.\n\n| | permission | scheme | class | rule | line |\n|---|---|---|---|---|---|\n", cell(d.Before), cell(d.After), d.BeforeVerdict, d.AfterVerdict, d.BeforeClass, d.AfterClass)
	for _, e := range d.Added {
		fmt.Fprintf(b, "| added | %s | %s | %s | %s | %d |\n", e.Name, e.Scheme, e.Class, e.Rule, e.Line)
	}
	for _, e := range d.Removed {
		fmt.Fprintf(b, "| removed | %s | %s | %s | %s | %d |\n", e.Name, e.Scheme, e.Class, e.Rule, e.Line)
	}
	for _, c := range d.Changed {
		fmt.Fprintf(b, "| changed | %s | %s → %s | %s → %s | %s | %d |\n", c.Name, c.From.Scheme, c.To.Scheme, c.From.Class, c.To.Class, c.To.Rule, c.To.Line)
	}
	b.WriteString("\n")
	for _, f := range d.FindingsNew {
		fmt.Fprintf(b, "- new, %s, line %s: %s: %s\n", f.Severity, at(f.Lines), cell(f.Kind), cell(f.Why))
	}
	for _, f := range d.FindingsGone {
		fmt.Fprintf(b, "- gone, %s, line %s before: %s: %s\n", f.Severity, at(f.Lines), cell(f.Kind), cell(f.Why))
	}
}
