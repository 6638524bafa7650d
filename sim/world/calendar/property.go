package calendar

import (
	"reflect"
	"slices"

	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/recur"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// property is one member of an event's JSON that a client may set.
type property struct {
	name string
	// shared properties are the organizer's: attendees receive them.
	shared bool
	// field points to the property in an event.
	field func(*Event) any
	read  func(r *reading, name string, v any) error
}

// reading is an event while a body is taken over into it.
type reading struct {
	*Event
	c  *Calendars
	tx *state.Tx
	// asGiven says that the body is an import: answers and cancellations in it
	// are taken over, which clients cannot set.
	asGiven bool
}

// properties is the table of what clients may set, in the order in which it is
// read. Other members of a body are read-only and are passed over: clients send
// back what they were answered.
func properties() []property {
	return []property{
		{"subject", true, func(e *Event) any { return &e.Subject }, plain(func(e *Event) *string { return &e.Subject }, outlook.String)},
		{"body", true, func(e *Event) any { return &e.Body }, (*reading).body},
		{"start", true, func(e *Event) any { return &e.Start }, plain(func(e *Event) *outlook.Moment { return &e.Start }, outlook.ReadMoment)},
		{"end", true, func(e *Event) any { return &e.End }, plain(func(e *Event) *outlook.Moment { return &e.End }, outlook.ReadMoment)},
		{"isAllDay", true, func(e *Event) any { return &e.AllDay }, plain(func(e *Event) *bool { return &e.AllDay }, outlook.Flag)},
		{"location", true, func(e *Event) any { return &e.Locations }, (*reading).location},
		{"locations", true, func(e *Event) any { return &e.Locations }, (*reading).locations},
		{"attendees", true, func(e *Event) any { return &e.Attendees }, (*reading).attendees},
		{"hideAttendees", true, func(e *Event) any { return &e.HideAttendees }, plain(func(e *Event) *bool { return &e.HideAttendees }, outlook.Flag)},
		{"responseRequested", true, func(e *Event) any { return &e.AskResponse }, plain(func(e *Event) *bool { return &e.AskResponse }, outlook.Flag)},
		{"allowNewTimeProposals", true, func(e *Event) any { return &e.AllowNewTime }, plain(func(e *Event) *bool { return &e.AllowNewTime }, outlook.Flag)},
		{"recurrence", true, func(e *Event) any { return &e.Recurrence }, (*reading).recurrence},
		{"importance", true, func(e *Event) any { return &e.Importance }, oneOf(func(e *Event) *string { return &e.Importance }, "normal", "low", "high")},
		{"sensitivity", true, func(e *Event) any { return &e.Sensitivity }, oneOf(func(e *Event) *string { return &e.Sensitivity }, "normal", "personal", "private", "confidential")},
		{"onlineMeetingProvider", true, func(e *Event) any { return &e.Online }, (*reading).provider},
		{"isOnlineMeeting", true, func(e *Event) any { return &e.Online }, (*reading).online},
		{"showAs", false, func(e *Event) any { return &e.ShowAs }, oneOf(func(e *Event) *string { return &e.ShowAs }, "busy", "free", "tentative", "oof", "workingElsewhere", "unknown")},
		{"categories", false, func(e *Event) any { return &e.Categories }, plain(func(e *Event) *[]string { return &e.Categories }, outlook.Texts)},
		{"isReminderOn", false, func(e *Event) any { return &e.Reminder.On }, plain(func(e *Event) *bool { return &e.Reminder.On }, outlook.Flag)},
		{"reminderMinutesBeforeStart", false, func(e *Event) any { return &e.Reminder.Minutes }, plain(func(e *Event) *int { return &e.Reminder.Minutes }, outlook.Whole)},
		{"singleValueExtendedProperties", false, func(e *Event) any { return &e.Extended }, extended(false)},
		{"multiValueExtendedProperties", false, func(e *Event) any { return &e.Extended }, extended(true)},
		{"transactionId", false, func(e *Event) any { return &e.TransactionID }, (*reading).transaction},
	}
}

// plain takes a value over as it is read.
func plain[T any](field func(*Event) *T, read func(string, any) (T, error)) func(*reading, string, any) error {
	return func(r *reading, name string, v any) error { return outlook.Into(field(r.Event), read)(name, v) }
}

// oneOf takes a member of an enumeration over.
func oneOf(field func(*Event) *string, members ...string) func(*reading, string, any) error {
	return plain(field, func(name string, v any) (string, error) { return outlook.Enum(name, v, members...) })
}

// timing are the properties whose change makes the meeting another one: answers
// are asked for again, and a series loses its exceptions (graph-facts §7).
func timing() []string { return []string{"start", "end", "isAllDay", "recurrence"} }

// take reads a body into the event and gives the names of the properties that
// it changed.
func (r *reading) take(body Doc) ([]string, error) {
	before := *r.Event
	var changed []string
	for _, p := range properties() {
		v, given := body[p.name]
		if !given {
			continue
		}
		if err := p.read(r, p.name, v); err != nil {
			return nil, err
		}
		if !reflect.DeepEqual(p.field(&before), p.field(r.Event)) {
			changed = append(changed, p.name)
		}
	}
	return r.settle(&before, changed), r.check()
}

// pass copies properties from one event to another.
func pass(to, from *Event, names []string, which func(property) bool) {
	for _, p := range properties() {
		if slices.Contains(names, p.name) && which(p) {
			reflect.ValueOf(p.field(to)).Elem().Set(reflect.ValueOf(p.field(from)).Elem())
		}
	}
}

func (r *reading) body(name string, v any) error {
	d, ok := v.(Doc)
	if !ok && v != nil {
		return outlook.BadProperty(name, "an itemBody is expected.")
	}
	kind, err := outlook.Enum(name+".contentType", d["contentType"], "text", "html")
	if err != nil {
		return err
	}
	r.Body = outlook.Body{HTML: kind == "html", Content: outlook.Text(d, "content")}
	r.keepOnline()
	return nil
}

func (r *reading) location(name string, v any) error {
	r.Locations = nil
	if v == nil {
		return nil
	}
	l, err := outlook.ReadLocation(name, v)
	if err == nil && (l.Name != "" || l.Address != nil || l.URI != "") {
		r.Locations = []outlook.Location{l}
	}
	return err
}

func (r *reading) locations(name string, v any) error {
	values, ok := v.([]any)
	if !ok {
		return outlook.BadProperty(name, "a collection is expected.")
	}
	r.Locations = nil
	for _, value := range values {
		l, err := outlook.ReadLocation(name, value)
		if err != nil {
			return err
		}
		r.Locations = append(r.Locations, l)
	}
	return nil
}

func (r *reading) recurrence(name string, v any) error {
	if v == nil {
		r.Recurrence = nil
		return nil
	}
	if r.inSeries() {
		return outlook.Invalid("The recurrence of a series can only be changed in its master.")
	}
	rec, err := recur.Decode(v)
	if err != nil {
		return outlook.BadProperty(name, "a patternedRecurrence is expected.")
	}
	if z := rec.Range.RecurrenceTimeZone; z != "" {
		if rec.Range.RecurrenceTimeZone, err = outlook.ReadZone(name, z); err != nil {
			return err
		}
	}
	r.Recurrence = &rec
	return nil
}

func (r *reading) transaction(name string, v any) error {
	id, err := outlook.String(name, v)
	if err != nil || id == r.TransactionID {
		return err
	}
	if r.Version > 0 || r.TransactionID != "" {
		return outlook.BadProperty(name, "it cannot be changed once the event is made.")
	}
	r.TransactionID = id
	return nil
}

// extended takes extended properties over that have several values, or one.
func extended(multi bool) func(*reading, string, any) error {
	return func(r *reading, name string, v any) (err error) {
		r.Extended, err = outlook.ReadExtended(r.Extended, name, v, multi)
		return err
	}
}
