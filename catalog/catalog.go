// Package catalog knows Microsoft's permission table: which permission of
// Microsoft Graph opens which operation, in which scheme, how risky it is and
// under which id it is consented to. The facts are Microsoft's own published
// table, embedded; what that table lacks is added by written rules, each with
// its reason and source (rules.go, corrections.go).
//
// It promises never to open what it does not know: an operation that neither
// the table nor a rule knows has no permission that opens it.
package catalog

import (
	"iter"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./internal/gen -from ../../shared/graph -to facts.txt

// The resources whose permissions the catalogue knows, by application id
// (Microsoft's documentation of application registrations; graph-facts §1.11).
const (
	// MicrosoftGraph is the resource of nearly every permission.
	MicrosoftGraph = "00000003-0000-0000-c000-000000000000"
	// ExchangeOnline is the resource of Exchange Web Services and of the
	// Exchange administration API.
	ExchangeOnline = "00000002-0000-0ff1-ce00-000000000000"
	// SharePointOnline is the resource of SharePoint's own API, and of what only
	// that API offers.
	SharePointOnline = "00000003-0000-0ff1-ce00-000000000000"
)

// Catalog is the permission table. It never changes after it is loaded and
// may be used by many goroutines at once.
type Catalog struct {
	permissions []Permission
	byName      map[string]map[string]int32 // by resource, then by the name as it is and in lower case
	byID        map[string]holder
	root        *node
	lists       []list
	narrower    [schemeCount][][]int32 // by permission: those that it includes by its name
	wider       [schemeCount][][]int32 // by permission: those that include it
	weights     [schemeCount][]weight  // by permission: what it opens
	rewrites    []rewrite
	openedBy    func() *opening // what each permission opens, made when first asked for
	shapes      *shapes         // operations that rules led to before
	text        string          // the facts that it was made from
}

// holder says which permission and scheme an id belongs to.
type holder struct {
	permission int32
	scheme     Scheme
}

// weight counts what a permission opens in one scheme.
type weight struct{ operations, writes int }

// load reads the embedded facts, the first time that somebody asks.
var load = sync.OnceValue(build)

// Load returns the catalogue. The first call takes some milliseconds, every
// further one nothing.
func Load() *Catalog { return load() }

// Permission finds a permission of Microsoft Graph by its name, whatever the
// case; if Graph has none of that name, one of another resource.
func (c *Catalog) Permission(name string) (Permission, bool) {
	for _, resource := range []string{MicrosoftGraph, ExchangeOnline, SharePointOnline} {
		if p, ok := c.PermissionOf(resource, name); ok {
			return p, true
		}
	}
	return Permission{}, false
}

// PermissionOf finds a permission of one resource by its name, whatever the
// case. EWS.AccessAsUser.All, for one, exists in Graph and in Exchange Online,
// under different ids.
func (c *Catalog) PermissionOf(resourceAppID, name string) (Permission, bool) {
	i, ok := c.find(resourceAppID, name)
	if !ok {
		return Permission{}, false
	}
	return c.permissions[i], true
}

func (c *Catalog) find(resourceAppID, name string) (int32, bool) {
	i, ok := c.byName[resourceAppID][name]
	if !ok {
		i, ok = c.byName[resourceAppID][strings.ToLower(name)]
	}
	return i, ok
}

// ByID finds a permission and its scheme by the id used in
// requiredResourceAccess, appRoleId and oauth2PermissionScopes. An id that
// work and personal accounts share is reported as DelegatedWork.
func (c *Catalog) ByID(id string) (Permission, Scheme, bool) {
	h, ok := c.byID[strings.ToLower(id)]
	if !ok {
		return Permission{}, "", false
	}
	return c.permissions[h.permission], h.scheme, true
}

// Permissions yields every permission, ordered by resource and name as
// Microsoft lists them.
func (c *Catalog) Permissions() iter.Seq[Permission] { return slices.Values(c.permissions) }
