package calendar

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

func (f *family) extensionRoutes() []wire.Route {
	const all, one = "/events/{event}/extensions", "/events/{event}/extensions/{extension}"
	return []wire.Route{
		{Method: "GET", Path: all, Type: "extension", Handle: f.listExtensions},
		{Method: "POST", Path: all, Type: "extension", Body: "openTypeExtension", Handle: f.addExtension},
		{Method: "GET", Path: one, Type: "extension", Handle: f.getExtension},
		{Method: "PATCH", Path: one, Type: "extension", Body: "openTypeExtension", Handle: f.changeExtension},
		{Method: "DELETE", Path: one, Handle: f.removeExtension},
	}
}

func (f *family) listExtensions(c *wire.Call) (wire.Answer, error) {
	e, err := f.withAttachments(c)
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.List(e.Extensions), nil
}

func (f *family) addExtension(c *wire.Call) (wire.Answer, error) {
	_, e, err := f.changeable(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	all, err := e.Extensions.With(c.Body)
	if err != nil {
		return wire.Answer{}, err
	}
	f.cal.SetExtensions(c.Tx, e, all)
	return created(c, all[len(all)-1]), nil
}

func (f *family) getExtension(c *wire.Call) (wire.Answer, error) {
	e, err := f.withAttachments(c)
	if err != nil {
		return wire.Answer{}, err
	}
	d, ok := e.Extensions.Find(c.Arg("extension"))
	if !ok {
		return wire.Answer{}, outlook.NotFound()
	}
	return wire.Entity(d), nil
}

func (f *family) changeExtension(c *wire.Call) (wire.Answer, error) {
	_, e, err := f.changeable(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	all, err := e.Extensions.Changed(c.Arg("extension"), c.Body)
	if err != nil {
		return wire.Answer{}, err
	}
	f.cal.SetExtensions(c.Tx, e, all)
	return wire.Entity(all[len(all)-1]), nil
}

func (f *family) removeExtension(c *wire.Call) (wire.Answer, error) {
	_, e, err := f.changeable(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	all, err := e.Extensions.Without(c.Arg("extension"))
	if err != nil {
		return wire.Answer{}, err
	}
	f.cal.SetExtensions(c.Tx, e, all)
	return wire.Empty(http.StatusNoContent), nil
}
