package presence

import (
	"time"

	"github.com/graphwarden/graphwarden/graph"
)

// Presence is what an app is told of a person.
type Presence struct {
	Person string `json:"person"` // by name
	ID     string `json:"id"`     // the mailbox's object id
	Flow   string `json:"flow"`
	// Zone is the person's own time zone, where the mailbox or its schedule says it.
	Zone string `json:"zone,omitempty"`
	Spell
	// Next is what comes after; left out when nothing is known to come.
	Next *Spell `json:"next,omitempty"`
	// What calendars cannot know.
	Desk             Known       `json:"desk"`             // present, away or unknown
	Call             Known       `json:"call"`             // yes, no or unknown
	AutomaticReplies Known       `json:"automaticReplies"` // on, off or unknown
	Teams            *TeamsState `json:"teams,omitempty"`  // what Teams says, in its own words
	Reason           *Reason     `json:"reason,omitempty"` // why the state is unknown or stale
	// AsOf is when the source was last read. Stale says that this is longer ago than
	// is promised.
	AsOf  time.Time `json:"asOf,omitzero"`
	Stale bool      `json:"stale"`
}

// Known is a fact that one source knows, if the flow declares it.
type Known struct {
	Is         string    `json:"is"`
	Until      time.Time `json:"until,omitzero"`
	Source     Source    `json:"source,omitempty"`
	Permission string    `json:"permission,omitempty"`
}

// TeamsState is what Teams says of somebody now (Graph's presence).
type TeamsState struct {
	Availability string `json:"availability"`
	Activity     string `json:"activity"`
}

// unknown is a fact that nothing tells.
const unknown = "unknown"

// Reason says why something is not known.
type Reason struct {
	Code string `json:"code"`
	What string `json:"what"`
}

// facts are what is known of a person at a moment, besides the items.
type facts struct {
	plan     Plan
	readAt   time.Time // when every calendar had been read; zero: not yet
	reason   *Reason   // what keeps the calendar from being read
	schedule []span
	asked    time.Time // when the schedule was read
	teams    *graph.Presence
	settings *graph.Settings
	promise  time.Duration
}

// judge says what a person's state is at a moment.
func (f facts) judge(spans []span, at time.Time) (p Presence) {
	source, readAt := FromCalendar, f.readAt
	if f.asked.After(f.readAt) && (f.readAt.IsZero() || at.Sub(f.readAt) > f.promise) {
		source, readAt, spans = FromSchedule, f.asked, f.schedule
	}
	p.Desk, p.Call, p.AutomaticReplies = Known{Is: unknown}, Known{Is: unknown}, Known{Is: unknown}
	if readAt.IsZero() {
		p.Spell, p.Reason = Spell{State: Unknown}, f.reason
		if p.Reason == nil {
			p.Reason = &Reason{"unread", "The calendar has not been read yet."}
		}
	} else {
		now, next, more := look(spans, at)
		p.Spell = f.from(now, source)
		if more {
			next = f.from(next, source)
			p.Next = &next
		}
		p.AsOf, p.Stale = readAt.UTC(), at.Sub(readAt) > f.promise
		if p.Stale {
			p.Reason = f.reason
		}
	}
	f.addTeams(&p)
	f.addSettings(&p, at)
	return p
}

// from names the source of a spell and the permission by which it was read.
func (f facts) from(s Spell, source Source) Spell {
	s.Source, s.Permission = source, f.plan.Permissions[source]
	s.At, s.Until = inUTC(s.At), inUTC(s.Until)
	return s
}

func inUTC(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return t.UTC()
}

// addTeams adds what Teams knows. It outdoes a calendar where it is firmer: who is
// in a call is busy, whatever stands in the calendar. When that ends nobody says.
func (f facts) addTeams(p *Presence) {
	if f.teams == nil {
		return
	}
	by := func(is string) Known {
		return Known{Is: is, Source: FromTeams, Permission: f.plan.Permissions[FromTeams]}
	}
	p.Teams = &TeamsState{f.teams.Availability, f.teams.Activity}
	state := Unknown
	switch f.teams.Availability {
	case "Available":
		state, p.Desk = Available, by("present")
	case "Busy", "DoNotDisturb":
		state, p.Desk = Busy, by("present")
	case "BusyIdle":
		state, p.Desk = Busy, by("away")
	case "AvailableIdle", "Away", "BeRightBack":
		p.Desk = by("away")
	}
	switch f.teams.Activity {
	case "InACall", "InAConferenceCall", "Presenting":
		p.Call = by("yes")
	case "OutOfOffice":
		state = OutOfOffice
	}
	if p.Call.Is == unknown && f.teams.Availability != "PresenceUnknown" && f.teams.Availability != "Offline" {
		p.Call = by("no")
	}
	if state != Unknown && (p.Source == "" || state.hides(p.State)) {
		p.Spell = f.from(Spell{State: state}, FromTeams)
		p.Reason = nil
	}
}

// addSettings adds whether automatic replies go out.
func (f facts) addSettings(p *Presence, at time.Time) {
	if f.settings == nil {
		return
	}
	k := Known{Is: "off", Source: FromSettings, Permission: f.plan.Permissions[FromSettings]}
	switch s := f.settings; {
	case s.Replies == "alwaysEnabled":
		k.Is = "on"
	case s.Replies == "scheduled" && at.Before(s.Start):
		k.Until = inUTC(s.Start)
	case s.Replies == "scheduled" && at.Before(s.End):
		k.Is, k.Until = "on", inUTC(s.End)
	}
	p.AutomaticReplies = k
}

// nextChange is when the state changes by itself, with nothing new known; zero when
// that is not to be expected.
func (f facts) nextChange(p Presence) time.Time {
	first := p.Until
	if p.Next != nil && (first.IsZero() || p.Next.At.Before(first)) {
		first = p.Next.At
	}
	if !p.turn.IsZero() && (first.IsZero() || p.turn.Before(first)) {
		first = p.turn
	}
	if t := p.AutomaticReplies.Until; !t.IsZero() && (first.IsZero() || t.Before(first)) {
		first = t
	}
	if !p.AsOf.IsZero() && !p.Stale {
		if t := p.AsOf.Add(f.promise + time.Second); first.IsZero() || t.Before(first) {
			first = t
		}
	}
	return first
}
