package calendar

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
)

// folderRoutes serve one calendar. Calendars of groups are only read: no
// permission opens more.
func (f *family) folderRoutes(ofUser bool) []wire.Route {
	routes := []wire.Route{{Method: "GET", Path: "", Type: "calendar", Handle: f.getCalendar}}
	if !ofUser {
		return routes
	}
	return append(routes,
		wire.Route{Method: "PATCH", Path: "", Type: "calendar", Body: "calendar", Handle: f.changeCalendar},
		wire.Route{Method: "DELETE", Path: "", Handle: f.removeCalendar},
		wire.Route{Method: "POST", Path: "/getSchedule", Body: wire.Action, Handle: f.getSchedule},
		wire.Route{Method: "GET", Path: "/calendarPermissions", Type: "calendarPermission", Query: shares(), Handle: f.listShares},
		wire.Route{Method: "POST", Path: "/calendarPermissions", Type: "calendarPermission", Body: "calendarPermission", Handle: f.addShare},
		wire.Route{Method: "GET", Path: "/calendarPermissions/{calendarPermission}", Type: "calendarPermission", Handle: f.getShare},
		wire.Route{Method: "PATCH", Path: "/calendarPermissions/{calendarPermission}", Type: "calendarPermission", Body: "calendarPermission", Handle: f.changeShare},
		wire.Route{Method: "DELETE", Path: "/calendarPermissions/{calendarPermission}", Handle: f.removeShare},
	)
}

func shares() wire.Offers { return wire.Offers{Top: true, Skip: true, Page: 10, MaxPage: 1000} }

// calendarRoutes serve the calendars of a mailbox, all or those of a group.
func (f *family) calendarRoutes() []wire.Route {
	var out []wire.Route
	for _, path := range []string{"/calendars", "/calendarGroups/{calendarGroup}/calendars"} {
		out = append(out,
			wire.Route{Method: "GET", Path: path, Type: "calendar", Query: pages(), Handle: f.listCalendars},
			wire.Route{Method: "POST", Path: path, Type: "calendar", Body: "calendar", Handle: f.addCalendar})
	}
	return append(out, wire.Route{Method: "GET", Path: "/events/{event}/calendar", Type: "calendar", Handle: f.calendarOfEvent})
}

func (f *family) listCalendars(c *wire.Call) (wire.Answer, error) {
	box, err := f.boxes.Get(c.Tx, c.Mailbox)
	if err != nil {
		return wire.Answer{}, err
	}
	all := f.boxes.Calendars(c.Tx, box.Owner)
	if id := c.Arg("calendarGroup"); id != "" {
		g, err := f.boxes.GroupByID(c.Tx, box.Owner, id)
		if err != nil {
			return wire.Answer{}, err
		}
		all = f.boxes.In(c.Tx, g)
	}
	var docs []wire.Doc
	for _, x := range all {
		role := f.roleOn(c, x)
		if role != mailbox.NoRole {
			docs = append(docs, f.boxes.CalendarDoc(c.Tx, x, role))
		}
	}
	return wire.List(docs), nil
}

// roleOn is the caller's role on a calendar of the call's mailbox.
func (f *family) roleOn(c *wire.Call, x mailbox.Calendar) mailbox.Role {
	if c.Caller.Delegated() && c.Caller.User != x.Mailbox {
		return f.boxes.RoleOf(c.Tx, x.Mailbox, x.Key, c.Caller.User)
	}
	return mailbox.Owner
}

func (f *family) addCalendar(c *wire.Call) (wire.Answer, error) {
	box, err := f.mine(c)
	if err != nil {
		return wire.Answer{}, err
	}
	var x mailbox.Calendar
	if err := mailbox.ReadCalendar(&x, c.Body); err != nil {
		return wire.Answer{}, err
	}
	if id := c.Arg("calendarGroup"); id != "" {
		g, err := f.boxes.GroupByID(c.Tx, box.Owner, id)
		if err != nil {
			return wire.Answer{}, err
		}
		x.Group = g.Key
	}
	if x, err = f.boxes.AddCalendar(c.Tx, box.Owner, x); err != nil {
		return wire.Answer{}, err
	}
	c.Touch(box.Owner, x.ID().Rest(), world.Create)
	return created(c, f.boxes.CalendarDoc(c.Tx, x, mailbox.Owner)), nil
}

