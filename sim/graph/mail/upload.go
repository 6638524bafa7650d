package mail

import (
	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/upload"
)

// beginUpload begins a session by which a large file is hung on a draft.
func (f *family) beginUpload(c *wire.Call) (wire.Answer, error) {
	x, err := f.changeable(c, world.None)
	if err != nil {
		return wire.Answer{}, err
	}
	if !x.Draft {
		return wire.Answer{}, outlook.Refuse(400, "ErrorInvalidPropertySet", "Nothing can be attached to a message that was sent.")
	}
	return c.BeginUpload(f.files, upload.Session{Kind: upload.Message, Mailbox: x.Mailbox, Item: x.ID().Immutable()})
}
