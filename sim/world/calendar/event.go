package calendar

import (
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/recur"
)

// Kind is Graph's eventType.
type Kind string

// The kinds of event. Occurrences are computed and never stored; an exception
// is stored under the key of the occurrence that it replaces.
const (
	Single     Kind = "singleInstance"
	Series     Kind = "seriesMaster"
	Occurrence Kind = "occurrence"
	Exception  Kind = "exception"
)

// Event is one item of a calendar. Each mailbox that takes part in a meeting has
// its own, and all share the UID.
type Event struct {
	Key      string `json:"key"`
	Mailbox  string `json:"mailbox"`
	Calendar string `json:"calendar"`
	UID      string `json:"uid"`
	Kind     Kind   `json:"kind"`
	Master   string `json:"master,omitempty"` // key of the series
	Date     string `json:"date,omitempty"`   // in the series, e.g. "2026-11-21"
	Moves    uint32 `json:"moves,omitempty"`  // to another calendar
	// Original is when the occurrence takes place by the series' pattern.
	Original time.Time `json:"original,omitzero"`

	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`
	Version  uint64    `json:"version"` // the transaction that wrote it

	Subject     string             `json:"subject,omitempty"`
	Body        outlook.Body       `json:"body,omitzero"`
	Start       outlook.Moment     `json:"start"`
	End         outlook.Moment     `json:"end"`
	AllDay      bool               `json:"allDay,omitempty"`
	Locations   []outlook.Location `json:"locations,omitempty"`
	Importance  string             `json:"importance"`
	Sensitivity string             `json:"sensitivity"`
	Categories  []string           `json:"categories,omitempty"`
	ShowAs      string             `json:"showAs"`
	Reminder    Reminder           `json:"reminder"`

	Organizer     outlook.Person `json:"organizer"`
	IsOrganizer   bool           `json:"isOrganizer,omitempty"`
	Attendees     []Attendee     `json:"attendees,omitempty"`
	HideAttendees bool           `json:"hideAttendees,omitempty"`
	AskResponse   bool           `json:"askResponse,omitempty"`
	AllowNewTime  bool           `json:"allowNewTime,omitempty"`
	Response      Response       `json:"response"`
	Intended      string         `json:"intended,omitempty"` // the organizer's showAs, for when an attendee accepts
	Cancelled     bool           `json:"cancelled,omitempty"`
	Draft         bool           `json:"draft,omitempty"`
	Online        *Online        `json:"online,omitempty"`

	Recurrence *recur.Recurrence `json:"recurrence,omitempty"`
	Dropped    []string          `json:"dropped,omitempty"` // dates of a series that it does not take place on
	Own        []string          `json:"own,omitempty"`     // properties in which an exception differs from its series

	TransactionID string             `json:"transactionId,omitempty"`
	Attachments   []string           `json:"attachments,omitempty"` // keys
	Extended      []outlook.Extended `json:"extended,omitempty"`
	Extensions    outlook.Extensions `json:"extensions,omitempty"`
}

// Attendee is somebody whom a meeting's organizer invites.
type Attendee struct {
	outlook.Person
	Type     string    `json:"type"` // required, optional, resource
	Response Response  `json:"response"`
	Proposed *TimeSlot `json:"proposed,omitempty"`
}

// Response is how somebody answered, and when.
type Response struct {
	Given string    `json:"given"` // Graph's responseType
	At    time.Time `json:"at,omitzero"`
}

// The answers (Microsoft Graph, responseStatus).
const (
	none         = "none"
	organizer    = "organizer"
	notResponded = "notResponded"
	accepted     = "accepted"
	tentative    = "tentativelyAccepted"
	declined     = "declined"
)

// TimeSlot is a span of time that somebody proposes.
type TimeSlot struct {
	Start outlook.Moment `json:"start"`
	End   outlook.Moment `json:"end"`
}

// Reminder is when the mailbox's owner wants to be reminded.
type Reminder struct {
	On      bool      `json:"on,omitempty"`
	Minutes int       `json:"minutes,omitempty"` // before the start
	Snoozed time.Time `json:"snoozed,omitzero"`  // fires then instead
}

// Online is the meeting's room in Teams.
type Online struct {
	Provider   string `json:"provider"`
	JoinURL    string `json:"joinUrl"`
	Conference string `json:"conference"`
}

// ID is the event's id.
func (e *Event) ID() world.ItemID {
	return world.ItemID{Mailbox: e.Mailbox, Key: e.Key, Moves: e.Moves}
}

// MasterID is the id of the series that an occurrence or exception belongs to.
func (e *Event) MasterID() world.ItemID {
	return world.ItemID{Mailbox: e.Mailbox, Key: e.Master, Moves: e.Moves}
}

// inSeries says whether the event is one of a series' occurrences.
func (e *Event) inSeries() bool { return e.Kind == Occurrence || e.Kind == Exception }

// overlaps says whether the event lies in [from, to); one without length does
// when it starts in it.
func (e *Event) overlaps(from, to time.Time) bool {
	return e.Start.At.Before(to) && (e.End.At.After(from) || !e.Start.At.Before(from))
}

// clone gives a copy that may be changed, save the elements of its attendees and
// of what a client replaces as a whole.
func (e *Event) clone() *Event {
	c := *e
	c.Dropped = slices.Clone(e.Dropped)
	c.Own = slices.Clone(e.Own)
	return &c
}

// attendee gives the place of an address among the attendees, or -1.
func (e *Event) attendee(address string) int { return attendeeAt(e.Attendees, address) }

func attendeeAt(list []Attendee, address string) int {
	return slices.IndexFunc(list, func(a Attendee) bool { return strings.EqualFold(a.Address, address) })
}

// differsIn takes down that an exception has its own value of properties.
func (e *Event) differsIn(props ...string) {
	for _, p := range props {
		if !slices.Contains(e.Own, p) {
			e.Own = append(e.Own, p)
		}
	}
}

// occurrenceKey is the key of the occurrence of a series on a date.
func occurrenceKey(master, date string) string { return master + "." + date }
