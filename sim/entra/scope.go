package entra

import (
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// graphURI is Microsoft Graph's name in scopes and tokens.
const graphURI = "https://graph.microsoft.com"

// asked is what a scope parameter asks for.
type asked struct {
	Raw     []string // every scope, as it was written
	OpenID  []string
	Names   []string // delegated permissions of the resource, in its spelling
	Default bool     // ".default": what the registration asks for
	// Audience is the resource as the request names it; empty when the request
	// names only scopes of OpenID Connect.
	Audience string
}

func (a asked) has(openID string) bool { return slices.Contains(a.OpenID, openID) }

// readScope reads a scope parameter (graph-facts §1.2). Graph is the service
// principal of the resource, Microsoft Graph or Exchange Online, whose permissions
// it may name.
func readScope(scope string, graph world.Object) (asked, error) {
	a := asked{Raw: strings.Fields(scope)}
	if len(a.Raw) == 0 {
		return a, missing("scope")
	}
	for _, s := range a.Raw {
		if err := a.add(s, graph); err != nil {
			return a, err
		}
	}
	if a.Default && len(a.Names) > 0 {
		return a, refuse(70011, invalidScope, "The provided value for the input parameter 'scope' is not valid. .default cannot be combined with resource-specific scopes.")
	}
	return a, nil
}

// add takes one scope in.
func (a *asked) add(scope string, graph world.Object) error {
	resource, name := splitScope(scope)
	switch {
	case resource == "" && slices.Contains(world.OpenIDScopes(), strings.ToLower(name)):
		a.OpenID = append(a.OpenID, strings.ToLower(name))
		return nil
	case resource == "":
		resource = audienceOf(graph)
	case !goesBy(graph, resource) && isKnown(resource):
		return refuse(28000, invalidScope, "Provided value for the input parameter scope is not valid because it contains more than one resource. Scope %s is not valid.", scope)
	case !goesBy(graph, resource):
		return refuse(500011, invalidResource, "The resource principal named %s was not found in the tenant. It may not be installed by the administrator of the tenant or consented to by any user in it.", resource)
	}
	if a.Audience == "" {
		a.Audience = strings.TrimSuffix(resource, "/")
	}
	if name == ".default" {
		a.Default = true
		return nil
	}
	canonical := canonicalScope(graph, name)
	if canonical == "" {
		return refuse(70011, invalidScope, "The provided value for the input parameter 'scope' is not valid. The scope %s is not valid.", scope)
	}
	a.Names = append(a.Names, canonical)
	return nil
}

// splitScope cuts a scope into the resource that it names, if any, and the
// permission.
func splitScope(s string) (resource, name string) {
	if i := strings.LastIndexByte(s, '/'); i >= 0 {
		return s[:i], s[i+1:]
	}
	return "", s
}

// resource gives the service principal that a scope parameter is about: that of the
// first resource which it names, Exchange Online or an API of the company's own, and
// Microsoft Graph's where it names none or one that nobody knows.
func (e *Entra) resource(tx *state.Tx, scope string) world.Object {
	graph, _ := e.world.ServicePrincipal(tx, world.GraphAppID)
	exchange, _ := e.world.ServicePrincipal(tx, world.ExchangeAppID)
	for _, s := range strings.Fields(scope) {
		named, _ := splitScope(s)
		switch {
		case named != "" && goesBy(exchange, named):
			return exchange
		case named != "":
			if own, found := e.ownAPI(tx, named); found {
				return own
			}
			return graph
		}
	}
	return graph
}

// ownAPI finds the service principal of an application of this tenant by its client id
// or by one of its Application ID URIs: each of them is an API that tokens are issued for
// (identity-platform/scopes-oidc, ".default").
func (e *Entra) ownAPI(tx *state.Tx, name string) (world.Object, bool) {
	if name == "" {
		return world.Object{}, false
	}
	for o := range e.world.ObjectsOf(tx, "servicePrincipal") {
		if isOwn(o) && goesBy(o, name) {
			return o, o.Doc["accountEnabled"] != false
		}
	}
	return world.Object{}, false
}

// isOwn says whether a resource is an API of a company's own and none of Microsoft's.
func isOwn(resource world.Object) bool {
	id := world.Text(resource.Doc, "appId")
	return id != "" && id != world.GraphAppID && id != world.ExchangeAppID
}

// goesBy says whether a resource is called so, in its service principal.
func goesBy(resource world.Object, name string) bool {
	names, _ := resource.Doc["servicePrincipalNames"].([]any)
	return slices.ContainsFunc(names, func(own any) bool {
		text, _ := own.(string)
		return strings.EqualFold(text, strings.TrimSuffix(name, "/"))
	})
}

// audienceOf is what a resource is called in scopes that name none: its first
// address.
func audienceOf(resource world.Object) string {
	names, _ := resource.Doc["servicePrincipalNames"].([]any)
	if len(names) > 1 {
		text, _ := names[1].(string)
		return text
	}
	return graphURI
}

// isKnown says whether a name belongs to a resource that tokens are issued for.
func isKnown(name string) bool {
	switch strings.ToLower(strings.TrimSuffix(name, "/")) {
	case graphURI, world.GraphAppID, "https://outlook.office365.com", "https://outlook.office.com", world.ExchangeAppID:
		return true
	}
	return false
}

// canonicalScope finds a delegated permission whatever its case and gives Graph's
// spelling, or "".
func canonicalScope(graph world.Object, name string) string {
	for d := range world.OfferedScopes(graph) {
		if strings.EqualFold(world.Text(d, "value"), name) {
			return world.Text(d, "value")
		}
	}
	return ""
}
