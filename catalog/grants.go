package catalog

// Grants is a set of permissions of Microsoft Graph held in one scheme, as a
// token carries them. The zero Grants holds nothing.
type Grants struct {
	scheme    Scheme
	held      []uint64 // bits by number, narrower permissions included
	elsewhere []uint64 // the part of held that Elsewhere keeps
}

// Grants makes a set of permissions by their names. Names that the catalogue
// does not know open nothing.
func (c *Catalog) Grants(scheme Scheme, names ...string) Grants {
	words := (len(c.permissions) + 63) / 64
	g := Grants{scheme, make([]uint64, words), make([]uint64, words)}
	s := scheme.index()
	if s < 0 {
		return g
	}
	for _, name := range names {
		i, err := c.number(name)
		if err != nil {
			continue
		}
		own := ownOnly(&c.permissions[i].parts, scheme)
		for _, n := range c.narrower[s][i] {
			g.held[n/64] |= 1 << (n % 64)
			if !own {
				g.elsewhere[n/64] |= 1 << (n % 64)
			}
		}
	}
	return g
}

// Elsewhere is the part of the grants that reaches what is not the holder's
// own: when delegated, mailboxes and profiles other than the signed-in user's;
// for an application, objects that it does not own. Calendars.Read, delegated,
// opens the signed-in user's calendars and nobody else's, for which
// Calendars.Read.Shared is needed.
func (g Grants) Elsewhere() Grants { return Grants{g.scheme, g.elsewhere, g.elsewhere} }

// ownOnly says whether a permission reaches only what is the holder's own
// (permissions reference; outlook-get-shared-events-calendars).
func ownOnly(n *name, scheme Scheme) bool {
	switch n.constraint {
	case "OwnedBy", "CreatedByApp", "AppFolder":
		return true
	case "":
	default:
		return false
	}
	if scheme == Application {
		return false
	}
	switch n.family {
	case "Calendars", "Contacts", "Mail", "MailboxFolder", "MailboxItem", "MailboxSettings", "Notes", "Presence", "Tasks", "User":
		return true
	}
	return false
}

// Scheme is the scheme in which the permissions are held.
func (g Grants) Scheme() Scheme { return g.scheme }

func (g Grants) has(permission int32) bool {
	word := int(permission / 64)
	return word < len(g.held) && g.held[word]&(1<<(permission%64)) != 0
}

// hasOneOfEach says whether of every group one permission is held.
func (g Grants) hasOneOfEach(groups [][]int32) bool {
	for _, group := range groups {
		found := false
		for _, p := range group {
			found = found || g.has(p)
		}
		if !found {
			return false
		}
	}
	return true
}
