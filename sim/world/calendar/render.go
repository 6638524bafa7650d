package calendar

import (
	"net/url"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// View is how a client wants to see events.
type View struct {
	Zone      outlook.Zone
	Immutable bool // ids
	Text      bool // bodies as text
	// Role is the reader's on the calendar; "" is the owner's.
	Role mailbox.Role
}

// Doc writes an event in full. The extended properties, attachments and
// extensions, which Graph gives on demand only, are not in it.
func (e *Event) Doc(c *Calendars, tx *state.Tx, v View) Doc {
	if e.masked(v.Role) {
		return e.maskedDoc(c, v)
	}
	d := e.frame(v)
	d["subject"], d["bodyPreview"], d["body"] = e.Subject, e.Body.Preview(), e.Body.Doc(v.Text)
	d["importance"], d["sensitivity"], d["categories"] = e.Importance, e.Sensitivity, outlook.List(e.Categories)
	d["isReminderOn"], d["reminderMinutesBeforeStart"] = e.Reminder.On, float64(e.Reminder.Minutes)
	d["hasAttachments"] = c.hasAttachments(tx, e)
	d["hideAttendees"] = e.HideAttendees
	d["responseRequested"], d["allowNewTimeProposals"] = e.AskResponse, e.AllowNewTime
	d["responseStatus"] = e.Response.Doc()
	d["organizer"] = e.Organizer.Doc()
	attendees := make([]any, len(e.Attendees))
	for i, a := range e.Attendees {
		attendees[i] = a.Doc(v.Zone)
	}
	d["attendees"] = attendees
	d["location"], d["locations"] = outlook.Place(e.Locations), outlook.LocationDocs(e.Locations)
	d["isOnlineMeeting"], d["onlineMeeting"], d["onlineMeetingUrl"] = e.Online != nil, e.onlineDoc(), nil
	d["onlineMeetingProvider"] = "unknown"
	if e.Online != nil {
		d["onlineMeetingProvider"] = e.Online.Provider
	}
	if e.TransactionID != "" {
		d["transactionId"] = e.TransactionID
	}
	return d
}

// width is how many members a whole event has, about.
const width = 48

// frame writes when an event takes place and what it is, without what it is
// about.
func (e *Event) frame(v View) Doc {
	d := make(Doc, width)
	e.skeleton(d, v)
	d["changeKey"] = world.ChangeKey(e.Mailbox, e.Version)
	d["createdDateTime"], d["lastModifiedDateTime"] = outlook.Timestamp(e.Created), outlook.Timestamp(e.Modified)
	d["iCalUId"], d["webLink"] = e.iCalUID(), webLink(outlook.Text(d, "id"))
	d["originalStartTimeZone"], d["originalEndTimeZone"] = outlook.WindowsName(e.Start.Zone), outlook.WindowsName(e.End.Zone)
	d["isAllDay"], d["isCancelled"], d["isDraft"], d["isOrganizer"] = e.AllDay, e.Cancelled, false, e.IsOrganizer
	d["showAs"] = e.ShowAs
	d["recurrence"] = e.recurrenceDoc()
	if e.inSeries() {
		d["originalStart"] = outlook.Timestamp(e.Original)
	} else {
		d["seriesMasterId"] = nil
	}
	if e.Kind == Series {
		d["cancelledOccurrences"] = e.cancelledOccurrences(v)
	}
	return d
}

// Skeleton writes as much of an event as a delta of a calendar view says of an
// occurrence (graph-facts §3.2).
func (e *Event) Skeleton(v View) Doc {
	d := Doc{"@odata.type": "#microsoft.graph.event"}
	e.skeleton(d, v)
	return d
}

func (e *Event) skeleton(d Doc, v View) {
	d["@odata.etag"], d["id"], d["type"] = e.ETag(), idOf(e.ID(), v.Immutable), string(e.Kind)
	if e.AllDay {
		d["start"], d["end"] = e.Start.DateDoc(v.Zone), e.End.DateDoc(v.Zone)
	} else {
		d["start"], d["end"] = e.Start.Doc(v.Zone), e.End.Doc(v.Zone)
	}
	if e.inSeries() {
		d["seriesMasterId"] = idOf(e.MasterID(), v.Immutable)
	}
}

// ETag names the event's version.
func (e *Event) ETag() string { return `W/"` + world.ChangeKey(e.Mailbox, e.Version) + `"` }

// masked says whether a reader sees of an event only that there is one:
// everything for who may only see that, private events for who is no delegate
// with access to them (graph-facts §7, documentation of calendarRoleType).
func (e *Event) masked(role mailbox.Role) bool {
	if role == "" {
		return false
	}
	private := e.Sensitivity == "private" || e.Sensitivity == "confidential"
	return !role.Reads() || private && !role.SeesPrivate() || role == mailbox.LimitedRead
}

// maskedDoc writes an event for a reader who may not know what it is about. Who
// has limited rights sees subject and place of what is not private.
func (e *Event) maskedDoc(c *Calendars, v View) Doc {
	d := e.frame(v)
	d["sensitivity"] = e.Sensitivity
	d["subject"] = "Private Appointment"
	if v.Role == mailbox.LimitedRead && e.Sensitivity != "private" && e.Sensitivity != "confidential" {
		d["subject"], d["location"], d["locations"] = e.Subject, outlook.Place(e.Locations), outlook.LocationDocs(e.Locations)
	}
	d["bodyPreview"], d["body"] = "", outlook.Body{}.Doc(v.Text)
	return d
}

// webLink opens the event with an id in Outlook (documentation of the event
// resource).
func webLink(id string) string {
	return "https://outlook.office365.com/owa/?itemid=" + url.QueryEscape(id) + "&exvsurl=1&path=/calendar/item"
}

func (e *Event) recurrenceDoc() any {
	if e.Recurrence == nil {
		return nil
	}
	r := *e.Recurrence
	r.Range.RecurrenceTimeZone = outlook.WindowsName(r.Range.RecurrenceTimeZone)
	return r.JSON()
}

// cancelledOccurrences names the dates that a series lost, as OID.{id}.{date}
// (graph-facts §7).
func (e *Event) cancelledOccurrences(v View) []any {
	out := make([]any, len(e.Dropped))
	for i, date := range e.Dropped {
		out[i] = "OID." + idOf(e.ID(), v.Immutable) + "." + date
	}
	return out
}