// mine gives the mailbox of a call to its owner, or to an application: who only
// shares a calendar in it may not do more than change events there.
func (f *family) mine(c *wire.Call) (mailbox.Mailbox, error) {
	if c.Caller.Delegated() && c.Caller.User != c.Mailbox {
		return mailbox.Mailbox{}, wire.NoAccess()
	}
	return f.boxes.Get(c.Tx, c.Mailbox)
}

func (f *family) getCalendar(c *wire.Call) (wire.Answer, error) {
	p, err := f.find(c)
	if err != nil {
		return wire.Answer{}, err
	}
	return f.calendarAnswer(c, p)
}

func (f *family) calendarOfEvent(c *wire.Call) (wire.Answer, error) {
	p, _, err := f.event(c)
	if err != nil {
		return wire.Answer{}, err
	}
	p.calendar = p.holds
	return f.calendarAnswer(c, p)
}

func (f *family) calendarAnswer(c *wire.Call, p place) (wire.Answer, error) {
	if err := p.readable(); err != nil {
		return wire.Answer{}, err
	}
	c.Touch(p.calendar.Mailbox, p.calendar.ID().Rest(), world.Read)
	return wire.Entity(f.boxes.CalendarDoc(c.Tx, p.calendar, p.role)), nil
}

// own gives the calendar of a call's path to the owner of its mailbox.
func (f *family) own(c *wire.Call, kind world.EffectKind) (place, error) {
	p, err := f.find(c)
	if err != nil {
		return p, err
	}
	if p.calendar.Source == "" && p.role != mailbox.Owner {
		return p, wire.NoAccess()
	}
	c.Touch(p.calendar.Mailbox, p.calendar.ID().Rest(), kind)
	return p, nil
}

func (f *family) changeCalendar(c *wire.Call) (wire.Answer, error) {
	p, err := f.own(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	x := p.calendar
	if err := mailbox.ReadCalendar(&x, c.Body); err != nil {
		return wire.Answer{}, err
	}
	if x, err = f.boxes.ChangeCalendar(c.Tx, x); err != nil {
		return wire.Answer{}, err
	}
	return wire.Entity(f.boxes.CalendarDoc(c.Tx, x, p.role)), nil
}

func (f *family) removeCalendar(c *wire.Call) (wire.Answer, error) {
	p, err := f.own(c, world.Delete)
	if err != nil {
		return wire.Answer{}, err
	}
	if p.calendar.Source == "" && !p.calendar.Default() {
		f.cal.Clear(c.Tx, p.calendar)
	}
	return wire.Empty(http.StatusNoContent), f.boxes.Remove(c.Tx, p.calendar)
}

func (f *family) listShares(c *wire.Call) (wire.Answer, error) {
	p, err := f.find(c)
	if err != nil {
		return wire.Answer{}, err
	}
	// Who only shares the calendar sees none (documentation of
	// calendarPermission).
	var docs []wire.Doc
	if p.role == mailbox.Owner {
		for _, s := range f.boxes.Shares(c.Tx, p.calendar) {
			docs = append(docs, s.Doc(p.calendar))
		}
	}
	return wire.List(docs), nil
}

func (f *family) addShare(c *wire.Call) (wire.Answer, error) {
	p, err := f.own(c, world.Create)
	if err != nil {
		return wire.Answer{}, err
	}
	s, err := f.boxes.AddShare(c.Tx, p.calendar, c.Body)
	if err != nil {
		return wire.Answer{}, err
	}
	return created(c, s.Doc(p.calendar)), nil
}

// share gives the permission of a call's path to the calendar's owner.
func (f *family) share(c *wire.Call, kind world.EffectKind) (place, mailbox.Share, error) {
	p, err := f.own(c, kind)
	if err != nil {
		return p, mailbox.Share{}, err
	}
	s, err := f.boxes.ShareByID(c.Tx, p.calendar, c.Arg("calendarPermission"))
	return p, s, err
}

func (f *family) getShare(c *wire.Call) (wire.Answer, error) {
	p, s, err := f.share(c, world.Read)
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Entity(s.Doc(p.calendar)), nil
}

func (f *family) changeShare(c *wire.Call) (wire.Answer, error) {
	p, s, err := f.share(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	if s, err = f.boxes.SetRole(c.Tx, p.calendar, s, c.Body["role"]); err != nil {
		return wire.Answer{}, err
	}
	return wire.Entity(s.Doc(p.calendar)), nil
}

func (f *family) removeShare(c *wire.Call) (wire.Answer, error) {
	p, s, err := f.share(c, world.Delete)
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Empty(http.StatusNoContent), f.boxes.Unshare(c.Tx, p.calendar, s)
}
