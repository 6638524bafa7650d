package entra

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/graphwarden/graphwarden/sim/entra/page"
	"github.com/graphwarden/graphwarden/sim/world"
)

// adminConsent serves both forms of the admin consent endpoint: the newer names
// scopes, the older consents to all that the registration asks for (graph-facts
// §1.10).
func (e *Entra) adminConsent(w http.ResponseWriter, r *http.Request) {
	e.answer(w, r, e.askAdministrator, func(q request, p *problem) step {
		return e.goBack(q, url.Values{"admin_consent": {"True"}, "error": {p.Kind}, "error_description": {p.describe(e.trace(r))}})
	})
}

// askAdministrator shows an administrator what is to be consented to, and does it
// when he accepts.
func (e *Entra) askAdministrator(r *http.Request, q request) (step, error) {
	scope := r.Form.Get("scope")
	if !strings.Contains(r.URL.Path, "/v2.0/") {
		scope = graphURI + "/.default"
	}
	graph := e.resource(q.tx, scope)
	a, err := readScope(scope, graph)
	if err != nil {
		return nil, err
	}
	who, next, err := e.visitor(q.tx, r)
	if err != nil || next != nil {
		return next, err
	}
	if !e.administrator(q.tx, who.user) {
		return nil, refuse(90094, accessDenied, "The signed-in user is not an administrator of the tenant.")
	}
	roleIDs, names := []string(nil), append(a.Names, a.OpenID...)
	if a.Default {
		roleIDs, names = world.Required(q.client.app, graph)
		names = append(names, a.OpenID...)
	}
	switch r.PostForm.Get("consent") {
	case "accept":
		return e.consentForAll(q, graph, roleIDs, names), nil
	case "decline":
		return nil, refuse(65004, consentRequired, "The resource owner or authorization server denied the request.")
	}
	return e.show(http.StatusOK, page.Consent{
		Action: r.URL.RequestURI(), App: q.client.name(), User: world.Text(who.user.Doc, "userPrincipalName"),
		Titles: append(world.RoleTitles(graph, roleIDs), titles(graph, names)...), Administrator: true, Tenant: true,
	}), nil
}

// consentForAll grants what was asked for and tells the client.
func (e *Entra) consentForAll(q request, graph world.Object, roleIDs, names []string) step {
	e.install(q.tx, &q.client)
	for _, id := range roleIDs {
		e.world.AssignRole(q.tx, q.client.principal, graph, id)
	}
	if len(names) > 0 {
		e.world.Consent(q.tx, q.client.principal, graph, "", names)
	}
	out := url.Values{"admin_consent": {"True"}, "tenant": {e.world.TenantID}}
	if scope := q.form.Get("scope"); scope != "" {
		out.Set("scope", grantedList(scope, audienceOf(graph), names))
	}
	return e.goBack(q, out)
}

// grantedList writes the scopes that were granted with the resource that they
// belong to.
func grantedList(scope, audience string, names []string) string {
	if strings.Contains(scope, ".default") {
		return scope
	}
	var out []string
	for _, name := range names {
		out = append(out, audience+"/"+name)
	}
	return strings.Join(out, " ")
}
