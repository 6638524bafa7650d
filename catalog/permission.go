package catalog

import (
	"iter"
	"strings"
)

// Scheme says on whose behalf a permission is used. The spelling is that of
// Microsoft's table.
type Scheme string

// The schemes.
const (
	DelegatedWork     Scheme = "DelegatedWork"     // for a signed-in work or school account
	DelegatedPersonal Scheme = "DelegatedPersonal" // for a signed-in personal Microsoft account
	Application       Scheme = "Application"       // for the application itself
)

const schemeCount = 3

// index is the scheme's position in the tables, or -1.
func (s Scheme) index() int {
	switch s {
	case DelegatedWork:
		return 0
	case DelegatedPersonal:
		return 1
	case Application:
		return 2
	}
	return -1
}

// Schemes yields the schemes in the order of Microsoft's documentation.
func Schemes() iter.Seq[Scheme] {
	return func(yield func(Scheme) bool) {
		_ = yield(DelegatedWork) && yield(DelegatedPersonal) && yield(Application)
	}
}

// Permission is a named right of a Microsoft API.
type Permission struct {
	Name string
	// ResourceAppID is the application id of the API that offers it.
	ResourceAppID string
	// ResourceSpecific permissions (RSC) are consented to for one team or chat
	// and open nothing in the tenant as a whole.
	ResourceSpecific bool
	schemes          [schemeCount]SchemeInfo
	parts            name // of the name
}

// SchemeInfo is what differs between the schemes of one permission.
type SchemeInfo struct {
	// ID is the id to consent to; empty where Microsoft publishes none in the
	// public cloud, in which case nobody can be granted the permission.
	ID string
	// Title is the one that the consent page shows an administrator; empty if
	// not published.
	Title string
	// UserTitle is the one that it shows a user; empty where it is the same.
	UserTitle string
	// Level is Microsoft's privilege level from 1, harmless, to 4; 0 if
	// Microsoft does not rate it.
	Level int
	// AdminConsent says that a user's own consent is not enough.
	AdminConsent bool
	// Unpublished says that nobody published whether an administrator must consent.
	Unpublished bool
	// Hidden permissions are not offered in Entra's portal.
	Hidden bool
	// Enabled permissions can be granted.
	Enabled bool

	exists bool
}

// In returns the permission's properties in a scheme, and whether it exists
// there.
func (p Permission) In(s Scheme) (SchemeInfo, bool) {
	i := s.index()
	if i < 0 || !p.schemes[i].exists {
		return SchemeInfo{}, false
	}
	return p.schemes[i], true
}

// Offered says whether a tenant of the public cloud can be asked to consent to
// the permission in this scheme, through the portal.
func (p Permission) Offered(s Scheme) bool {
	info, ok := p.In(s)
	return ok && info.ID != "" && info.Enabled && !info.Hidden
}

// reads says that the name promises reading only: its action is Read or
// ReadBasic.
func (p *Permission) reads() bool {
	switch p.parts.action {
	case actionRead, actionReadBasic:
		return true
	}
	return false
}

// name is a permission's name, taken apart: Calendars.Read.Shared has the
// family Calendars, the action Read and the constraint Shared.
type name struct{ family, action, constraint string }

// The actions that include each other.
const (
	actionReadBasic = "ReadBasic"
	actionRead      = "Read"
	actionReadWrite = "ReadWrite"
)

func parse(s string) name {
	family, rest, _ := strings.Cut(s, ".")
	action, constraint, _ := strings.Cut(rest, ".")
	return name{family, action, constraint}
}
