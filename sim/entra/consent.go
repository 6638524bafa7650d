package entra

import (
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/entra/page"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// agree sees to it that what a request asks for is consented to. It gives the
// page to show, or nil when there is nothing left to agree on.
func (e *Entra) agree(r *http.Request, who *subject, tx *state.Tx, a asked, graph world.Object) (step, error) {
	prompt := r.Form.Get("prompt")
	needed := e.unconsented(tx, *who, a, graph)
	if r.PostForm.Has("consent") {
		return nil, e.takeConsent(r, who, tx, append(needed, a.OpenID...), graph)
	}
	if prompt == "consent" {
		needed = append(needed, a.Names...)
	}
	switch {
	case len(needed) == 0:
		return nil, nil
	case prompt == "none":
		return nil, refuse(65001, interactionRequired, "The user or administrator has not consented to use the application with ID '%s' named '%s'.", who.client.id(), who.client.name())
	}
	admin := e.administrator(tx, who.user)
	return e.show(http.StatusOK, page.Consent{
		Action: r.URL.RequestURI(), App: who.client.name(), User: world.Text(who.user.Doc, "userPrincipalName"),
		Titles: titles(graph, needed), Administrator: admin, Blocked: !admin && adminOnly(graph, needed),
	}), nil
}

// takeConsent takes a person's answer on the consent page: a user consents for
// himself, an administrator for himself or for everybody.
func (e *Entra) takeConsent(r *http.Request, who *subject, tx *state.Tx, needed []string, graph world.Object) error {
	admin := e.administrator(tx, who.user)
	switch {
	case !admin && adminOnly(graph, needed):
		return refuse(90094, consentRequired, "An administrator of the tenant has to consent to the application '%s'(%s) before it can be used.", who.client.id(), who.client.name())
	case r.PostForm.Get("consent") != "accept":
		return refuse(65004, accessDenied, "User declined to consent to access the app.")
	}
	e.install(tx, &who.client)
	user := who.user.ID
	if admin && r.PostForm.Get("everybody") == "1" {
		user = ""
	}
	e.world.Consent(tx, who.client.principal, graph, user, needed)
	return nil
}

// install gives an application its service principal, as the first consent does.
func (e *Entra) install(tx *state.Tx, c *client) {
	if !c.installed {
		c.principal, c.installed = e.world.NewServicePrincipal(tx, c.app), true
	}
}

func (e *Entra) administrator(tx *state.Tx, user world.Object) bool {
	return slices.Contains(e.world.RolesHeld(tx, user.ID), world.GlobalAdministrator)
}

// adminOnly says whether a user may not consent to all of the permissions himself:
// some are for administrators by Microsoft's table, others by the policy that is
// the default in new tenants.
func adminOnly(graph world.Object, names []string) bool {
	for d := range world.OfferedScopes(graph) {
		name := world.Text(d, "value")
		if slices.Contains(names, name) && (world.Text(d, "type") == "Admin" || keptFromUsers(name)) {
			return true
		}
	}
	return false
}

// keptFromUsers lists what the policy microsoft-user-default-recommended does not
// let users consent to (graph-facts §1.10).
func keptFromUsers(name string) bool {
	family, _, _ := strings.Cut(name, ".")
	switch family {
	case "Mail", "Calendars", "MailboxSettings", "Chat", "Tasks", "OnlineMeetings":
		return true
	}
	switch name {
	case "Contacts.ReadWrite", "Files.Read.All", "Files.ReadWrite.All", "Sites.Read.All", "Sites.ReadWrite.All",
		"People.Read", "EWS.AccessAsUser.All", "IMAP.AccessAsUser.All", "POP.AccessAsUser.All":
		return true
	}
	return strings.HasSuffix(name, ".Shared")
}

// titles gives what a consent page calls the permissions.
func titles(graph world.Object, names []string) []string {
	var out []string
	for d := range world.OfferedScopes(graph) {
		if slices.Contains(names, world.Text(d, "value")) {
			out = append(out, world.Text(d, "userConsentDisplayName"))
		}
	}
	return out
}
