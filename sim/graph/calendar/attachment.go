package calendar

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

func (f *family) attachmentRoutes() []wire.Route {
	const all, one = "/events/{event}/attachments", "/events/{event}/attachments/{attachment}"
	return []wire.Route{
		{Method: "GET", Path: all, Type: "attachment", Query: pages(), Handle: f.listAttachments},
		{Method: "POST", Path: all, Type: "attachment", Body: "attachment", Handle: f.addAttachment},
		{Method: "GET", Path: one, Type: "attachment", Expand: map[string]wire.Expander{"item": f.attachedItem}, Handle: f.getAttachment},
		{Method: "GET", Path: one + "/$value", Handle: f.attachmentContent},
		{Method: "DELETE", Path: one, Handle: f.removeAttachment},
	}
}

// withAttachments gives the event of a call's path to somebody who may see what
// hangs on it.
func (f *family) withAttachments(c *wire.Call) (*calendar.Event, error) {
	p, e, err := f.event(c)
	switch {
	case err != nil:
		return nil, err
	case p.role != mailbox.Owner && !p.role.Reads(), basic(c):
		return nil, wire.NoAccess()
	}
	return e, nil
}

func (f *family) listAttachments(c *wire.Call) (wire.Answer, error) {
	e, err := f.withAttachments(c)
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(e.Mailbox, e.ID().Rest(), world.Read)
	return wire.List(f.cal.AttachmentDocs(c.Tx, e, c.Immutable())), nil
}

func (f *family) addAttachment(c *wire.Call) (wire.Answer, error) {
	_, e, err := f.changeable(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	a, err := outlook.ReadAttachment(c.Body)
	if err != nil {
		return wire.Answer{}, err
	}
	a.Modified = c.Now
	key, err := f.cal.AddAttachment(c.Tx, e, a)
	if err != nil {
		return wire.Answer{}, err
	}
	return created(c, a.Doc(attachmentID(c, e, key), true)), nil
}

func attachmentID(c *wire.Call, e *calendar.Event, key string) string {
	id := world.ItemID{Mailbox: e.Mailbox, Key: key}
	if c.Immutable() {
		return id.Immutable()
	}
	return id.Rest()
}

func (f *family) getAttachment(c *wire.Call) (wire.Answer, error) {
	e, err := f.withAttachments(c)
	if err != nil {
		return wire.Answer{}, err
	}
	key, a, err := f.cal.Attachment(c.Tx, e, c.Arg("attachment"))
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(e.Mailbox, e.ID().Rest(), world.Read)
	return wire.Entity(a.Doc(attachmentID(c, e, key), true)), nil
}

// attachedItem is the item of an item attachment, which is given on demand only.
func (f *family) attachedItem(c *wire.Call, _ wire.Doc) (any, error) {
	_, e, err := f.event(c)
	if err != nil {
		return nil, err
	}
	_, a, err := f.cal.Attachment(c.Tx, e, c.Arg("attachment"))
	if err != nil || a.Item == nil {
		return nil, err
	}
	return a.Item, nil
}

func (f *family) attachmentContent(c *wire.Call) (wire.Answer, error) {
	e, err := f.withAttachments(c)
	if err != nil {
		return wire.Answer{}, err
	}
	_, a, err := f.cal.Attachment(c.Tx, e, c.Arg("attachment"))
	if err != nil {
		return wire.Answer{}, err
	}
	if a.Type != "fileAttachment" {
		return wire.Answer{}, outlook.Invalid("The content of this attachment can't be given as a stream.")
	}
	kind := a.ContentType
	if kind == "" {
		kind = "application/octet-stream"
	}
	c.Touch(e.Mailbox, e.ID().Rest(), world.Read)
	return wire.Answer{Status: http.StatusOK, Raw: a.Content, ContentType: kind}, nil
}

func (f *family) removeAttachment(c *wire.Call) (wire.Answer, error) {
	_, e, err := f.changeable(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	key, _, err := f.cal.Attachment(c.Tx, e, c.Arg("attachment"))
	if err != nil {
		return wire.Answer{}, err
	}
	f.cal.RemoveAttachment(c.Tx, e, key)
	return wire.Empty(http.StatusNoContent), nil
}
