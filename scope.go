package graphwarden

import "slices"

// Mailbox is a mailbox that a flow may touch, pinned to its immutable object id.
type Mailbox struct {
	ID  string // the user's object id: policy compares this and nothing else
	UPN string // the name it was declared by, for people to read
}

// MailboxScope is the exact set of mailboxes that a flow may touch.
type MailboxScope []Mailbox

// Holds says whether the mailbox with this object id is in the scope.
func (s MailboxScope) Holds(id string) bool {
	return id != "" && slices.ContainsFunc(s, func(m Mailbox) bool { return m.ID == id })
}

// IDs are the object ids of those in the scope, for whoever asks about many.
func (s MailboxScope) IDs() map[string]bool {
	ids := make(map[string]bool, len(s))
	for _, m := range s {
		ids[m.ID] = m.ID != ""
	}
	return ids
}
