// Package mail is the mail of the simulated tenant: messages in the folders that
// every mailbox has, drafts that are written, changed and sent, and their delivery
// to recipients of the tenant. It promises that a message that was accepted is in
// the mailbox of each recipient here exactly once, and in the sender's Sent Items
// unless the sender did not want that. It keeps no mail for the rest of the world,
// and refuses what Exchange refuses, by the rules whose sources stand beside them.
package mail

import (
	"slices"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Doc is a resource as Graph writes it.
type Doc = world.Doc

// Message is one message in one mailbox.
type Message struct {
	Key      string    `json:"key"`
	Mailbox  string    `json:"mailbox"` // object id of the owner
	Folder   string    `json:"folder"`  // a well-known name
	Moves    uint32    `json:"moves,omitempty"`
	Version  uint64    `json:"version"`
	Draft    bool      `json:"draft,omitempty"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`
	Sent     time.Time `json:"sent"`
	Received time.Time `json:"received"`

	Subject    string               `json:"subject,omitempty"`
	Body       outlook.Body         `json:"body"`
	From       outlook.Person       `json:"from"`
	Sender     outlook.Person       `json:"sender"`
	To         []outlook.Person     `json:"to,omitempty"`
	Cc         []outlook.Person     `json:"cc,omitempty"`
	Bcc        []outlook.Person     `json:"bcc,omitempty"`
	ReplyTo    []outlook.Person     `json:"replyTo,omitempty"`
	Importance string               `json:"importance"`
	InternetID string               `json:"internetId"` // RFC 5322's Message-ID, with its brackets
	Thread     string               `json:"thread"`     // conversationId
	Read       bool                 `json:"read,omitempty"`
	WantsRead  bool                 `json:"wantsRead,omitempty"`  // a read receipt
	WantsHere  bool                 `json:"wantsHere,omitempty"`  // a delivery receipt
	Categories []string             `json:"categories,omitempty"` // names
	Headers    [][2]string          `json:"headers,omitempty"`    // the sender's own, x-…
	Extended   []outlook.Extended   `json:"extended,omitempty"`   // extended properties
	Attached   []outlook.Attachment `json:"attached,omitempty"`   // in order
	AttachedAs []string             `json:"attachedAs,omitempty"` // their keys
	Focused    bool                 `json:"focused,omitempty"`    // not in "Other"
	Flagged    string               `json:"flagged,omitempty"`    // followupFlagStatus; "" is notFlagged
}

// ID names the message.
func (m Message) ID() world.ItemID {
	return world.ItemID{Mailbox: m.Mailbox, Key: m.Key, Moves: m.Moves}
}

// ETag is the version, as Graph writes it.
func (m Message) ETag() string { return `W/"` + world.ChangeKey(m.Mailbox, m.Version) + `"` }

// Mail is all mail of the tenant.
type Mail struct {
	world    *world.World
	boxes    *mailbox.Mailboxes
	messages *state.Table[Message] // by key
	kept     *state.Index[Message] // by mailbox
	tallies  *state.Table[Tally]   // by mailbox
}

// Tally counts what a mailbox sent, to hold it to Exchange's limits.
type Tally struct {
	Minute     time.Time `json:"minute"`
	Messages   int       `json:"messages"` // in that minute
	Day        string    `json:"day"`
	Recipients int       `json:"recipients"` // on that day
}

// New makes the mail of a tenant. It is called before the world is opened.
func New(w *world.World, boxes *mailbox.Mailboxes) *Mail {
	m := &Mail{world: w, boxes: boxes, messages: state.NewTable[Message](w.Store, "messages")}
	m.kept = state.NewIndex(m.messages, func(x Message) []string { return []string{x.Mailbox} })
	m.tallies = state.NewTable[Tally](w.Store, "messageTallies")
	return m
}

// Folders are the folders that every mailbox has, by well-known name, with what
// Outlook calls them (graph-facts §2.3, mailFolders).
func Folders() [][2]string {
	return [][2]string{{"archive", "Archive"}, {"deleteditems", "Deleted Items"}, {"drafts", "Drafts"}, {"inbox", "Inbox"},
		{"junkemail", "Junk Email"}, {"outbox", "Outbox"}, {"sentitems", "Sent Items"}}
}

// FolderID names a folder of a mailbox.
func FolderID(owner, name string) world.ItemID {
	return world.ItemID{Mailbox: owner, Key: world.KeyOf("mailFolder", owner, name), Folder: true}
}

// FindFolder finds a folder by its well-known name or its id.
func FindFolder(owner, id string) (string, error) {
	for _, f := range Folders() {
		if id == f[0] || id == FolderID(owner, f[0]).Rest() {
			return f[0], nil
		}
	}
	if _, _, ok := world.ParseItemID(id); !ok {
		return "", outlook.Malformed()
	}
	return "", outlook.NotFound()
}

// List gives the messages of a folder, or of the whole mailbox where folder is "",
// newest first.
func (m *Mail) List(tx *state.Tx, owner, folder string) []Message {
	var out []Message
	for _, x := range m.kept.Find(tx, owner) {
		if folder == "" || x.Folder == folder {
			out = append(out, x)
		}
	}
	slices.SortStableFunc(out, func(a, b Message) int { return b.Received.Compare(a.Received) })
	return out
}

// Get finds a message of a mailbox by its id in any format. An id from before the
// message was put into another folder finds nothing.
func (m *Mail) Get(tx *state.Tx, owner, id string) (Message, error) {
	parsed, format, ok := world.ParseItemID(id)
	if !ok || parsed.Folder {
		return Message{}, outlook.Malformed()
	}
	x, there := m.messages.Get(tx, parsed.Key)
	if !there || x.Mailbox != owner || !format.Stable() && parsed.Moves != x.Moves {
		return Message{}, outlook.NotFound()
	}
	return x, nil
}

// put stores a message in a new version.
func (m *Mail) put(tx *state.Tx, x Message, kind world.ChangeKind) Message {
	x.Version, x.Modified = tx.Seq(), tx.Now()
	m.messages.Put(tx, x.Key, x)
	m.world.Record(tx, world.Change{Scope: scope(x.Mailbox), ID: x.Key, Kind: kind, Owner: x.Mailbox, Moves: x.Moves})
	return x
}

// scope is where the changes of a mailbox's messages are told.
func scope(owner string) string { return "messages:" + owner }

// Move puts a message into another folder: its id by default is another one then.
func (m *Mail) Move(tx *state.Tx, x Message, folder string) Message {
	if x.Folder == folder {
		return x
	}
	x.Folder, x.Moves = folder, x.Moves+1
	return m.put(tx, x, world.Updated)
}

// Delete puts a message into Deleted Items, and one that is there already away
// (documentation of Delete message).
func (m *Mail) Delete(tx *state.Tx, x Message) {
	if x.Folder != "deleteditems" {
		m.Move(tx, x, "deleteditems")
		return
	}
	m.messages.Delete(tx, x.Key)
	m.world.Record(tx, world.Change{Scope: scope(x.Mailbox), ID: x.Key, Kind: world.Deleted, Owner: x.Mailbox, Moves: x.Moves})
}

// Count is how many messages a folder holds, and how many of them are unread.
func (m *Mail) Count(tx *state.Tx, owner, folder string) (all, unread int) {
	for _, x := range m.List(tx, owner, folder) {
		if all++; !x.Read {
			unread++
		}
	}
	return all, unread
}
