package calendar

import (
	"errors"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/ics"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/people"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Import puts an event of an iCalendar file on a calendar, as it is: nobody is
// invited, and answers stand as the file has them. Said are the exceptions that
// Exchange would not take and that became events of their own.
func (c *Calendars) Import(tx *state.Tx, x mailbox.Calendar, item ics.Item) (e *Event, said []string, err error) {
	r := &reading{Event: c.blank(tx, x), c: c, tx: tx, asGiven: true}
	if _, err := r.take(item.Event); err != nil {
		return nil, nil, fmt.Errorf("importing the event of line %d: %w", item.Line, err)
	}
	r.born(tx)
	r.importedAs(item.Event)
	r.Dropped = dates(item.Cancelled)
	c.put(tx, r.Event, world.Created)
	for _, exception := range item.Exceptions {
		said2, err := c.importException(tx, r.Event.Key, exception)
		if err != nil {
			return nil, nil, fmt.Errorf("importing the event of line %d: %w", item.Line, err)
		}
		said = append(said, said2...)
	}
	e, err = c.Get(tx, x.Mailbox, r.Event.Key)
	return e, said, err
}

// importedAs takes over what clients cannot set: whose meeting it is, its id,
// how the mailbox's owner answered.
func (r *reading) importedAs(body Doc) {
	if uid := outlook.Text(body, "iCalUId"); uid != "" {
		r.UID = uid
	}
	r.Cancelled, _ = body["isCancelled"].(bool)
	d, _ := body["organizer"].(Doc)
	host, err := r.c.boxes.ReadPerson(r.tx, d)
	if err != nil || strings.EqualFold(host.Address, r.Organizer.Address) {
		return
	}
	me := r.Organizer.Address
	r.Organizer, r.IsOrganizer, r.Intended = host, false, r.ShowAs
	r.Response = Response{Given: notResponded}
	if i := r.attendee(me); i >= 0 && r.Attendees[i].Response.Given != none {
		r.Response = r.Attendees[i].Response
	}
}

// importException puts a change to one occurrence on the calendar. One that
// Exchange would refuse, because it crosses its neighbours, becomes an event of
// its own.
func (c *Calendars) importException(tx *state.Tx, key string, exception ics.Exception) (said []string, err error) {
	master, _ := c.events.Get(tx, key)
	date := exception.Date.Format(time.DateOnly)
	old, ok := master.occurrenceOn(date)
	if !ok {
		return nil, fmt.Errorf("the series has no occurrence on %s", date)
	}
	r := &reading{Event: old.clone(), c: c, tx: tx, asGiven: true}
	changed, err := r.take(exception.Event)
	switch {
	case err != nil:
		return nil, fmt.Errorf("the occurrence of %s: %w", date, err)
	case c.crosses(tx, master, r.Event):
		m := master.clone()
		m.Dropped = append(m.Dropped, date)
		c.put(tx, m, world.Updated, "cancelledOccurrences")
		r.Key, r.Kind, r.Master, r.Date, r.Original = world.NewKey(tx), Single, "", "", time.Time{}
		c.put(tx, r.Event, world.Created)
		return []string{"the occurrence of " + date + " is moved past a neighbour, which Exchange does not take; it became an event of its own"}, nil
	}
	r.Kind = Exception
	r.differsIn(changed...)
	c.put(tx, r.Event, world.Updated, changed...)
	return nil, nil
}

func dates(days []time.Time) []string {
	var out []string
	for _, d := range days {
		out = append(out, d.Format(time.DateOnly))
	}
	return out
}

// Hold makes the meetings of a made-up company, whose people have their
// mailboxes already.
func (c *Calendars) Hold(tx *state.Tx, meetings iter.Seq[people.Meeting]) error {
	for m := range meetings {
		if err := c.hold(tx, m); err != nil {
			return fmt.Errorf("holding %q of %s: %w", outlook.Text(m.Event, "subject"), m.Organizer, err)
		}
	}
	return nil
}

// hold makes a meeting with its exceptions; whom it invites answers as the
// meeting says.
func (c *Calendars) hold(tx *state.Tx, m people.Meeting) error {
	x, err := c.calendarOf(tx, m)
	if err != nil {
		return err
	}
	r := &reading{Event: c.blank(tx, x), c: c, tx: tx, asGiven: true}
	if _, err := r.take(m.Event); err != nil {
		return err
	}
	r.born(tx)
	r.Dropped = dates(m.Cancelled)
	for _, d := range m.Attachments {
		a, err := outlook.ReadAttachment(d)
		if err != nil {
			return err
		}
		r.Attachments = append(r.Attachments, c.keep(tx, a))
	}
	c.tell(tx, r.Event, nil, nil)
	c.put(tx, r.Event, world.Created)
	c.answerAll(tx, r.Event)
	for _, exception := range m.Exceptions {
		old, ok := r.occurrenceOn(exception.Date.Format(time.DateOnly))
		if !ok {
			return errors.New("an exception to an occurrence that is not there")
		}
		if _, err := c.Update(tx, old, exception.Event); err != nil {
			return err
		}
	}
	return nil
}

// calendarOf finds the calendar that a meeting is on.
func (c *Calendars) calendarOf(tx *state.Tx, m people.Meeting) (mailbox.Calendar, error) {
	owner, ok := c.world.User(tx, m.Organizer)
	if !ok {
		return mailbox.Calendar{}, errors.New("nobody has this name")
	}
	if m.Calendar == "" {
		return c.boxes.Calendar(tx, owner.ID, "")
	}
	for _, x := range c.boxes.Calendars(tx, owner.ID) {
		if x.Name == m.Calendar {
			return x, nil
		}
	}
	return mailbox.Calendar{}, fmt.Errorf("there is no calendar %q", m.Calendar)
}

// answerAll brings the attendees' copies of a new meeting in line with the
// answers that the organizer has.
func (c *Calendars) answerAll(tx *state.Tx, e *Event) {
	for _, a := range e.Attendees {
		m, ok := c.boxes.At(tx, a.Address)
		if !ok || m.Resource() || m.Purpose == mailbox.ForGroup {
			continue
		}
		switch a.Response.Given {
		case accepted, tentative, declined:
			if x, ok := c.copyOn(tx, m.Owner, e.UID, ""); ok && !x.IsOrganizer {
				c.answer(tx, x, Answer{Given: a.Response.Given})
			}
		}
	}
}
