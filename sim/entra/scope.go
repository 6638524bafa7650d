package entra

import (
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/world"
)

// graphURI is Microsoft Graph's name in scopes and tokens.
const graphURI = "https://graph.microsoft.com"

// asked is what a scope parameter asks for.
type asked struct {
	Raw     []string // every scope, as it was written
	OpenID  []string
	Names   []string // delegated permissions of Microsoft Graph, in its spelling
	Default bool     // ".default": what the registration asks for
	// Audience is Microsoft Graph as the request names it; empty when the request
	// names only scopes of OpenID Connect.
	Audience string
}

func (a asked) has(openID string) bool { return slices.Contains(a.OpenID, openID) }

// readScope reads a scope parameter (graph-facts §1.2). Graph is Graph's service
// principal, whose permissions it may name.
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
		resource = graphURI
	case !isGraph(resource):
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

func isGraph(resource string) bool {
	resource = strings.TrimSuffix(resource, "/")
	return strings.EqualFold(resource, graphURI) || strings.EqualFold(resource, world.GraphAppID)
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
