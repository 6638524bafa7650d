package mailbox

import (
	"net/http"
	"slices"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Purpose is what a mailbox is for (Microsoft Graph, userPurpose).
type Purpose string

// The purposes of mailboxes. A Unified group's mailbox has none of Graph's.
const (
	ForUser      Purpose = "user"
	ForShared    Purpose = "shared"
	ForRoom      Purpose = "room"
	ForEquipment Purpose = "equipment"
	ForGroup     Purpose = "group"
)

// Mailbox is the mailbox of a user, a room or a group.
type Mailbox struct {
	Owner    string   `json:"owner"` // object id
	Purpose  Purpose  `json:"purpose"`
	Settings Settings `json:"settings"`
	// Away says that the mailbox cannot be reached: its licence was taken away, or
	// it lies on premises. What is in it comes back with it.
	Away bool `json:"away,omitempty"`
}

// Resource says whether Exchange answers invitations for the mailbox by itself.
func (m Mailbox) Resource() bool { return m.Purpose == ForRoom || m.Purpose == ForEquipment }

// Doc is a resource as Graph writes it.
type Doc = world.Doc

// Mailboxes is every mailbox of the tenant with its calendars.
type Mailboxes struct {
	world     *world.World
	boxes     *state.Table[Mailbox]  // by owner
	calendars *state.Table[Calendar] // by key
	kept      *state.Index[Calendar] // by mailbox
	groups    *state.Table[Group]    // by key
	grouped   *state.Index[Group]    // by mailbox
	shares    *state.Table[Share]    // by calendar and reader
	shared    *state.Index[Share]    // by calendar
}

// New makes the mailboxes of a tenant. It is called before the world is opened.
func New(w *world.World) *Mailboxes {
	b := &Mailboxes{world: w}
	b.boxes = state.NewTable[Mailbox](w.Store, "mailboxes")
	b.calendars = state.NewTable[Calendar](w.Store, "calendars")
	b.kept = state.NewIndex(b.calendars, func(x Calendar) []string { return []string{x.Mailbox} })
	b.groups = state.NewTable[Group](w.Store, "calendarGroups")
	b.grouped = state.NewIndex(b.groups, func(g Group) []string { return []string{g.Mailbox} })
	b.shares = state.NewTable[Share](w.Store, "calendarShares")
	b.shared = state.NewIndex(b.shares, func(s Share) []string { return []string{s.Calendar} })
	return b
}

// DefaultCalendar is the key of the calendar that every mailbox has.
func DefaultCalendar(owner string) string { return world.KeyOf("calendar", owner) }

// Add gives a user a mailbox in a time zone.
func (b *Mailboxes) Add(tx *state.Tx, owner string, purpose Purpose, zone string) Mailbox {
	m := Mailbox{Owner: owner, Purpose: purpose, Settings: defaultSettings(zone)}
	b.boxes.Put(tx, owner, m)
	return m
}

// SetAway takes a mailbox out of reach, or brings it back; a user without one is
// left without when it is taken, and gets one when it is brought.
func (b *Mailboxes) SetAway(tx *state.Tx, owner string, away bool) {
	m, ok := b.boxes.Get(tx, owner)
	if !ok {
		m = Mailbox{Owner: owner, Purpose: ForUser, Settings: defaultSettings("UTC")}
	}
	m.Away = away
	b.boxes.Put(tx, owner, m)
}

// Get gives the mailbox of a user or a group. Unified groups have one by
// nature, users when they were given one or have a plan for Exchange.
func (b *Mailboxes) Get(tx *state.Tx, owner string) (Mailbox, error) {
	o, ok := b.world.Object(tx, owner, "user", "group")
	if ok {
		if m, stored := b.boxes.Get(tx, o.ID); stored {
			ok = !m.Away
			if ok {
				return m, nil
			}
		}
	}
	switch {
	case ok && o.Type == "group" && unified(o):
		return Mailbox{Owner: o.ID, Purpose: ForGroup, Settings: defaultSettings("UTC")}, nil
	case ok && o.Type == "user" && licensed(o):
		return Mailbox{Owner: o.ID, Purpose: ForUser, Settings: defaultSettings("UTC")}, nil
	}
	return Mailbox{}, outlook.Refuse(http.StatusNotFound, "MailboxNotEnabledForRESTAPI",
		"The mailbox is either inactive, soft-deleted, or is hosted on-premise.")
}

func unified(o world.Object) bool {
	types, _ := o.Doc["groupTypes"].([]any)
	return slices.Contains(types, any("Unified"))
}

// licensed says whether a user's plans hold Exchange (Microsoft Graph,
// assignedPlan).
func licensed(o world.Object) bool {
	plans, _ := o.Doc["assignedPlans"].([]any)
	return slices.ContainsFunc(plans, func(p any) bool {
		d, _ := p.(Doc)
		return outlook.Text(d, "service") == "exchange" && outlook.Text(d, "capabilityStatus") == "Enabled"
	})
}

// Person is how the owner of a mailbox appears in meetings.
func (b *Mailboxes) Person(tx *state.Tx, owner string) outlook.Person {
	o, _ := b.world.Object(tx, owner)
	p := outlook.Person{Name: world.Text(o.Doc, "displayName"), Address: world.Text(o.Doc, "mail")}
	if p.Address == "" {
		p.Address = world.Text(o.Doc, "userPrincipalName")
	}
	return p
}

// At gives the tenant's mailbox with an address.
func (b *Mailboxes) At(tx *state.Tx, address string) (Mailbox, bool) {
	if address == "" {
		return Mailbox{}, false
	}
	o, ok := b.world.ObjectBy(tx, "mail", address, "user", "group")
	if !ok {
		if o, ok = b.world.ObjectBy(tx, "userPrincipalName", address, "user"); !ok {
			return Mailbox{}, false
		}
	}
	m, err := b.Get(tx, o.ID)
	return m, err == nil
}

// ReadPerson reads a recipient. Who belongs to the tenant gets the address, and
// where none is given the name, that the directory has.
func (b *Mailboxes) ReadPerson(tx *state.Tx, d Doc) (outlook.Person, error) {
	p := outlook.ReadPerson(d)
	if p.Address == "" && p.Name == "" {
		return p, outlook.Refuse(http.StatusBadRequest, "ErrorInvalidRecipients", "At least one recipient is not valid.")
	}
	if m, ok := b.At(tx, p.Address); ok {
		known := b.Person(tx, m.Owner)
		p.Address = known.Address
		if p.Name == "" {
			p.Name = known.Name
		}
	}
	if p.Name == "" {
		p.Name = p.Address
	}
	return p, nil
}
