package calendar

import (
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/upload"
)

func (f *family) uploadRoutes() []wire.Route {
	return []wire.Route{{Method: "POST", Path: "/events/{event}/attachments/createUploadSession", Type: "uploadSession", Body: wire.Action,
		Context: "microsoft.graph.uploadSession", Handle: f.beginUpload}}
}

// beginUpload begins a session by which a large file is hung on an event.
func (f *family) beginUpload(c *wire.Call) (wire.Answer, error) {
	_, e, err := f.changeable(c, world.None)
	if err != nil {
		return wire.Answer{}, err
	}
	return c.BeginUpload(f.files, upload.Session{Kind: upload.Event, Mailbox: e.Mailbox, Item: e.ID().Immutable()})
}
