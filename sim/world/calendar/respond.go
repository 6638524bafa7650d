package calendar

import (
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Answer is what an attendee answers to an invitation.
type Answer struct {
	Given    string    // "accepted", "tentativelyAccepted" or "declined"
	Silent   bool      // the organizer is not told
	Proposed *TimeSlot // another time that would suit
}

// ReadAnswer reads the body of accept, tentativelyAccept and decline; verb is
// the action's name.
func ReadAnswer(verb string, body Doc) (Answer, error) {
	a := Answer{Given: map[string]string{"accept": accepted, "tentativelyAccept": tentative, "decline": declined}[verb]}
	for name, v := range body {
		var err error
		switch strings.ToLower(name) { // the schema and the documentation differ in case
		case "sendresponse":
			var send bool
			send, err = outlook.Flag(name, v)
			a.Silent = !send && v != nil
		case "proposednewtime":
			a.Proposed, err = readSlot(name, v)
		}
		if err != nil {
			return a, err
		}
	}
	return a, nil
}

func readSlot(name string, v any) (*TimeSlot, error) {
	if v == nil {
		return nil, nil
	}
	d, _ := v.(Doc)
	start, err := outlook.ReadMoment(name+".start", d["start"])
	if err != nil {
		return nil, err
	}
	end, err := outlook.ReadMoment(name+".end", d["end"])
	return &TimeSlot{start, end}, err
}

// Respond takes an attendee's answer down on the attendee's copy and, unless it
// is silent, on the organizer's event. Who declines loses the event
// (graph-facts §7).
func (c *Calendars) Respond(tx *state.Tx, e *Event, a Answer) error {
	switch {
	case e.IsOrganizer:
		return outlook.Invalid("You can't respond to this meeting because you're the meeting organizer.")
	case a.Proposed != nil && a.Silent:
		return outlook.Invalid("A new time can't be proposed without sending a response.")
	case a.Proposed != nil && !e.AllowNewTime:
		return outlook.Invalid("The meeting organizer doesn't allow new time proposals.")
	}
	c.answer(tx, e, a)
	if !a.Silent {
		c.report(tx, e, a)
	}
	return nil
}

// answer changes the attendee's copy.
func (c *Calendars) answer(tx *state.Tx, e *Event, a Answer) {
	if a.Given == declined {
		c.erase(tx, e)
		return
	}
	x := e.clone()
	x.Response = Response{a.Given, e.now(tx)}
	x.ShowAs = "tentative"
	if a.Given == accepted && e.Intended != "" {
		x.ShowAs = e.Intended
	}
	if x.inSeries() {
		c.store(tx, x, "responseStatus", "showAs")
		return
	}
	c.keepAnswer(tx, x)
}

// keepAnswer stores an answer to a whole meeting; exceptions that were not
// answered on their own follow it.
func (c *Calendars) keepAnswer(tx *state.Tx, e *Event) {
	c.put(tx, e, world.Updated, "responseStatus", "showAs")
	if e.Kind != Series {
		return
	}
	for _, old := range c.Exceptions(tx, e) {
		if !slices.Contains(old.Own, "responseStatus") && !old.Cancelled {
			x := old.clone()
			x.Response, x.ShowAs = e.Response, e.ShowAs
			c.put(tx, x, world.Updated, "responseStatus", "showAs")
		}
	}
}

// report takes the answer down on the organizer's event, where the organizer is
// in the tenant and still has it.
func (c *Calendars) report(tx *state.Tx, e *Event, a Answer) {
	host, ok := c.boxes.At(tx, e.Organizer.Address)
	if !ok {
		return
	}
	event, ok := c.copyOn(tx, host.Owner, e.UID, e.Date)
	if !ok || !event.IsOrganizer {
		return
	}
	me := c.boxes.Person(tx, e.Mailbox)
	x := event.clone()
	x.Attendees = slices.Clone(x.Attendees)
	i := x.attendee(me.Address)
	if i < 0 { // forwarded to, or reached through a group
		x.Attendees = append(x.Attendees, Attendee{Person: me, Type: "optional"})
		i = len(x.Attendees) - 1
	}
	x.Attendees[i].Response = Response{a.Given, e.now(tx)}
	x.Attendees[i].Proposed = a.Proposed
	c.keepSeries(tx, event, x, []string{"attendees"})
}

// Cancel removes the organizer's meeting, or one occurrence, and tells its
// attendees (documentation of event: cancel).
func (c *Calendars) Cancel(tx *state.Tx, e *Event) error {
	if !e.IsOrganizer {
		return outlook.Invalid("You need to be an organizer to cancel a meeting.")
	}
	c.Delete(tx, e)
	return nil
}

// Forward invites further people to a meeting. The organizer, if in the tenant,
// sees them among the attendees (documentation of event: forward).
func (c *Calendars) Forward(tx *state.Tx, e *Event, recipients []any) error {
	var added []Attendee
	for _, v := range recipients {
		d, _ := v.(Doc)
		p, err := c.boxes.ReadPerson(tx, d)
		if err != nil {
			return err
		}
		added = append(added, Attendee{Person: p, Type: "required", Response: Response{Given: none}})
	}
	event := e
	if !e.IsOrganizer {
		host, _ := c.boxes.At(tx, e.Organizer.Address)
		hosts, ok := c.copyOn(tx, host.Owner, e.UID, e.Date)
		if !ok || !hosts.IsOrganizer {
			c.passOn(tx, e, added)
			return nil
		}
		event = hosts
	}
	x := event.clone()
	x.Attendees = slices.Clone(x.Attendees)
	for _, a := range added {
		if x.attendee(a.Address) < 0 {
			x.Attendees = append(x.Attendees, a)
		}
	}
	_, err := c.apply(tx, event, x, []string{"attendees"})
	return err
}

// passOn invites people of the tenant to a meeting whose organizer is not of it.
func (c *Calendars) passOn(tx *state.Tx, e *Event, added []Attendee) {
	n := news{c, tx, e, nil, unanswered(e.Attendees)}
	for _, a := range added {
		n.reach(a)
	}
}
