package mailbox

import (
	"net/http"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Calendar is a folder of events.
type Calendar struct {
	Key     string `json:"key"`
	Mailbox string `json:"mailbox"`
	Name    string `json:"name"`
	Color   string `json:"color,omitempty"`
	Group   string `json:"group,omitempty"` // key; empty: the default group
	Version uint64 `json:"version"`
	// Source is the key of another mailbox's calendar that this one shows: its
	// owner shares it with this mailbox's.
	Source string `json:"source,omitempty"`
	Owner  string `json:"owner,omitempty"` // of Source
}

// ID is the calendar's id.
func (x Calendar) ID() world.ItemID {
	return world.ItemID{Mailbox: x.Mailbox, Key: x.Key, Folder: true}
}

// Default says whether it is the mailbox's default calendar.
func (x Calendar) Default() bool { return x.Key == DefaultCalendar(x.Mailbox) }

// Teams is the only provider of online meetings that the tenant has (Microsoft
// Graph, onlineMeetingProviderType).
const Teams = "teamsForBusiness"

// colors are the members of Graph's calendarColor.
func colors() []string {
	return []string{"auto", "lightBlue", "lightGreen", "lightOrange", "lightGray", "lightYellow",
		"lightTeal", "lightPink", "lightBrown", "lightRed", "maxColor"}
}

// CalendarDoc writes the calendar as a reader with this role sees it.
func (b *Mailboxes) CalendarDoc(tx *state.Tx, x Calendar, role Role) Doc {
	owner := x.Mailbox
	if x.Owner != "" {
		owner = x.Owner
		role = b.RoleOf(tx, owner, x.Source, x.Mailbox)
	}
	p := b.Person(tx, owner)
	d := Doc{
		"id": x.ID().Rest(), "name": x.Name, "color": x.Color, "hexColor": "",
		"changeKey":                     world.ChangeKey(x.Mailbox, x.Version),
		"canEdit":                       role.Writes(),
		"canShare":                      role == Owner,
		"canViewPrivateItems":           role.SeesPrivate(),
		"isDefaultCalendar":             x.Default(),
		"isRemovable":                   !x.Default(),
		"isTallyingResponses":           x.Default(),
		"allowedOnlineMeetingProviders": []any{Teams},
		"defaultOnlineMeetingProvider":  Teams,
		"owner":                         Doc{"name": p.Name, "address": p.Address},
	}
	if x.Color == "" {
		d["color"] = "auto"
	}
	return d
}

// Calendar gives a calendar of a mailbox by its key; "" is the default one. The
// default calendar is there without being stored.
func (b *Mailboxes) Calendar(tx *state.Tx, mailbox, key string) (Calendar, error) {
	standard := DefaultCalendar(mailbox)
	if key == "" {
		key = standard
	}
	x, ok := b.calendars.Get(tx, key)
	switch {
	case ok && x.Mailbox == mailbox:
		return x, nil
	case key == standard:
		return Calendar{Key: key, Mailbox: mailbox, Name: "Calendar"}, nil
	}
	return Calendar{}, outlook.NotFound()
}

// CalendarByID gives a calendar of a mailbox by the id that a client knows.
func (b *Mailboxes) CalendarByID(tx *state.Tx, mailbox, id string) (Calendar, error) {
	item, _, ok := world.ParseItemID(id)
	if !ok {
		return Calendar{}, outlook.Malformed()
	}
	if !item.Folder || item.Mailbox != mailbox {
		return Calendar{}, outlook.NotFound()
	}
	return b.Calendar(tx, mailbox, item.Key)
}

// Calendars gives a mailbox's calendars, the default one first.
func (b *Mailboxes) Calendars(tx *state.Tx, mailbox string) []Calendar {
	first, _ := b.Calendar(tx, mailbox, "")
	all := []Calendar{first}
	for _, x := range b.kept.Find(tx, mailbox) {
		if x.Key != first.Key {
			all = append(all, x)
		}
	}
	return all
}

// AddCalendar makes a secondary calendar. Names are unique in a mailbox.
func (b *Mailboxes) AddCalendar(tx *state.Tx, mailbox string, x Calendar) (Calendar, error) {
	if err := b.freeName(tx, mailbox, x); err != nil {
		return x, err
	}
	x.Key, x.Mailbox, x.Version = world.NewKey(tx), mailbox, tx.Seq()
	b.calendars.Put(tx, x.Key, x)
	return x, nil
}

func (b *Mailboxes) freeName(tx *state.Tx, mailbox string, x Calendar) error {
	if x.Name == "" {
		return outlook.BadProperty("name", "it is required.")
	}
	for _, other := range b.Calendars(tx, mailbox) {
		if other.Name == x.Name && other.Key != x.Key {
			return outlook.Refuse(http.StatusConflict, "ErrorFolderExists", "A folder with the specified name already exists., Could not create folder '%s'.", x.Name)
		}
	}
	return nil
}

// ReadCalendar takes a body of POST or PATCH over into a calendar.
func ReadCalendar(x *Calendar, body Doc) error {
	for _, member := range []struct {
		name string
		read func(string, any) error
	}{
		{"name", outlook.Into(&x.Name, outlook.String)},
		{"color", outlook.Into(&x.Color, func(name string, v any) (string, error) { return outlook.Enum(name, v, colors()...) })},
	} {
		if v, given := body[member.name]; given {
			if err := member.read(member.name, v); err != nil {
				return err
			}
		}
	}
	return nil
}

// ChangeCalendar stores a changed calendar.
func (b *Mailboxes) ChangeCalendar(tx *state.Tx, x Calendar) (Calendar, error) {
	if err := b.freeName(tx, x.Mailbox, x); err != nil {
		return x, err
	}
	x.Version = tx.Seq()
	b.calendars.Put(tx, x.Key, x)
	return x, nil
}

// Remove removes a secondary calendar and what it is shared by. The events in it
// are removed before. The default calendar cannot be removed.
func (b *Mailboxes) Remove(tx *state.Tx, x Calendar) error {
	if x.Default() {
		return outlook.Refuse(http.StatusBadRequest, "ErrorDeleteDistinguishedFolder", "Distinguished folders cannot be deleted.")
	}
	for id := range b.shared.Find(tx, x.Key) {
		b.shares.Delete(tx, id)
	}
	b.calendars.Delete(tx, x.Key)
	return nil
}
