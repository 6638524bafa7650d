// Package plan is what a plan of permissions says: which permissions it names,
// where and how, and what else it tells that matters. It promises to hold what was
// read and nothing that was concluded from it; judging is another room's.
package plan

import (
	"slices"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/catalog"
)

// Scheme is on whose behalf a permission is asked for, as a plan says it.
type Scheme string

// The schemes; the empty one is not stated.
const (
	Delegated   Scheme = "delegated"
	Application Scheme = "application"
	Unstated    Scheme = ""
)

// Catalog gives the catalogue's word for the scheme.
func (s Scheme) Catalog() catalog.Scheme {
	if s == Application {
		return catalog.Application
	}
	return catalog.DelegatedWork
}

// Status is what a plan does with a permission that it names.
type Status string

// What a plan can do with a permission.
const (
	Asked       Status = "asked"       // it is to be granted
	Negated     Status = "negated"     // it is not asked for, or to be removed
	Alternative Status = "alternative" // instead of another, or optional
	Example     Status = "example"     // explanation, history, quotation
	Meant       Status = "meant"       // a title means it beside the name of another
)

// Found is how a permission was recognised.
type Found string

// The ways to recognise a permission.
const (
	ByName        Found = "name"
	ByURL         Found = "url"
	ByID          Found = "id"
	ByTitle       Found = "title"
	ByDescription Found = "description"
	ByMisspelling Found = "misspelling"
	ByFamily      Found = "family" // a pattern that several fit
	ByFlow        Found = "flow"   // it follows from the operations of a declared flow
)

// Confidence is how sure the reader is.
type Confidence string

// The confidences.
const (
	Certain Confidence = "certain"
	High    Confidence = "high"
	Low     Confidence = "low"
)

// Mention is one permission at one place of a plan.
type Mention struct {
	Line    int    `json:"line"`
	Written string `json:"written"` // as it stands there; empty where the name is missing
	// Name is Microsoft's; for a family the pattern, as in Bookings.*.
	Name       string     `json:"name"`
	Family     []string   `json:"family,omitempty"` // the permissions that fit a pattern
	Resource   string     `json:"resource"`         // the application id of the API
	Scheme     Scheme     `json:"scheme"`
	SchemeFrom string     `json:"scheme_from,omitempty"` // what said so
	FoundBy    Found      `json:"found_by"`
	Confidence Confidence `json:"confidence"`
	Status     Status     `json:"status"`
	Section    string     `json:"section,omitempty"` // the heading above it
	// Doubtful: its sentence denies something, of which it could not be told whether it is
	// that the permission is asked for; it counts as asked.
	Doubtful bool `json:"doubtful,omitempty"`
	// Row is the row of a table that it stands in; nil outside of tables.
	Row *Row `json:"-"`
	// Title is the consent page's that stands beside the name outside of tables, TitleOf
	// whose it is. TitleScheme is the scheme in which alone the permission has the title
	// beside it, in a table or not; unstated where it has it in both, or in none.
	Title       string `json:"-"`
	TitleOf     string `json:"-"`
	TitleScheme Scheme `json:"-"`
	// Use is what is said that it is for: a cell, or what follows its name.
	Use string `json:"use,omitempty"`
}

// Row is a row of a table, its cells told apart by what they hold.
type Row struct {
	Line        int
	Title       string // the consent page's, as written
	TitleOf     string // whose title that is; empty where it is nobody's
	Description string
	Use         string
	Shifted     bool // the name is missing, and the other cells stand too far left
}

// Kind is what a line of a plan is.
type Kind string

// The kinds of lines.
const (
	Heading   Kind = "heading"
	Paragraph Kind = "paragraph"
	Item      Kind = "item"
	Cells     Kind = "row"
	Code      Kind = "code"
)

// Line is a line of the plan as people read it, without markup.
type Line struct {
	Number  int
	Kind    Kind
	Text    string
	Lower   string // the text in lower case
	Section string
	Step    string // the number of an item that has one
	// Breaks are where the text goes over to another line of the document, in order; none
	// where it stands on Number alone.
	Breaks []Break
	sieve  *find.Sieve // of the text in lower case, once it is sifted
}

// Sift prepares a line that many patterns are looked for in.
func (l *Line) Sift() { l.sieve = find.Sift(l.Lower) }

// Holds says whether a line of the document is the line's, or one of those that it goes
// over to.
func (l *Line) Holds(number int) bool {
	return number == l.Number || slices.ContainsFunc(l.Breaks, func(b Break) bool { return b.Number == number })
}

// Has says whether a pattern is found in the line.
func (l *Line) Has(p *find.Pattern) bool {
	if l.sieve == nil {
		return p.In(l.Text, l.Lower)
	}
	return p.Sifted(l.Text, l.Lower, l.sieve)
}

// Break is a byte of a text with which another line of the document begins.
type Break struct{ Off, Number int }

// On is the line of the document on which the byte at off of the text stands.
func (l *Line) On(off int) int {
	n := l.Number
	for _, b := range l.Breaks {
		if b.Off > off {
			break
		}
		n = b.Number
	}
	return n
}

// All gives where a pattern is found in the line's text in lower case.
func (l *Line) All(p *find.Pattern) [][]int {
	if l.sieve == nil {
		return p.All(l.Lower)
	}
	return p.AllSifted(l.Lower, l.sieve)
}

// Unplaced is something that looks like a permission and could not be placed.
type Unplaced struct {
	Line    int    `json:"line"`
	Written string `json:"written"`
	Why     string `json:"why"`
	// Own: it is a right of the API of whoever wrote the plan, which opens nothing of the
	// tenant's.
	Own bool `json:"-"`
}

// Setting is a fact that a file states in its own terms, an app manifest's secret
// for one.
type Setting struct {
	Line  int
	Name  string
	Value string
}

// Flow is a flow that a configuration declares, whose permissions follow from its
// operations.
type Flow struct {
	Name         string
	Line         int
	Registration string // whose grants serve it, with those of the registration's other flows
	Scheme       Scheme
	Operations   []string
	Needs        []string
}

// Declared is the format of a plan that declares its flows.
const Declared = "flows"

// Plan is a document as it was read.
type Plan struct {
	Document string
	Format   string
	Lines    int
	Mentions []Mention
	Text     []Line
	Unplaced []Unplaced
	Settings []Setting
	Flows    []Flow // declared; other plans are read for theirs
}
