package calendar

import (
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Snooze puts an event's reminder off until a time.
func (c *Calendars) Snooze(tx *state.Tx, e *Event, until time.Time) error {
	return c.remind(tx, e, func(r *Reminder) { r.On, r.Snoozed = true, until })
}

// Dismiss ends an event's reminder.
func (c *Calendars) Dismiss(tx *state.Tx, e *Event) error {
	return c.remind(tx, e, func(r *Reminder) { r.On, r.Snoozed = false, time.Time{} })
}

// remind changes an event's reminder. Group calendars have none (documentation
// of the event resource).
func (c *Calendars) remind(tx *state.Tx, e *Event, change func(*Reminder)) error {
	m, err := c.boxes.Get(tx, e.Mailbox)
	if err != nil {
		return err
	}
	if m.Purpose == mailbox.ForGroup {
		return outlook.Invalid("Reminders are not supported for events in group calendars.")
	}
	x := e.clone()
	change(&x.Reminder)
	c.store(tx, x, "isReminderOn")
	return nil
}

// fires is when an event's reminder appears.
func (e *Event) fires() time.Time {
	if !e.Reminder.Snoozed.IsZero() {
		return e.Reminder.Snoozed
	}
	return e.Start.At.Add(-time.Duration(e.Reminder.Minutes) * time.Minute)
}

// Reminders gives the events of a calendar whose reminders appear in [from, to).
// A reminder precedes its event by up to two weeks (Outlook's longest choice).
func (c *Calendars) Reminders(tx *state.Tx, calendar string, from, to time.Time) []*Event {
	var all []*Event
	for _, e := range c.View(tx, calendar, from.AddDate(0, 0, -14), to.AddDate(0, 0, 14)) {
		if at := e.fires(); e.Reminder.On && !at.Before(from) && at.Before(to) {
			all = append(all, e)
		}
	}
	return all
}

// ReminderDoc writes an event's reminder (Microsoft Graph, reminder).
func (e *Event) ReminderDoc(v View) Doc {
	return Doc{
		"eventId": idOf(e.ID(), v.Immutable), "changeKey": world.ChangeKey(e.Mailbox, e.Version), "eventSubject": e.Subject,
		"eventStartTime": e.Start.Doc(v.Zone), "eventEndTime": e.End.Doc(v.Zone), "eventLocation": outlook.Place(e.Locations),
		"eventWebLink": webLink(idOf(e.ID(), v.Immutable)), "reminderFireTime": outlook.Moment{At: e.fires()}.Doc(v.Zone),
	}
}
