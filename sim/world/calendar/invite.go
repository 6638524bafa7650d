package calendar

import (
	"slices"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// news is what the attendees of a meeting are to hear of the organizer's event.
type news struct {
	c       *Calendars
	tx      *state.Tx
	event   *Event // about to be stored
	changed []string
	// listed are the attendees as they see each other: nobody else's answers are
	// on a copy. The copies share the slice.
	listed []Attendee
}

// tell brings the attendees' copies in line with the organizer's event, which is
// about to be stored; before is what it was, nil for a new one. Answers that
// come at once, of rooms and groups, are taken down in e. Attendees outside the
// tenant are only listed; who declined hears of it again when it is moved.
func (c *Calendars) tell(tx *state.Tx, e, before *Event, changed []string) {
	if !e.IsOrganizer {
		return
	}
	e.Attendees = slices.Clone(e.Attendees)
	if before != nil {
		c.uninvite(tx, before, e.Attendees)
		if moved(changed) {
			e.Attendees = unanswered(e.Attendees)
		}
	}
	n := news{c, tx, e, changed, unanswered(e.Attendees)}
	concernsAll := n.concernsAll()
	for i, a := range e.Attendees {
		known := before != nil && before.attendee(a.Address) >= 0
		if known && (!concernsAll || a.Response.Given == declined) {
			continue
		}
		if answer := n.reach(a); answer != "" && answer != a.Response.Given {
			e.Attendees[i].Response = Response{answer, e.now(tx)}
			if e.inSeries() {
				e.differsIn("attendees")
			}
		}
	}
}

// uninvite tells the attendees of an event who are not still invited.
func (c *Calendars) uninvite(tx *state.Tx, e *Event, still []Attendee) {
	for _, a := range e.Attendees {
		if attendeeAt(still, a.Address) >= 0 {
			continue
		}
		if m, ok := c.boxes.At(tx, a.Address); ok && m.Owner != e.Mailbox {
			c.withdraw(tx, e, m)
		}
	}
}

// concernsAll says whether more changed than who is invited, which only those
// hear of whom it is about (documentation of Update event).
func (n news) concernsAll() bool {
	return slices.ContainsFunc(properties(), func(p property) bool {
		return p.shared && p.name != "attendees" && slices.Contains(n.changed, p.name)
	})
}

// unanswered gives the attendees as they are before anybody has answered.
func unanswered(attendees []Attendee) []Attendee {
	out := slices.Clone(attendees)
	for i := range out {
		out[i].Response, out[i].Proposed = Response{Given: none}, nil
	}
	return out
}

// reach tells one attendee, if of the tenant.
func (n news) reach(a Attendee) (answer string) {
	m, ok := n.c.boxes.At(n.tx, a.Address)
	if !ok || m.Owner == n.event.Mailbox {
		return ""
	}
	return n.deliver(a, m)
}

// deliver puts the meeting, or what changed of it, on an attendee's calendar. It
// gives the answer, where the mailbox answers by itself.
func (n news) deliver(a Attendee, m mailbox.Mailbox) string {
	e := n.event
	old, there := n.c.copyOn(n.tx, m.Owner, e.UID, e.Date)
	if there && old.Cancelled { // was taken off the meeting, and is back
		n.c.erase(n.tx, old)
		there = false
	}
	if !there || moved(n.changed) {
		n.forgetApart(m)
	}
	if !there {
		return n.invite(a, m)
	}
	x := old.clone()
	pass(x, e, n.changed, func(p property) bool { return p.shared })
	x.Kind = e.Kind
	if e.inSeries() && x.Master == "" {
		x.Kind = Single
	}
	x.Attendees = n.listedFor(a)
	if m.Resource() {
		x.furnish()
	}
	answer := ""
	if moved(n.changed) {
		if old.Kind == Series {
			n.c.restart(n.tx, old, x)
		}
		answer = n.ask(x, m)
	}
	if answer == declined {
		n.c.erase(n.tx, old)
		return answer
	}
	n.c.keepSeries(n.tx, old, x, n.changed)
	return answer
}

// forgetApart removes what a mailbox was told of single occurrences of a series
// when it did not have the series: it gets the whole now, with its exceptions.
func (n news) forgetApart(m mailbox.Mailbox) {
	if n.event.inSeries() {
		return
	}
	for _, x := range n.c.found.Find(n.tx, meetingIn(m.Owner, n.event.UID)) {
		if x.Date != "" && !x.inSeries() {
			n.c.erase(n.tx, x)
		}
	}
}

// invite makes an attendee's copy of the meeting, with the exceptions that a
// series has by then.
func (n news) invite(a Attendee, m mailbox.Mailbox) string {
	e := n.event
	x := e.clone()
	x.Key, x.Mailbox, x.Calendar = world.NewKey(n.tx), m.Owner, mailbox.DefaultCalendar(m.Owner)
	x.Created, x.IsOrganizer, x.TransactionID, x.Moves = e.now(n.tx), false, "", 0
	x.Categories, x.Extended, x.Extensions, x.Own = nil, nil, nil, nil
	x.Reminder = Reminder{On: true, Minutes: 15}
	if e.inSeries() { // of a series that the mailbox does not have
		x.Kind, x.Master = Single, ""
	}
	x.Attendees = n.listedFor(a)
	answer := n.ask(x, m)
	if answer == declined {
		return answer
	}
	n.c.put(n.tx, x, world.Created)
	if e.Kind == Series {
		n.deliverExceptions(a, m)
	}
	return answer
}

// deliverExceptions puts the exceptions of a series on the calendar of somebody
// who is invited to it only now. Those that he is not invited to are dropped.
func (n news) deliverExceptions(a Attendee, m mailbox.Mailbox) {
	for _, exception := range n.c.Exceptions(n.tx, n.event) {
		x := exception.clone()
		if !slices.Contains(x.Own, "attendees") {
			x.Attendees = n.event.Attendees
		}
		if x.attendee(a.Address) >= 0 {
			news{n.c, n.tx, x, x.Own, unanswered(x.Attendees)}.deliver(a, m)
		} else if not, ok := n.c.copyOn(n.tx, m.Owner, x.UID, x.Date); ok {
			n.c.erase(n.tx, not)
		}
	}
}

// listedFor gives the attendees that one of them sees: all, or where the
// organizer hides them from each other only himself.
func (n news) listedFor(a Attendee) []Attendee {
	if n.event.HideAttendees {
		return unanswered([]Attendee{a})
	}
	return n.listed
}

// ask puts the question whether the attendee will come on a copy. Rooms answer
// by whether they are free, groups accept (documentation of Create event and of
// the event resource); people have not answered yet.
func (n news) ask(x *Event, m mailbox.Mailbox) string {
	x.Intended = n.event.ShowAs
	x.Response, x.ShowAs = Response{Given: notResponded}, "tentative"
	if n.event.ShowAs == "free" {
		x.ShowAs = "free"
	}
	switch {
	case m.Purpose == mailbox.ForGroup:
	case !m.Resource():
		return ""
	case n.c.taken(n.tx, m, x):
		return declined
	default:
		x.furnish()
	}
	x.Response, x.ShowAs = Response{accepted, x.now(n.tx)}, x.Intended
	return accepted
}

// furnish makes an event on a room's calendar what Exchange makes of it: the
// organizer stands for the subject, the text is gone (Set-CalendarProcessing,
// defaults of AddOrganizerToSubject, DeleteSubject and DeleteComments).
func (e *Event) furnish() { e.Subject, e.Body = e.Organizer.Name, outlook.Body{} }
