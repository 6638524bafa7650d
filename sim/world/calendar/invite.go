package calendar

import (
	"slices"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// tell brings the attendees' copies in line with the organizer's event, which is
// about to be stored; before is what it was, nil for a new one. Answers that
// come at once, of rooms and groups, are taken down in e. Attendees outside the
// tenant are only listed; who declined hears of it again when it is moved.
func (c *Calendars) tell(tx *state.Tx, e, before *Event, changed []string) {
	if !e.IsOrganizer {
		return
	}
	if before != nil {
		for _, a := range before.Attendees {
			if m, ok := c.boxes.At(tx, a.Address); ok && e.attendee(a.Address) < 0 {
				c.withdraw(tx, before, m)
			}
		}
		if moved(changed) {
			askAgain(e)
		}
	}
	concernsAll := slices.ContainsFunc(properties(), func(p property) bool {
		return p.shared && p.name != "attendees" && slices.Contains(changed, p.name)
	})
	for i, a := range e.Attendees {
		isNew := before == nil || before.attendee(a.Address) < 0
		m, ok := c.boxes.At(tx, a.Address)
		if !ok || m.Owner == e.Mailbox || !isNew && (!concernsAll || a.Response.Given == declined) {
			continue
		}
		if answer := c.deliver(tx, e, a, m, changed); answer != "" && answer != a.Response.Given {
			e.Attendees[i].Response = Response{answer, e.now(tx)}
			if e.inSeries() {
				e.differsIn("attendees")
			}
		}
	}
}

// askAgain forgets the answers to a meeting that was moved.
func askAgain(e *Event) {
	e.Attendees = slices.Clone(e.Attendees)
	for i := range e.Attendees {
		e.Attendees[i].Response = Response{Given: none}
		e.Attendees[i].Proposed = nil
	}
}

// deliver puts a meeting, or what changed of it, on an attendee's calendar. It
// gives the answer, where the mailbox answers by itself.
func (c *Calendars) deliver(tx *state.Tx, e *Event, a Attendee, m mailbox.Mailbox, changed []string) string {
	old, there := c.copyOn(tx, m.Owner, e.UID, e.Date)
	if !there {
		return c.invite(tx, e, a, m)
	}
	x := old.clone()
	pass(x, e, changed, func(p property) bool { return p.shared })
	x.Kind = e.Kind
	if e.inSeries() && x.Master == "" {
		x.Kind = Single
	}
	x.hideOthers(e, a)
	if m.Resource() {
		x.furnish()
	}
	answer := ""
	if moved(changed) {
		answer = c.ask(tx, x, e, m)
	}
	if answer == declined {
		c.erase(tx, old)
		return answer
	}
	c.keepSeries(tx, old, x, changed)
	return answer
}

// invite makes an attendee's copy of a meeting, with the exceptions that a
// series has by then.
func (c *Calendars) invite(tx *state.Tx, e *Event, a Attendee, m mailbox.Mailbox) string {
	x := e.clone()
	x.Key, x.Mailbox, x.Calendar = world.NewKey(tx), m.Owner, mailbox.DefaultCalendar(m.Owner)
	x.Created, x.IsOrganizer, x.TransactionID = e.now(tx), false, ""
	x.Categories, x.Extended, x.Extensions, x.Own = nil, nil, nil, nil
	x.Reminder = Reminder{On: true, Minutes: 15}
	if e.inSeries() { // of a series that the mailbox does not have
		x.Kind, x.Master = Single, ""
	}
	x.hideOthers(e, a)
	answer := c.ask(tx, x, e, m)
	if answer == declined {
		return answer
	}
	c.put(tx, x, world.Created)
	if e.Kind == Series {
		for _, exception := range c.Exceptions(tx, e) {
			exception = exception.clone()
			if !slices.Contains(exception.Own, "attendees") {
				exception.Attendees = e.Attendees
			}
			if exception.attendee(a.Address) >= 0 {
				c.deliver(tx, exception, a, m, exception.Own)
			} else if not, ok := c.copyOn(tx, m.Owner, e.UID, exception.Date); ok {
				c.erase(tx, not)
			}
		}
	}
	return answer
}

// hideOthers leaves only the attendee on the copy of a meeting whose organizer
// hides the attendees from each other; nobody else's answers are on it.
func (x *Event) hideOthers(e *Event, a Attendee) {
	x.Attendees = slices.Clone(e.Attendees)
	if e.HideAttendees {
		x.Attendees = []Attendee{a}
	}
	askAgain(x)
}

// ask puts the question whether the attendee will come on a copy. Rooms answer
// by whether they are free, groups accept (documentation of Create event and of
// the event resource); people have not answered yet.
func (c *Calendars) ask(tx *state.Tx, x, e *Event, m mailbox.Mailbox) string {
	x.Intended = e.ShowAs
	x.Response, x.ShowAs = Response{Given: notResponded}, "tentative"
	if e.ShowAs == "free" {
		x.ShowAs = "free"
	}
	switch {
	case m.Purpose == mailbox.ForGroup:
	case !m.Resource():
		return ""
	case c.taken(tx, m, x):
		return declined
	default:
		x.furnish()
	}
	x.accept(tx)
	return accepted
}

// accept marks a copy as accepted.
func (e *Event) accept(tx *state.Tx) {
	e.Response = Response{accepted, e.now(tx)}
	e.ShowAs = e.Intended
}

// furnish makes an event on a room's calendar what Exchange makes of it: the
// organizer stands for the subject, the text is gone (Set-CalendarProcessing,
// defaults of AddOrganizerToSubject, DeleteSubject and DeleteComments).
func (x *Event) furnish() {
	x.Subject, x.Body = x.Organizer.Name, outlook.Body{}
}
