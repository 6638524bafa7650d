package restrict

import (
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
)

// Role gives the role of Exchange that stands for a permission of Graph, "" when
// Exchange cannot narrow it.
func Role(permission string) string { return catalog.ExchangeRole(permission) }

// Stands says which of the needed permissions a registration has as roles in Exchange,
// by what Exchange was told and what a permission table says of what includes what. A row of an older version does not say which roles those
// were: they count as long as nothing else was seen to be wanted.
func Stands(row graphwarden.Restriction, needed []string, table *catalog.Catalog) []string {
	roles := strings.Fields(row.Roles)
	if row.By != graphwarden.ByRoles || row.Wanted == unfinished || len(roles) == 0 && row.State == graphwarden.RestrictionPast {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(needed), func(p string) bool {
		role := Role(p)
		return role == "" || len(roles) > 0 && !slices.ContainsFunc(roles, func(held string) bool {
			return Role(held) == role || table.Covers(held, p, catalog.Application)
		})
	})
}

// permissions are those that the roles of all scopes stand for.
func (w *want) permissions() string {
	var all []string
	for _, role := range w.roles() {
		all = append(all, permissionOf(role))
	}
	return strings.Join(all, " ")
}

// permissionOf gives the permission that a role stands for.
func permissionOf(role string) string { return strings.TrimPrefix(role, "Application ") }

// replaces says whether a consent to a permission would defeat roles that are for
// some mailboxes only: it opens every mailbox for the same kind of thing.
func replaces(wanted []string, permission string) bool {
	if Role(permission) == "" {
		return false
	}
	kind, right, _ := strings.Cut(permission, ".")
	return slices.ContainsFunc(wanted, func(role string) bool {
		k, r, _ := strings.Cut(permissionOf(role), ".")
		return k == kind && (r == "Send") == (right == "Send") // to send is another thing than to read
	})
}

// reads says whether one of the roles opens the list of calendars, by which it can
// be proven.
func reads(wanted []string) bool {
	return slices.ContainsFunc(wanted, func(role string) bool { return strings.HasPrefix(role, "Application Calendars.") })
}
