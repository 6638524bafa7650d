package docs

import (
	_ "embed"
	"strings"
)

//go:embed errors.md
var refusals string

// Explanation is what the document of refusals says of a code, in Markdown.
type Explanation struct {
	Code    string
	About   string // the section that it stands in
	Meaning string
	Do      string // what to do
}

// Explanations are those of all codes, in the document's order.
func Explanations() (list []Explanation) {
	about := ""
	for line := range strings.Lines(refusals) {
		line = strings.TrimSpace(line)
		if title, is := strings.CutPrefix(line, "## "); is {
			about = title
		}
		row, is := strings.CutPrefix(line, "| `")
		code, row, ends := strings.Cut(row, "` | ")
		meaning, do, both := strings.Cut(strings.TrimSuffix(row, " |"), " | ")
		if is && ends && both {
			list = append(list, Explanation{code, about, meaning, do})
		}
	}
	return list
}
