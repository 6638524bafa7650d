package ics

import "fmt"

// Kind tells what became of something that Graph has no equal for.
type Kind string

const (
	// Adapted: the calendar shows the same, by other means than the file's.
	Adapted Kind = "adapted"
	// Lost: the calendar shows less than the file says.
	Lost Kind = "lost"
)

// Finding names one thing that iCalendar allows and Graph does not, or that
// the file has wrong, and what Parse made of it.
type Finding struct {
	File     string `json:"file"`
	Line     int    `json:"line"` // of the unfolded content line, counted from 1
	Property string `json:"property"`
	What     string `json:"what"` // for a person: what it is and what was done
	Kind     Kind   `json:"kind"`
}

// String is the finding in one line: where it is, what was found, and what became of it.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d: %s: %s (%s)", f.File, f.Line, f.Property, f.What, f.Kind)
}

// findings collects what a file's reading turns up.
type findings struct {
	file string
	list []Finding
}

func (f *findings) add(kind Kind, line int, property, format string, args ...any) {
	f.list = append(f.list, Finding{f.file, line, property, fmt.Sprintf(format, args...), kind})
}

func (f *findings) adapted(p property, format string, args ...any) {
	f.add(Adapted, p.line, p.name, format, args...)
}

func (f *findings) lost(p property, format string, args ...any) {
	f.add(Lost, p.line, p.name, format, args...)
}
