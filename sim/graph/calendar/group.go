package calendar

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

// groupRoutes serve the groups of calendars in a mailbox.
func (f *family) groupRoutes() []wire.Route {
	const one = "/calendarGroups/{calendarGroup}"
	return []wire.Route{
		{Method: "GET", Path: "/calendarGroups", Type: "calendarGroup", Query: pages(), Handle: f.listGroups},
		{Method: "POST", Path: "/calendarGroups", Type: "calendarGroup", Body: "calendarGroup", Handle: f.addGroup},
		{Method: "GET", Path: one, Type: "calendarGroup", Handle: f.getGroup},
		{Method: "PATCH", Path: one, Type: "calendarGroup", Body: "calendarGroup", Handle: f.changeGroup},
		{Method: "DELETE", Path: one, Handle: f.removeGroup},
	}
}

func (f *family) listGroups(c *wire.Call) (wire.Answer, error) {
	box, err := f.boxes.Get(c.Tx, c.Mailbox)
	if err != nil {
		return wire.Answer{}, err
	}
	var docs []wire.Doc
	for _, g := range f.boxes.Groups(c.Tx, box.Owner) {
		docs = append(docs, g.Doc())
	}
	return wire.List(docs), nil
}

func (f *family) addGroup(c *wire.Call) (wire.Answer, error) {
	box, err := f.mine(c)
	if err != nil {
		return wire.Answer{}, err
	}
	g, err := f.boxes.PutGroup(c.Tx, mailbox.Group{Mailbox: box.Owner}, outlook.Text(c.Body, "name"))
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(box.Owner, outlook.Text(g.Doc(), "id"), world.Create)
	return created(c, g.Doc()), nil
}

// group gives the calendar group of a call's path.
func (f *family) group(c *wire.Call) (mailbox.Group, error) {
	box, err := f.boxes.Get(c.Tx, c.Mailbox)
	if err != nil {
		return mailbox.Group{}, err
	}
	return f.boxes.GroupByID(c.Tx, box.Owner, c.Arg("calendarGroup"))
}

func (f *family) getGroup(c *wire.Call) (wire.Answer, error) {
	g, err := f.group(c)
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Entity(g.Doc()), nil
}

func (f *family) changeGroup(c *wire.Call) (wire.Answer, error) {
	if _, err := f.mine(c); err != nil {
		return wire.Answer{}, err
	}
	g, err := f.group(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if g, err = f.boxes.PutGroup(c.Tx, g, outlook.Text(c.Body, "name")); err != nil {
		return wire.Answer{}, err
	}
	return wire.Entity(g.Doc()), nil
}

func (f *family) removeGroup(c *wire.Call) (wire.Answer, error) {
	if _, err := f.mine(c); err != nil {
		return wire.Answer{}, err
	}
	g, err := f.group(c)
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Empty(http.StatusNoContent), f.boxes.DeleteGroup(c.Tx, g)
}
