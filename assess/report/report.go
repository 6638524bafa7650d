// Package report shows an assessment: for people at a terminal, in Markdown and on a
// page that prints well, for programs as JSON with a schema and as SARIF. It promises
// that all of them say the same.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/judge"
	"github.com/graphwarden/graphwarden/assess/plan"
)

// Formats lists the forms in which assessments can be shown.
func Formats() []string { return []string{"text", "markdown", "html", "json", "sarif"} }

// Write shows assessments in a form.
func Write(w io.Writer, format string, all []*judge.Assessment) error {
	switch format {
	case "text":
		return writeText(w, all)
	case "markdown":
		return writeMarkdown(w, all)
	case "html":
		return writeHTML(w, all)
	case "json":
		return writeJSON(w, all)
	case "sarif":
		return writeSARIF(w, all)
	}
	return fmt.Errorf("there is no format %q", format)
}

// Report is what the form json holds.
type Report struct {
	Version     int                 `json:"version"`
	Assessments []*judge.Assessment `json:"assessments"`
}

func writeJSON(w io.Writer, all []*judge.Assessment) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(Report{1, all})
}

// wanted are the permissions that a plan asks for, the worst first.
func wanted(a *judge.Assessment) []judge.Permission {
	var out []judge.Permission
	for _, q := range a.Permissions {
		if q.Status == plan.Asked {
			out = append(out, q)
		}
	}
	slices.SortStableFunc(out, func(x, y judge.Permission) int { return y.Class.Rank() - x.Class.Rank() })
	return out
}

// answer is what is to be done with a permission, in words.
func answer(q judge.Permission) string {
	switch {
	case q.Keep:
		return "keep"
	case q.TooWide != nil:
		return "too wide; instead: " + list(q.TooWide.Narrower)
	case len(q.RedundantWith) > 0:
		return "redundant with " + list(q.RedundantWith)
	case q.Unneeded != "":
		return "drop: " + q.Unneeded
	}
	return ""
}

func list(names []string) string {
	out := ""
	for i, n := range names {
		if i > 0 {
			out += ", "
		}
		out += n
	}
	return out
}

// written is a permission as people see it, with what it was written as.
func written(q judge.Permission) string {
	switch {
	case q.FoundBy == plan.ByMisspelling:
		return q.Name + " (written " + q.Written + ")"
	case q.FoundBy == plan.ByFlow:
		return q.Name
	case q.Written == "":
		return q.Name + " (by its " + string(q.FoundBy) + ")"
	}
	return q.Name
}

// opened says how much a permission opens by Microsoft's table.
func opened(q judge.Permission) string {
	switch o := q.Opens; {
	case o.Operations == 0 || len(o.Some) == 0:
		return ""
	case o.Writes == 0:
		return fmt.Sprintf("%d operations, %s for one", o.Operations, o.Some[0])
	default:
		return fmt.Sprintf("%d operations, %d of them writing, %s for one", o.Operations, o.Writes, o.Some[0])
	}
}

// quotes are a finding's quotes on one line.
func quotes(f judge.Finding) string {
	var out []string
	for _, q := range f.Quotes {
		out = append(out, fmt.Sprintf("%d: \"%s\"", q.Line, q.Words))
	}
	return strings.Join(out, "; ")
}

// at names lines, the first of many.
func at(lines []int) string {
	out := ""
	for i, l := range lines {
		if i == 4 {
			return out + "…"
		}
		if i > 0 {
			out += ","
		}
		out += fmt.Sprint(l)
	}
	return out
}

// instead names what would serve in a member's place, and why it was not taken.
func instead(m judge.Member) string {
	out := ""
	for i, x := range m.Alternatives {
		if i > 0 {
			out += "; "
		}
		out += list(x.Instead) + " (" + x.Why + ")"
	}
	return out
}

// ownClass is how the class that a plan gives a permission itself compares with the rules.
func ownClass(q judge.Permission) string {
	if q.OwnClass == nil {
		return ""
	}
	out := string(q.OwnClass.Document) + ": " + q.OwnClass.Compared
	if q.OtherScheme != nil && q.OwnClass.Other != "" && q.OwnClass.Other != q.OwnClass.Compared {
		out += " (" + string(q.OtherScheme.Scheme) + ": " + q.OwnClass.Other + ")"
	}
	return out
}

// classed says whether a plan gives classes itself.
func classed(a *judge.Assessment) bool {
	return slices.ContainsFunc(a.Permissions, func(q judge.Permission) bool { return q.OwnClass != nil })
}

// scoped is the class once Exchange roles narrow what they can, in words.
func scoped(a *judge.Assessment) string {
	if a.Verdict.WhenScoped == "" {
		return ""
	}
	return ", scoped by Exchange roles " + string(a.Verdict.WhenScoped)
}

// proof says whether the least set is proven.
func proof(a *judge.Assessment) string {
	if a.LeastExact {
		return "proven: no other set of candidates that opens every operation asks for less"
	}
	if a.Format == plan.Declared {
		return "it follows from the operations of the flows, by what Microsoft marks as the least for each"
	}
	return "the best that was found in time, not proven to be the least"
}
