package mailbox

import (
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Role is what somebody may do with a calendar (Microsoft Graph,
// calendarRoleType).
type Role string

// The roles, from the least to the most. Owner is not one that can be given.
const (
	NoRole          Role = "none"
	FreeBusyRead    Role = "freeBusyRead"
	LimitedRead     Role = "limitedRead"
	Reader          Role = "read"
	Writer          Role = "write"
	Delegate        Role = "delegateWithoutPrivateEventAccess"
	PrivateDelegate Role = "delegateWithPrivateEventAccess"
	Owner           Role = "owner"
)

// Reads says whether the role shows what events are about.
func (r Role) Reads() bool { return r.Writes() || r == Reader || r == LimitedRead }

// SeesPrivate says whether the role shows private events, too.
func (r Role) SeesPrivate() bool { return r == Owner || r == PrivateDelegate }

// Writes says whether the role makes and changes events.
func (r Role) Writes() bool {
	return r == Writer || r == Delegate || r == PrivateDelegate || r == Owner
}

// Share is the permission of one person, or of everybody in the tenant, on a
// calendar.
type Share struct {
	Calendar string `json:"calendar"` // key
	Reader   string `json:"reader"`   // address; empty is everybody in the tenant
	Name     string `json:"name"`
	Inside   bool   `json:"inside,omitempty"`
	Role     Role   `json:"role"`
}

// everybody is the name of the permission that everybody in the tenant has
// (documentation of sharing a calendar).
const everybody = "My Organization"

func shareKey(calendar, reader string) string { return calendar + "|" + strings.ToLower(reader) }

// id is the address, as Exchange names the permission of everybody "Default".
func (s Share) id() string {
	if s.Reader == "" {
		return base64.StdEncoding.EncodeToString([]byte("Default"))
	}
	return base64.URLEncoding.EncodeToString([]byte(strings.ToLower(s.Reader)))
}

// allowed are the roles that the person may have: delegates are of the tenant,
// and a calendar other than the default one has none.
func (s Share) allowed(x Calendar) []string {
	roles := []Role{FreeBusyRead, LimitedRead, Reader, Writer}
	switch {
	case s.Reader == "":
		roles = slices.Insert(roles, 0, NoRole)
	case s.Inside && x.Default():
		roles = append(roles, Delegate, PrivateDelegate)
	}
	out := make([]string, len(roles))
	for i, r := range roles {
		out[i] = string(r)
	}
	return out
}

// Doc writes the permission as calendarPermission.
func (s Share) Doc(x Calendar) Doc {
	email := Doc{"name": s.Name}
	if s.Reader != "" {
		email["address"] = s.Reader
	}
	return Doc{
		"id": s.id(), "role": string(s.Role), "allowedRoles": outlook.List(s.allowed(x)), "emailAddress": email,
		"isInsideOrganization": s.Inside || s.Reader == "", "isRemovable": s.Reader != "",
	}
}

// Shares gives the permissions on a calendar. Everybody in the tenant sees the
// free and busy times of a default calendar (documentation of sharing a
// calendar).
func (b *Mailboxes) Shares(tx *state.Tx, x Calendar) []Share {
	var all []Share
	for _, s := range b.shared.Find(tx, x.Key) {
		if s.Reader != "" {
			all = append(all, s)
		}
	}
	common, ok := b.shares.Get(tx, shareKey(x.Key, ""))
	if !ok {
		common = Share{Calendar: x.Key, Name: everybody, Role: NoRole}
		if x.Default() {
			common.Role = FreeBusyRead
		}
	}
	return append(all, common)
}

// ShareByID gives a permission on a calendar by its id.
func (b *Mailboxes) ShareByID(tx *state.Tx, x Calendar, id string) (Share, error) {
	for _, s := range b.Shares(tx, x) {
		if s.id() == id {
			return s, nil
		}
	}
	return Share{}, outlook.NotFound()
}

// AddShare shares a calendar with somebody. For a reader of the tenant it is
// shown among the reader's own calendars, too, as if the invitation to it had
// been accepted.
func (b *Mailboxes) AddShare(tx *state.Tx, x Calendar, body Doc) (Share, error) {
	p, err := b.ReadPerson(tx, body)
	if err != nil {
		return Share{}, err
	}
	s := Share{Calendar: x.Key, Reader: p.Address, Name: p.Name}
	reader, inside := b.At(tx, p.Address)
	s.Inside = inside
	if _, there := b.shares.Get(tx, shareKey(x.Key, s.Reader)); there {
		return s, outlook.Refuse(http.StatusConflict, "ErrorPermissionAlreadyExists", "The calendar is already shared with '%s'.", s.Reader)
	}
	if s, err = b.SetRole(tx, x, s, body["role"]); err != nil || !inside || reader.Owner == x.Mailbox {
		return s, err
	}
	name := x.Name
	if x.Default() {
		name = b.Person(tx, x.Mailbox).Name
	}
	shown := Calendar{Key: world.NewKey(tx), Mailbox: reader.Owner, Name: name, Source: x.Key, Owner: x.Mailbox, Version: tx.Seq()}
	b.calendars.Put(tx, shown.Key, shown)
	return s, nil
}

// SetRole changes what somebody may do with a calendar; it is all that can be
// changed about a permission (documentation of calendarPermission).
func (b *Mailboxes) SetRole(tx *state.Tx, x Calendar, s Share, role any) (Share, error) {
	name, err := outlook.Enum("role", role, s.allowed(x)...)
	if err != nil {
		return s, err
	}
	s.Role = Role(name)
	b.shares.Put(tx, shareKey(s.Calendar, s.Reader), s)
	return s, nil
}

// Unshare takes somebody's permission away, and the calendar from among the
// reader's own.
func (b *Mailboxes) Unshare(tx *state.Tx, x Calendar, s Share) error {
	if s.Reader == "" {
		return outlook.Invalid("The permission of %s cannot be removed.", everybody)
	}
	b.shares.Delete(tx, shareKey(s.Calendar, s.Reader))
	if reader, ok := b.At(tx, s.Reader); ok {
		for _, shown := range b.Calendars(tx, reader.Owner) {
			if shown.Source == x.Key {
				b.calendars.Delete(tx, shown.Key)
			}
		}
	}
	return nil
}

// RoleOf gives the role of a user on a calendar of a mailbox.
func (b *Mailboxes) RoleOf(tx *state.Tx, mailbox, calendar, reader string) Role {
	if reader == mailbox {
		return Owner
	}
	if s, ok := b.shares.Get(tx, shareKey(calendar, b.Person(tx, reader).Address)); ok {
		return s.Role
	}
	x, err := b.Calendar(tx, mailbox, calendar)
	if err != nil {
		return NoRole
	}
	shares := b.Shares(tx, x)
	return shares[len(shares)-1].Role
}

// Shared says whether a user may see events of a mailbox because one of its
// calendars is shared.
func (b *Mailboxes) Shared(tx *state.Tx, mailbox, reader string) bool {
	return slices.ContainsFunc(b.Calendars(tx, mailbox), func(x Calendar) bool {
		return x.Source == "" && b.RoleOf(tx, mailbox, x.Key, reader).Reads()
	})
}
