package world

import (
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// GraphAppID is the application id of Microsoft Graph itself (graph-facts §1.11).
const GraphAppID = "00000003-0000-0000-c000-000000000000"

// Secret is a client secret of an application. Graph shows its text once; the
// tenant remembers it to compare.
type Secret struct {
	App   string    `json:"app"` // the application's object id
	KeyID string    `json:"keyId"`
	Text  string    `json:"text"`
	Start time.Time `json:"start"`
	End   time.Time `json:"end"`
	// Usable is when it has reached every part of Entra.
	Usable time.Time `json:"usable,omitzero"`
}

// Password is a user's password, stored under the user's object id.
type Password struct {
	Text        string    `json:"text"`
	ForceChange bool      `json:"forceChange"`
	Changed     time.Time `json:"changed"`
}

// ServicePrincipal gives the service principal of the application with this
// client id.
func (w *World) ServicePrincipal(tx *state.Tx, appID string) (Object, bool) {
	return w.ObjectBy(tx, "appId", appID, "servicePrincipal")
}

// Application gives the application with this client id.
func (w *World) Application(tx *state.Tx, appID string) (Object, bool) {
	return w.ObjectBy(tx, "appId", appID, "application")
}

// SecretsOf gives the client secrets of an application.
func (w *World) SecretsOf(tx *state.Tx, app string) iter.Seq[Secret] {
	return func(yield func(Secret) bool) {
		for _, s := range w.Secrets.All(tx) {
			if s.App == app && !yield(s) {
				return
			}
		}
	}
}

// GrantsTo gives the app role assignments of a principal, GrantsOn those of a
// resource's service principal.
func (w *World) GrantsTo(tx *state.Tx, principal string) iter.Seq2[string, Doc] {
	return w.grantedTo.Find(tx, principal)
}

// GrantsOn gives the app role assignments on a resource's service principal.
func (w *World) GrantsOn(tx *state.Tx, resource string) iter.Seq2[string, Doc] {
	return w.grantedOn.Find(tx, resource)
}

// ConsentsOf gives the delegated permission grants of a client's service
// principal.
func (w *World) ConsentsOf(tx *state.Tx, client string) iter.Seq2[string, Doc] {
	return w.consented.Find(tx, client)
}

// RolesOf gives the names of the application permissions that a service
// principal has on a resource's service principal, sorted.
func (w *World) RolesOf(tx *state.Tx, principal string, resource Object) []string {
	names := map[string]string{}
	roles, _ := resource.Doc["appRoles"].([]any)
	for _, r := range roles {
		if d, ok := r.(Doc); ok {
			names[Text(d, "id")] = Text(d, "value")
		}
	}
	var out []string
	for _, g := range w.GrantsTo(tx, principal) {
		if name := names[Text(g, "appRoleId")]; name != "" && Text(g, "resourceId") == resource.ID {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// ScopesOf gives the delegated permissions that a client may use on a resource
// in the name of a user, sorted: those consented for everybody and for the user.
func (w *World) ScopesOf(tx *state.Tx, client, resource, user string) []string {
	var out []string
	for _, g := range w.ConsentsOf(tx, client) {
		everybody := Text(g, "consentType") == "AllPrincipals"
		if Text(g, "resourceId") != resource || !everybody && Text(g, "principalId") != user {
			continue
		}
		out = append(out, strings.Fields(Text(g, "scope"))...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
