package presence

import "slices"

// State is whether a person is available.
type State string

// The states.
const (
	Available        State = "available"
	WorkingElsewhere State = "workingElsewhere"
	Tentative        State = "tentative"
	Unknown          State = "unknown"
	Busy             State = "busy"
	OutOfOffice      State = "outOfOffice"
)

// ranks lists the states so that each hides those before it, where several apply
// at once. Someone at a switchboard wants the firmest "no": an absence outlasts
// the meetings in it; a meeting that was agreed to outdoes one that was not;
// where somebody works does not keep them from answering. What is not known might
// be a "no", so it outdoes a "perhaps", and not a certain one. Exchange's own
// free/busy times are merged in the same order.
func ranks() []State {
	return []State{Available, WorkingElsewhere, Tentative, Unknown, Busy, OutOfOffice}
}

// hides says whether s hides other where both apply.
func (s State) hides(other State) bool {
	return slices.Index(ranks(), s) > slices.Index(ranks(), other)
}

// stateOf reads Graph's showAs (freeBusyStatus). A value that is new to us takes
// up the time in a way that we do not know.
func stateOf(showAs string) State {
	switch showAs {
	case "free":
		return Available
	case "tentative":
		return Tentative
	case "busy":
		return Busy
	case "oof":
		return OutOfOffice
	case "workingElsewhere":
		return WorkingElsewhere
	}
	return Unknown
}

// Source is where a state comes from.
type Source string

// The sources.
const (
	FromCalendar Source = "calendar" // the events of the person's calendar
	FromSchedule Source = "schedule" // their free and busy times, as others may ask for them
	FromTeams    Source = "teams"    // what Teams says of them now
	FromSettings Source = "settings" // their mailbox's settings
)

// Class is how confidential an item is (Graph's sensitivity).
type Class string

// The classes, each stricter than those before it.
const (
	Normal       Class = "normal"
	Personal     Class = "personal"
	Private      Class = "private"
	Confidential Class = "confidential"
)

// hidden says whether nothing but the time of an item may be told.
func (c Class) hidden() bool { return c != Normal && c != Personal && c != "" }

// stricter gives the stricter of two classes.
func stricter(a, b Class) Class {
	order := []Class{"", Normal, Personal, Private, Confidential}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}
