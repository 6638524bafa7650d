package calendar

import (
	"net/http"
	"time"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

// Limits of getSchedule (documentation of getSchedule; graph-facts §7).
const (
	mostSchedules = 20
	longestWindow = 62 * 24 * time.Hour
	leastSlot     = 5
	mostSlot      = 1440
	usualSlot     = 30
)

// span is a time that somebody asks about.
type span struct{ from, to time.Time }

func readSpan(name string, start, end any) (span, error) {
	from, err := outlook.ReadMoment(name+".start", start)
	if err != nil {
		return span{}, err
	}
	to, err := outlook.ReadMoment(name+".end", end)
	if err != nil {
		return span{}, err
	}
	if !from.At.Before(to.At) {
		return span{}, wire.Refuse(http.StatusBadRequest, "ErrorInvalidTimeInterval", "The end of %s is not after its start.", name)
	}
	return span{from.At, to.At}, nil
}

// getSchedule tells when people and rooms are free (documentation of
// getSchedule).
func (f *family) getSchedule(c *wire.Call) (wire.Answer, error) {
	if _, err := f.find(c); err != nil {
		return wire.Answer{}, err
	}
	when, err := readSpan("the requested time", param[any](c, "StartTime"), param[any](c, "EndTime"))
	if err != nil {
		return wire.Answer{}, err
	}
	slot := float64(usualSlot)
	if given, ok := param[any](c, "AvailabilityViewInterval").(float64); ok {
		slot = given
	}
	if slot < leastSlot || slot > mostSlot {
		return wire.Answer{}, wire.Refuse(http.StatusBadRequest, "ErrorInvalidMergedFreeBusyInterval",
			"The availabilityViewInterval must be between %d and %d minutes.", leastSlot, mostSlot)
	}
	asked := param[[]any](c, "Schedules")
	if len(asked) > mostSchedules {
		return wire.Answer{}, outlook.Invalid("At most %d schedules can be asked for.", mostSchedules)
	}
	v, err := look(c, mailbox.Owner)
	if err != nil {
		return wire.Answer{}, err
	}
	values := []any{}
	for _, address := range asked {
		text, _ := address.(string)
		values = append(values, f.scheduleOf(c, text, when, time.Duration(slot)*time.Minute, v))
	}
	return wire.Values("microsoft.graph.scheduleInformation", values), nil
}

// scheduleOf tells about one address, or why not.
func (f *family) scheduleOf(c *wire.Call, address string, when span, slot time.Duration, v calendar.View) wire.Doc {
	d := wire.Doc{"scheduleId": address}
	no := func(code, message string) wire.Doc {
		d["availabilityView"], d["scheduleItems"] = "", []any{}
		d["error"] = wire.Doc{"responseCode": code, "message": message}
		return d
	}
	m, ok := f.boxes.At(c.Tx, address)
	if !ok {
		return no("ErrorMailRecipientNotFound", "Unable to resolve e-mail address "+address+" to an Active Directory object.")
	}
	if when.to.Sub(when.from) > longestWindow {
		return no("5006", "The requested time duration specified for FreeBusyViewOptions.TimeWindow is too long. The allowed limit = 62 days.")
	}
	role := f.freeBusyRole(c, m)
	if role == mailbox.NoRole {
		return no("ErrorNoFreeBusyAccess", "The caller has no free/busy access to "+address+".")
	}
	c.Touch(m.Owner, address, world.Read)
	busy := f.cal.Busy(c.Tx, m.Owner, when.from, when.to)
	items := []any{}
	for _, e := range busy {
		items = append(items, scheduleItem(e, role, v))
	}
	d["availabilityView"] = calendar.AvailabilityView(busy, when.from, when.to, slot)
	d["scheduleItems"] = items
	d["workingHours"] = m.Settings.Hours.Doc()
	return d
}

// freeBusyRole is what the caller may know of a mailbox's default calendar. An
// application's own token sees everything (graph-facts §7).
func (f *family) freeBusyRole(c *wire.Call, m mailbox.Mailbox) mailbox.Role {
	if !c.Caller.Delegated() {
		return mailbox.Owner
	}
	return f.boxes.RoleOf(c.Tx, m.Owner, mailbox.DefaultCalendar(m.Owner), c.Caller.User)
}

// scheduleItem writes an event as somebody with this role may know it.
func scheduleItem(e *calendar.Event, role mailbox.Role, v calendar.View) wire.Doc {
	item := wire.Doc{"status": e.ShowAs, "start": e.Start.Doc(v.Zone), "end": e.End.Doc(v.Zone)}
	private := e.Sensitivity == "private" || e.Sensitivity == "confidential"
	if !role.Reads() {
		return item
	}
	item["isPrivate"] = private
	if !private || role.SeesPrivate() {
		item["subject"], item["location"] = e.Subject, outlook.PlaceName(e.Locations)
	}
	return item
}
