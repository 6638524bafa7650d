package assemble

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/meant"
	"github.com/graphwarden/graphwarden/strict"
)

// Mistake is one thing that is wrong with a configuration.
type Mistake struct {
	Line   int    `json:"line,omitempty"` // from 1; 0 when it stands nowhere in the file
	Column int    `json:"column,omitempty"`
	At     string `json:"at"` // the setting, or the environment variable
	Code   string `json:"code"`
	Say    string `json:"say"`
	Fix    string `json:"fix"`
	name   bool   // it is of the name, whatever is wrong beneath
}

// Mistakes is everything that is wrong with a configuration, by place.
type Mistakes struct {
	File string
	List []Mistake
}

// Error lists the mistakes, each with its place.
func (m *Mistakes) Error() string {
	var lines []string
	for _, one := range m.List {
		lines = append(lines, m.place(one)+": "+one.text())
	}
	return strings.Join(lines, "\n")
}

func (m *Mistakes) place(one Mistake) string {
	if one.Line == 0 {
		return m.File
	}
	return fmt.Sprintf("%s:%d:%d", m.File, one.Line, one.Column)
}

func (m Mistake) text() string {
	if m.At == "" {
		return m.Say
	}
	return m.At + ": " + m.Say
}

// add takes a mistake, unless it was told, or reading the same place, or one in it,
// has shown a plainer one.
func (m *Mistakes) add(one Mistake) {
	if one.Fix == "" {
		one.Fix = "Mend it; docs/configuration.md explains each setting."
	}
	for _, had := range m.List {
		plainer := had.Code == "config.syntax" && (had.At == one.At || strings.HasPrefix(had.At, one.At+"."))
		if had.At == one.At && had.Say == one.Say || one.Code == "config.wrong" && plainer && !one.name {
			return
		}
	}
	m.List = append(m.List, one)
}

// check takes what check found, with the place where each stands.
func (m *Mistakes) check(found *faults, read *strict.Reading) {
	for _, one := range found.list {
		if m.unreadable() {
			return // what could not be read says nothing of what stands in it
		}
		if m.mistyped(one.at) {
			continue // what is missing was mistyped, which has been told
		}
		place := read.Place(one.at)
		m.add(Mistake{Line: place.Line, Column: place.Column, At: one.at, Code: one.refusal.Code, Say: one.said, Fix: one.refusal.Do, name: one.name})
	}
}

// mistyped says whether a setting's name was mistyped.
func (m *Mistakes) mistyped(at string) bool {
	cut := strings.LastIndexByte(at, '.') + 1
	return slices.ContainsFunc(m.List, func(one Mistake) bool {
		return strings.HasPrefix(one.At, at[:cut]) && !strings.Contains(one.At[cut:], ".") && strings.HasSuffix(one.Say, "did you mean "+at[cut:]+"?")
	})
}

// unreadable says whether the file is no YAML at all.
func (m *Mistakes) unreadable() bool {
	return slices.ContainsFunc(m.List, func(one Mistake) bool { return one.At == "" && one.Code == "config.syntax" })
}

// refusal says all of it.
func (m *Mistakes) refusal() error {
	slices.SortStableFunc(m.List, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	first := m.List[0]
	r := &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: first.Code, Cause: m, Do: first.Fix,
		Say: fmt.Sprintf("In the configuration %s, %s", m.place(first), ended(strings.TrimSuffix(first.text(), ".")))}
	if n := len(m.List); n > 1 {
		var lines []string
		for _, one := range m.List {
			lines = append(lines, "\n  "+m.place(one)+": "+one.text())
		}
		r.Say = fmt.Sprintf("The configuration %s has %d mistakes:%s\n", m.File, n, strings.Join(lines, ""))
		r.Do = "Mend them; docs/configuration.md explains each setting."
	}
	return r
}

// misplaced is a Refusal of a setting.
type misplaced struct {
	at, said string
	refusal  *graphwarden.Refusal
	name     bool // it is the name that is wrong, whatever is wrong beneath
}

// Error is what the Refusal says.
func (m *misplaced) Error() string { return m.refusal.Error() }

// Unwrap gives the Refusal.
func (m *misplaced) Unwrap() error { return m.refusal }

// perhaps is a guess at which of the names was meant.
func perhaps[T any](name string, among map[string]T) string {
	return did(meant.Word(name, slices.Sorted(maps.Keys(among))))
}

// did asks whether a word was meant, if there is one.
func did(word string) string {
	if word == "" {
		return ""
	}
	return ", did you mean " + word + "?"
}
