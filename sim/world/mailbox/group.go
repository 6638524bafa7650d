package mailbox

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Group is a group of calendars in a mailbox. It is a view of Outlook's, not a
// group of people.
type Group struct {
	Key     string `json:"key"`
	Mailbox string `json:"mailbox"`
	Name    string `json:"name"`
	Class   string `json:"class"`
	Version uint64 `json:"version"`
}

// defaultClass marks "My Calendars" (documentation of List calendarGroups).
const defaultClass = "0006f0b7-0000-0000-c000-000000000046"

// DefaultGroup gives the group that every mailbox has.
func DefaultGroup(mailbox string) Group {
	return Group{Key: world.KeyOf("calendarGroup", mailbox), Mailbox: mailbox, Name: "My Calendars", Class: defaultClass}
}

// Doc writes the group.
func (g Group) Doc() Doc {
	id := world.ItemID{Mailbox: g.Mailbox, Key: g.Key, Folder: true}
	return Doc{"id": id.Rest(), "name": g.Name, "classId": g.Class, "changeKey": world.ChangeKey(g.Mailbox, g.Version)}
}

// Groups gives a mailbox's calendar groups, the default one first.
func (b *Mailboxes) Groups(tx *state.Tx, mailbox string) []Group {
	all := []Group{DefaultGroup(mailbox)}
	for _, g := range b.grouped.Find(tx, mailbox) {
		all = append(all, g)
	}
	return all
}

// GroupByID gives a calendar group of a mailbox by its id.
func (b *Mailboxes) GroupByID(tx *state.Tx, mailbox, id string) (Group, error) {
	item, _, ok := world.ParseItemID(id)
	if !ok {
		return Group{}, outlook.Malformed()
	}
	for _, g := range b.Groups(tx, mailbox) {
		if g.Key == item.Key && item.Folder && item.Mailbox == mailbox {
			return g, nil
		}
	}
	return Group{}, outlook.NotFound()
}

// In gives the calendars of a group.
func (b *Mailboxes) In(tx *state.Tx, g Group) []Calendar {
	var all []Calendar
	for _, x := range b.Calendars(tx, g.Mailbox) {
		if x.Group == g.Key || x.Group == "" && g.Class == defaultClass {
			all = append(all, x)
		}
	}
	return all
}

// PutGroup makes a calendar group, or renames it. Names are unique in a mailbox.
func (b *Mailboxes) PutGroup(tx *state.Tx, g Group, name string) (Group, error) {
	if name == "" {
		return g, outlook.BadProperty("name", "it is required.")
	}
	for _, other := range b.Groups(tx, g.Mailbox) {
		if other.Name == name && other.Key != g.Key {
			return g, outlook.Refuse(http.StatusConflict, "ErrorCalendarGroupAlreadyExists", "A calendar group named '%s' already exists.", name)
		}
	}
	if g.Class == defaultClass {
		return g, outlook.Refuse(http.StatusBadRequest, "ErrorInvalidRequest", "The default calendar group cannot be changed.")
	}
	if g.Key == "" {
		g.Key, g.Class = world.NewKey(tx), tx.GUID()
	}
	g.Name, g.Version = name, tx.Seq()
	b.groups.Put(tx, g.Key, g)
	return g, nil
}

// DeleteGroup removes an empty calendar group.
func (b *Mailboxes) DeleteGroup(tx *state.Tx, g Group) error {
	if g.Class == defaultClass {
		return outlook.Refuse(http.StatusBadRequest, "ErrorInvalidRequest", "The default calendar group cannot be deleted.")
	}
	if len(b.In(tx, g)) > 0 {
		return outlook.Refuse(http.StatusBadRequest, "ErrorCalendarGroupIsNotEmpty", "The calendar group is not empty.")
	}
	b.groups.Delete(tx, g.Key)
	return nil
}
