package flow

import (
	"net/http"

	"github.com/graphwarden/graphwarden"
)

// ReadKeys reads the keys that a tenant's tokens are signed with (graph-facts §1.1).
func ReadKeys() Operation {
	return Operation{name: "keys.read", api: Login, method: http.MethodGet, template: "/{tenant}/discovery/v2.0/keys"}
}

// Callers reads what the tokens are checked with that apps show.
func Callers() Kind {
	return Kind{"callers", House, []Operation{ReadKeys()}}
}

// ForCallers is the house's own flow of a tenant whose tokens apps may show.
func ForCallers(t graphwarden.Tenant) Flow {
	return Flow{Name: "callers/" + t.Name, App: graphwarden.House, Kind: Callers(), Tenant: t.Name}
}
