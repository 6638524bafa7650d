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
		for _, b := range p.Text[i].Breaks {
			if at[b.Number] == nil {
				at[b.Number] = &p.Text[i]
			}
		}
	}
	for i := range all {
		f := &all[i]
		if f.Kind == "credential" || strings.Contains(f.Kind, "retention, laws") {
			continue
		}
		for _, n := range f.Lines[:min(len(f.Lines), mostQuotes)] {
			if l := at[n]; l != nil && strings.TrimSpace(l.Text) != "" {
				f.Quotes = append(f.Quotes, Quote{n, plan.Quote(l.Text, f.where(l, n))})
			}
		}
	}
}

// where is the byte of a text that a finding is about, as far as it stands on line n of
// the document; else where that line begins.
func (f *Finding) where(l *plan.Line, n int) int {
	for _, s := range statements() {
		if s.kind != f.Kind || s.why != f.Why {
			continue
		}
		for _, m := range s.line.All(l.Lower) {
			if l.On(m[0]) == n {
				return m[0]
			}
		}
	}
	begin := 0
	for _, b := range l.Breaks {
		if b.Number == n {
			begin = min(b.Off, len(l.Text))
			break
		}
	}
	return begin + max(0, strings.Index(l.Text[begin:], f.About))
}
