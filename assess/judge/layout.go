package judge

import (
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
)

// numbered are the lines of two steps that follow each other with one number above
// one, no first step between them.
func numbered(p *plan.Plan) []int {
	last, at := "", 0
	for _, l := range p.Text {
		if l.Step == "" {
			continue
		}
		if l.Step == last && last != "1" { // Markdown lets every step be the first
			return []int{at, l.Number}
		}
		last, at = l.Step, l.Number
	}
	return nil
}

// columns are the heads of tables that begin alike and differ in their number of
// columns.
func columns(p *plan.Plan) []int {
	widths := map[string]int{}
	first := map[string]int{}
	before := plan.Heading
	for _, l := range p.Text {
		head := l.Kind == plan.Cells && before != plan.Cells
		before = l.Kind
		if !head {
			continue
		}
		cells := strings.Split(strings.Trim(l.Text, "| "), "|")
		name := strings.ToLower(strings.TrimSpace(cells[0]))
		if w, seen := widths[name]; seen && w != len(cells) && len(cells) > 1 {
			return []int{first[name], l.Number}
		}
		widths[name], first[name] = len(cells), l.Number
	}
	return nil
}
