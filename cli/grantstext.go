package cli

import (
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/grants"
)

// written writes reports in the form that was asked for.
func (g *granting) written(all []grants.Report, table *catalog.Catalog) (string, error) {
	var b strings.Builder
	for i, r := range all {
		if i > 0 {
			b.WriteString("\n")
		}
		text, err := g.form(r, table)
		if err != nil {
			return "", err
		}
		b.WriteString(text)
	}
	return b.String(), nil
}

// form is one report in the form that was asked for.
func (g *granting) form(r grants.Report, table *catalog.Catalog) (string, error) {
	switch g.output {
	case asMarkdown:
		return grantsMarkdown(r), nil
	case asManifest:
		if w := r.Warning(); w != "" {
			g.say("%s/%s: %s", r.Tenant, r.Registration, w)
		}
		return grants.Manifest(r, table), nil
	case asAz:
		return grants.ByAz(r)
	case asPowerShell:
		return grants.ByPowerShell(r)
	case asConfiguration:
		return narrowerFlows(r), nil
	}
	return grantsText(r), nil
}

// grantsText is a report for a terminal.
func grantsText(r grants.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s/%s  (app %s, %s permissions)\n", r.Tenant, r.Registration, r.ClientID, r.Scheme)
	b.WriteString("  " + readBy(r) + "\n")
	t := &table{head: []string{"", "PERMISSION", "GRANTED", "NEEDED BY", "USED", "RISK", ""}}
	for _, l := range r.Lines {
		t.add(cells(r, l)...)
	}
	_ = t.print(&b) // a builder takes everything
	for _, l := range r.Lines {
		if l.Drift != "" {
			fmt.Fprintf(&b, "! %s: %s\n  %s\n", l.Permission, l.Say, l.Do)
		}
	}
	for _, n := range r.Narrower {
		fmt.Fprintf(&b, "> %s has used %d of its %d operations since %s: --output configuration proposes those.\n", n.Flow, len(n.Keep), len(n.Keep)+len(n.Drop), n.Since.Format(time.DateOnly))
	}
	b.WriteString(inSum(r))
	if w := r.Warning(); w != "" {
		b.WriteString("  " + w + "\n")
	}
	return b.String()
}

// narrowerFlows is what flows of the configuration could be narrowed to.
func narrowerFlows(r grants.Report) string {
	var b strings.Builder
	name := r.Tenant + "/" + r.Registration
	if len(r.Narrower) == 0 {
		return "# " + name + ": no flow that lists its operations is known to have left any of them unused for so long.\n"
	}
	fmt.Fprintf(&b, "# %s: what was used since %s\nflows:\n", name, r.Narrower[0].Since.Format(time.DateOnly))
	for _, n := range r.Narrower {
		fmt.Fprintf(&b, "  %s:\n", n.Flow)
		if len(n.Keep) == 0 {
			b.WriteString("    # nothing: take the flow out of the configuration\n")
		} else {
			b.WriteString("    operations:\n")
		}
		for _, op := range n.Keep {
			fmt.Fprintf(&b, "      - %q\n", op)
		}
		for _, op := range n.Drop {
			fmt.Fprintf(&b, "    # not used: %q\n", op)
		}
	}
	for _, p := range r.Narrower[0].Spared {
		fmt.Fprintf(&b, "# Then %s is needed no more: graphwarden grants %s --apply\n", p, name)
	}
	return b.String()
}

// cells are the columns of a line.
func cells(r grants.Report, l grants.Line) []string {
	sign := " "
	if l.Drift != "" {
		sign = "!"
	}
	granted := "no"
	switch {
	case l.Granted:
		granted = l.Reach
	case r.ReadAt == nil:
		granted = "unknown"
	}
	name := l.Permission
	if l.Scheme != r.Scheme {
		name += " (" + l.Scheme + ")"
	}
	switch {
	case l.By == "exchange":
		name += " (role in Exchange)"
	case l.API != "Microsoft Graph":
		name += " of " + l.API
	}
	return []string{sign, name, granted, or(strings.Join(l.Flows, ", "), "nobody"), usedText(l), or(string(l.Class), "unknown"), l.Drift}
}

func usedText(l grants.Line) string {
	if l.Last == nil {
		return "never"
	}
	return fmt.Sprintf("%s, last %s", counted(int(l.Calls), "call", "calls"), l.Last.UTC().Format(time.DateOnly))
}

// readBy says who read the grants and since when uses are counted.
func readBy(r grants.Report) string {
	since := "uses are counted since " + r.Counted.UTC().Format(time.DateOnly)
	switch {
	case r.ReadAt == nil:
		return "What is granted is unknown: " + r.Unread + " Add --administrator. " + strings.ToUpper(since[:1]) + since[1:] + "."
	case r.Unread != "":
		return fmt.Sprintf("As it was last seen, at %s: %s %s.", r.ReadAt.Format(time.RFC3339), r.Unread, strings.ToUpper(since[:1])+since[1:])
	}
	return fmt.Sprintf("Read by %s at %s; %s.", r.Source, r.ReadAt.Format(time.RFC3339), since)
}

// inSum says how many permissions are as they should be.
func inSum(r grants.Report) string {
	granted, needed, used := 0, map[string]bool{}, 0
	for _, l := range r.Lines {
		if l.Granted {
			granted++
		}
		if l.Needed {
			needed[l.Permission] = true
		}
		if l.Last != nil {
			used++
		}
	}
	text := fmt.Sprintf("  %d granted, %d needed, %d used; ", granted, len(needed), used)
	if r.ReadAt == nil {
		return fmt.Sprintf("  %d needed, %d used; what is granted is unknown.\n", len(needed), used)
	}
	if r.Drifts() == 0 {
		return text + "all is as it should be.\n"
	}
	return text + counted(r.Drifts(), "is", "are") + " not as it should be.\n"
}

// grantsMarkdown is a report for a review.
func grantsMarkdown(r grants.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s/%s\n\nApp `%s`, %s permissions. %s\n\n", r.Tenant, r.Registration, r.ClientID, r.Scheme, readBy(r))
	b.WriteString("| Permission | Granted | Needed by | Used | Risk | Finding |\n|---|---|---|---|---|---|\n")
	cell := func(s string) string { return strings.NewReplacer("|", `\|`, "\n", " ").Replace(s) }
	for _, l := range r.Lines {
		c := cells(r, l)
		finding := ""
		if l.Drift != "" {
			finding = "**" + l.Drift + "**: " + l.Say
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", cell(c[1]), cell(c[2]), cell(c[3]), cell(c[4]), cell(c[5]), cell(finding))
	}
	b.WriteString("\n" + strings.TrimSpace(inSum(r)) + "\n")
	return b.String()
}

// grantDifference shows what has to be done, a line each.
func grantDifference(list []grants.Change) string {
	var b strings.Builder
	signs := map[string]string{"add": "+", "change": "~", "remove": "-"}
	for _, c := range list {
		fmt.Fprintf(&b, "  %s %-6s %s\n           (%s)\n", signs[c.Do], c.Do, c.What, c.Why)
	}
	if len(list) == 0 {
		b.WriteString("  nothing has to be changed in Entra\n")
	}
	return b.String()
}

// settled says how it is after the difference was made up.
func settled(out grants.Outcome) string {
	if out.Proven {
		return "The grants were read again, and are what the flows need.\n" + grantsText(out.Report)
	}
	return "It was done, and Microsoft does not show all of it yet. Run the same command again in a minute; it goes on with what is left:\n" + grantDifference(out.Left)
}
