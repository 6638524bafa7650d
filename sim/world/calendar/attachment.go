package calendar

import (
	"slices"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// idOf writes an id as a client wants it.
func idOf(id world.ItemID, immutable bool) string {
	if immutable {
		return id.Immutable()
	}
	return id.Rest()
}

// attach hangs the attachments of a new event's body on it.
func (c *Calendars) attach(tx *state.Tx, e *Event, v any) error {
	values, _ := v.([]any)
	for _, value := range values {
		d, _ := value.(Doc)
		a, err := outlook.ReadAttachment(d)
		if err != nil {
			return err
		}
		e.Attachments = append(e.Attachments, c.keep(tx, a))
	}
	return nil
}

func (c *Calendars) keep(tx *state.Tx, a outlook.Attachment) string {
	key := world.NewKey(tx)
	a.Modified = tx.Now()
	c.contents.Put(tx, key, a)
	return key
}

// AddAttachment hangs an attachment on an event and gives its key. Copies of a meeting
// receive it with the next update only. Group calendars have none (documentation
// of the event resource).
func (c *Calendars) AddAttachment(tx *state.Tx, e *Event, a outlook.Attachment) (string, error) {
	m, err := c.boxes.Get(tx, e.Mailbox)
	if err != nil {
		return "", err
	}
	if m.Purpose == mailbox.ForGroup {
		return "", outlook.Invalid("Attachments can't be added to events in group calendars.")
	}
	key := c.keep(tx, a)
	c.setAttachments(tx, e, append(slices.Clone(e.Attachments), key))
	return key, nil
}

// RemoveAttachment takes an attachment off an event.
func (c *Calendars) RemoveAttachment(tx *state.Tx, e *Event, key string) {
	c.setAttachments(tx, e, slices.DeleteFunc(slices.Clone(e.Attachments), func(k string) bool { return k == key }))
	c.release(tx, key)
}

func (c *Calendars) setAttachments(tx *state.Tx, e *Event, keys []string) {
	x := e.clone()
	x.Attachments = keys
	c.store(tx, x, "attachments")
}

// Attachment gives one of an event's attachments by the id that a client knows.
func (c *Calendars) Attachment(tx *state.Tx, e *Event, id string) (key string, a outlook.Attachment, err error) {
	item, _, ok := world.ParseItemID(id)
	if !ok {
		return "", a, outlook.Malformed()
	}
	if !slices.Contains(e.Attachments, item.Key) {
		return "", a, outlook.NotFound()
	}
	a, ok = c.contents.Get(tx, item.Key)
	if !ok {
		return "", a, outlook.NotFound()
	}
	return item.Key, a, nil
}

// AttachmentDocs writes an event's attachments.
func (c *Calendars) AttachmentDocs(tx *state.Tx, e *Event, immutable bool) []Doc {
	docs := []Doc{}
	for _, key := range e.Attachments {
		if a, ok := c.contents.Get(tx, key); ok {
			docs = append(docs, a.Doc(idOf(world.ItemID{Mailbox: e.Mailbox, Key: key}, immutable), true))
		}
	}
	return docs
}

// hasAttachments says whether anything hangs on an event that its text does not
// show itself.
func (c *Calendars) hasAttachments(tx *state.Tx, e *Event) bool {
	return slices.ContainsFunc(e.Attachments, func(key string) bool {
		a, ok := c.contents.Get(tx, key)
		return ok && !a.Inline
	})
}

// AttachedSize is how many bytes hang on an event.
func (c *Calendars) AttachedSize(tx *state.Tx, e *Event) int {
	size := 0
	for _, key := range e.Attachments {
		a, _ := c.contents.Get(tx, key)
		size += a.Size
	}
	return size
}
