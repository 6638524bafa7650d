package mail

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mail"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
)

func (f *family) create(c *wire.Call) (wire.Answer, error) {
	folder, err := f.held(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if folder == "" {
		folder = "drafts"
	}
	x, err := f.mail.Draft(c.Tx, c.Mailbox, folder, c.Body)
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(c.Mailbox, x.ID().Rest(), world.Create)
	return wire.Created(f.doc(c, x)), nil
}

func (f *family) get(c *wire.Call) (wire.Answer, error) {
	x, err := f.message(c)
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(c.Mailbox, x.ID().Rest(), world.Read)
	return wire.Entity(f.doc(c, x)), nil
}

// changeable finds a message that the request may change in the version it names.
func (f *family) changeable(c *wire.Call, kind world.EffectKind) (mail.Message, error) {
	x, err := f.message(c)
	if err == nil {
		err = c.IfMatch(x.ETag())
	}
	if err == nil {
		c.Touch(c.Mailbox, x.ID().Rest(), kind)
	}
	return x, err
}

func (f *family) update(c *wire.Call) (wire.Answer, error) {
	x, err := f.changeable(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	if x, err = f.mail.Update(c.Tx, x, c.Body); err != nil {
		return wire.Answer{}, err
	}
	return wire.Entity(f.doc(c, x)), nil
}

func (f *family) remove(c *wire.Call) (wire.Answer, error) {
	x, err := f.changeable(c, world.Delete)
	if err != nil {
		return wire.Answer{}, err
	}
	f.mail.Delete(c.Tx, x)
	return wire.Empty(http.StatusNoContent), nil
}

func (f *family) move(c *wire.Call) (wire.Answer, error) {
	x, err := f.changeable(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	name, _ := param(c, "destinationId").(string)
	folder, err := mail.FindFolder(c.Mailbox, name)
	if err != nil {
		return wire.Answer{}, err
	}
	return wire.Created(f.doc(c, f.mail.Move(c.Tx, x, folder))), nil
}

func (f *family) send(c *wire.Call) (wire.Answer, error) {
	x, err := f.message(c)
	if err != nil {
		return wire.Answer{}, err
	}
	if x, err = f.mail.Send(c.Tx, x); err != nil {
		return wire.Answer{}, err
	}
	c.Touch(c.Mailbox, x.InternetID, world.Send)
	return wire.Empty(http.StatusAccepted), nil
}

func (f *family) attachments(c *wire.Call) (wire.Answer, error) {
	x, err := f.message(c)
	if err == nil && basic(c) {
		err = wire.NoAccess()
	}
	if err != nil {
		return wire.Answer{}, err
	}
	c.Touch(c.Mailbox, x.ID().Rest(), world.Read)
	return wire.List(x.Attachments(look(c), true)), nil
}

func (f *family) attach(c *wire.Call) (wire.Answer, error) {
	x, err := f.changeable(c, world.Update)
	if err != nil {
		return wire.Answer{}, err
	}
	a, err := outlook.ReadAttachment(c.Body)
	if err != nil {
		return wire.Answer{}, err
	}
	a.Modified = c.Now
	key, err := f.mail.Hang(c.Tx, x, a)
	if err != nil {
		return wire.Answer{}, err
	}
	id := world.ItemID{Mailbox: c.Mailbox, Key: key}
	text := id.Rest()
	if c.Immutable() {
		text = id.Immutable()
	}
	return wire.Created(a.Doc(text, true)), nil
}

func (f *family) folders(c *wire.Call) (wire.Answer, error) {
	out := []wire.Doc{}
	for _, known := range mail.Folders() {
		out = append(out, f.folderDoc(c, known[0], known[1]))
	}
	c.Touch(c.Mailbox, c.Mailbox, world.Read)
	return wire.List(out), nil
}

func (f *family) folder(c *wire.Call) (wire.Answer, error) {
	name, err := mail.FindFolder(c.Mailbox, c.Arg("mailFolder"))
	if err != nil {
		return wire.Answer{}, err
	}
	for _, known := range mail.Folders() {
		if known[0] == name {
			c.Touch(c.Mailbox, mail.FolderID(c.Mailbox, name).Rest(), world.Read)
			return wire.Entity(f.folderDoc(c, known[0], known[1])), nil
		}
	}
	return wire.Answer{}, outlook.NotFound()
}

func (f *family) folderDoc(c *wire.Call, name, title string) wire.Doc {
	all, unread := f.mail.Count(c.Tx, c.Mailbox, name)
	return wire.Doc{"id": mail.FolderID(c.Mailbox, name).Rest(), "displayName": title, "parentFolderId": mail.FolderID(c.Mailbox, "msgfolderroot").Rest(),
		"childFolderCount": 0.0, "unreadItemCount": float64(unread), "totalItemCount": float64(all), "isHidden": false}
}
