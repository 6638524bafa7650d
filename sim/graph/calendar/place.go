package calendar

import (
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

// place is the calendar that a path leads to, and what the caller may do there.
type place struct {
	box      mailbox.Mailbox  // that holds the calendar's events
	calendar mailbox.Calendar // as the path names it
	holds    mailbox.Calendar // whose events it shows; another's where it is shared
	role     mailbox.Role
}

// find gives the calendar of a call's path: the one named, or the default one.
func (f *family) find(c *wire.Call) (place, error) {
	owner, err := f.owner(c)
	if err != nil {
		return place{}, err
	}
	p := place{role: mailbox.Owner}
	if p.box, err = f.boxes.Get(c.Tx, owner); err != nil {
		return p, err
	}
	if p.calendar, err = f.named(c, owner); err != nil {
		return p, err
	}
	if p.holds = p.calendar; p.calendar.Source != "" {
		err = f.follow(c, &p)
	} else if c.Caller.Delegated() && c.Caller.User != owner && c.Mailbox != "" {
		p.role = f.boxes.RoleOf(c.Tx, owner, p.holds.Key, c.Caller.User)
	}
	return p, err
}

// owner gives the object id of the mailbox that a path leads to. Of a user the
// kernel has found it; groups are read by their members' tokens.
func (f *family) owner(c *wire.Call) (string, error) {
	if c.Mailbox != "" {
		return c.Mailbox, nil
	}
	group, ok := c.World.Object(c.Tx, c.Arg("group"), "group")
	if !ok {
		return "", wire.NoResource(c.Arg("group"))
	}
	return group.ID, nil
}

// named gives the calendar that a path names.
func (f *family) named(c *wire.Call, owner string) (mailbox.Calendar, error) {
	id := c.Arg("calendar")
	if id == "" {
		return f.boxes.Calendar(c.Tx, owner, "")
	}
	x, err := f.boxes.CalendarByID(c.Tx, owner, id)
	if err != nil || c.Arg("calendarGroup") == "" {
		return x, err
	}
	g, err := f.boxes.GroupByID(c.Tx, owner, c.Arg("calendarGroup"))
	if err != nil {
		return x, err
	}
	for _, in := range f.boxes.In(c.Tx, g) {
		if in.Key == x.Key {
			return x, nil
		}
	}
	return x, outlook.NotFound()
}

// follow goes to the calendar of another mailbox that a shared one shows. The
// caller needs access there, too.
func (f *family) follow(c *wire.Call, p *place) (err error) {
	if err := c.May(c.Method, c.Route.Path, p.calendar.Owner); err != nil {
		return err
	}
	p.role = f.boxes.RoleOf(c.Tx, p.calendar.Owner, p.calendar.Source, p.calendar.Mailbox)
	if p.box, err = f.boxes.Get(c.Tx, p.calendar.Owner); err != nil {
		return err
	}
	p.holds, err = f.boxes.Calendar(c.Tx, p.calendar.Owner, p.calendar.Source)
	return err
}

// readable refuses who may not even see free and busy times.
func (p place) readable() error {
	if p.role == mailbox.NoRole || p.role == "" {
		return wire.NoAccess()
	}
	return nil
}

// writable refuses who may not change events.
func (p place) writable() error {
	if !p.role.Writes() {
		return wire.NoAccess()
	}
	return nil
}

// event gives the event of a call's path. An id without a calendar before it may
// be of any calendar in the mailbox.
func (f *family) event(c *wire.Call) (place, *calendar.Event, error) {
	p, err := f.find(c)
	if err != nil {
		return p, nil, err
	}
	e, err := f.cal.ByID(c.Tx, p.box.Owner, c.Arg("event"))
	if err != nil {
		return p, nil, err
	}
	if e.Calendar == p.holds.Key {
		return p, e, p.readable()
	}
	if c.Arg("calendar") != "" {
		return p, nil, outlook.NotFound()
	}
	if p.role != mailbox.Owner {
		p.role = f.boxes.RoleOf(c.Tx, p.box.Owner, e.Calendar, c.Caller.User)
	}
	p.holds, err = f.boxes.Calendar(c.Tx, p.box.Owner, e.Calendar)
	if err != nil {
		return p, nil, err
	}
	return p, e, p.readable()
}

// changeable gives the event of a call's path to somebody who may change it, in
// the version that the request means.
func (f *family) changeable(c *wire.Call, kind world.EffectKind) (place, *calendar.Event, error) {
	p, e, err := f.event(c)
	if err != nil {
		return p, e, err
	}
	if err := p.writable(); err != nil {
		return p, e, err
	}
	c.Touch(e.Mailbox, e.ID().Rest(), kind)
	return p, e, c.IfMatch(e.ETag())
}

// look is how the caller wants to see events: the zone, the ids, the bodies
// (graph-facts §2.2).
func look(c *wire.Call, role mailbox.Role) (calendar.View, error) {
	v := calendar.View{Zone: outlook.UTC(), Immutable: c.Immutable(), Role: role}
	if role == mailbox.Owner {
		v.Role = ""
	}
	if kind, ok := c.Prefer("outlook.body-content-type"); ok {
		v.Text = kind == "text"
	}
	name, ok := c.Prefer("outlook.timezone")
	if !ok {
		return v, nil
	}
	var err error
	v.Zone, err = outlook.FindZone(name)
	return v, err
}

// whole writes an event with what $expand and $filter look for.
func (f *family) whole(c *wire.Call, e *calendar.Event, v calendar.View) wire.Doc {
	d := e.Doc(f.cal, c.Tx, v)
	if basic(c) {
		delete(d, "body")
		delete(d, "bodyPreview")
		return d
	}
	if len(e.Extended) > 0 {
		d["singleValueExtendedProperties"] = outlook.ExtendedDocs(e.Extended, false)
		d["multiValueExtendedProperties"] = outlook.ExtendedDocs(e.Extended, true)
	}
	return d
}

// basic says whether the token may read of events only when they are and with
// whom: no body, attachment or extension (permissions reference,
// Calendars.ReadBasic).
func basic(c *wire.Call) bool {
	return c.Has("Calendars.ReadBasic", "Calendars.ReadBasic.All") &&
		!c.Has("Calendars.Read", "Calendars.ReadWrite", "Calendars.Read.Shared", "Calendars.ReadWrite.Shared")
}
