package judge

import (
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
)

// Quote is a line of the plan in its own words, as far as they matter, safe to show.
type Quote struct {
	Line  int    `json:"line"`
	Words string `json:"words"`
}

// mostQuotes is how many lines of a finding are quoted.
const mostQuotes = 3

// quote gives findings the plan's own words. What is about words that are missing has
// none to quote.
func quote(p *plan.Plan, all []Finding) {
	at := make(map[int]*plan.Line, len(p.Text))
	for i := range p.Text {
		if l := &p.Text[i]; at[l.Number] == nil || strings.TrimSpace(at[l.Number].Text) == "" {
			at[l.Number] = l
		}
	}
	for i := range all {
		f := &all[i]
		if f.Kind == "credential" || strings.Contains(f.Kind, "retention, laws") {
			continue
		}
		for _, n := range f.Lines[:min(len(f.Lines), mostQuotes)] {
			if l := at[n]; l != nil && strings.TrimSpace(l.Text) != "" {
				f.Quotes = append(f.Quotes, Quote{n, plan.Quote(l.Text, f.where(l))})
			}
		}
	}
}

// where is the byte of a line that a finding is about.
func (f *Finding) where(l *plan.Line) int {
	for _, s := range statements() {
		if s.kind != f.Kind || s.why != f.Why {
			continue
		}
		if at := s.line.All(l.Lower); len(at) > 0 {
			return at[0][0]
		}
	}
	return strings.Index(l.Text, f.About)
}
