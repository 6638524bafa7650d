package grants

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/assess/plan"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/graph"
)

// Change is one thing that has to be changed in Entra, as a call of Graph's.
type Change struct {
	Do     string   `json:"do" doc:"add, change or remove"`
	What   string   `json:"what" doc:"what is changed"` // for people
	Why    string   `json:"why" doc:"why"`
	Add    []string `json:"add" doc:"the permissions that are added"`         // permissions
	Remove []string `json:"remove" doc:"the permissions that are taken away"` // permissions
	Method string   `json:"method" doc:"of the call of Microsoft Graph"`
	Path   string   `json:"path" doc:"of the call of Microsoft Graph"`
	Body   string   `json:"body,omitempty" doc:"of the call, as JSON"` // JSON; RESOURCE stands for the object id of Microsoft Graph's service principal where it is not known yet

	step string
	act  func(context.Context) error
}

// unknownResource stands in a body for an id that is looked up when it is needed.
const unknownResource = "RESOURCE"

// changes are what makes the grants in Entra what the flows need: what is missing
// first, so that nothing that works is refused in between. Roles in Exchange are
// another command's.
func (v *visit) changes(lines []Line) []Change {
	out := []Change{}
	if v.readAt.IsZero() || v.held != nil || !v.known || v.consents.Principal == "" {
		return out
	}
	for _, l := range lines {
		if l.Scheme == string(plan.Application) && l.needsAdding(lines) {
			out = append(out, v.assign(l))
		}
	}
	out = append(out, v.scopeChanges(lines)...)
	for _, r := range v.consents.Roles {
		for _, l := range lines {
			if l.By == byEntra && l.Scheme == string(plan.Application) && (l.Drift == Beyond || l.Drift == Wider) && v.isRole(r, l) {
				out = append(out, v.revoke(r, l))
			}
		}
	}
	return out
}

// needsAdding says whether a permission has to be granted: because it is missing, or
// because the wider one that stands in for it is taken away.
func (l Line) needsAdding(all []Line) bool {
	if l.Granted || !l.Needed {
		return false
	}
	return l.Drift == Missing || l.Say != "" && slices.ContainsFunc(all, func(o Line) bool { return o.Drift == Wider })
}

func (v *visit) isRole(r graph.RoleConsent, l Line) bool {
	name := r.Role
	if p, _, known := v.room.Table.ByID(r.Role); known {
		name = p.Name
	}
	return name == l.Permission && (r.API == l.API || v.apis[r.Resource].Name == l.API)
}

// assign grants an application permission of Microsoft Graph.
func (v *visit) assign(l Line) Change {
	role := idOf(v.room.Table, l.Permission, catalog.Application)
	body, _ := json.Marshal(map[string]string{"principalId": v.consents.Principal, "resourceId": v.graphID(), "appRoleId": role}) // strings marshal
	return Change{Do: "add", What: fmt.Sprintf("%s (application) for %s", l.Permission, strings.Join(l.Flows, ", ")), Why: "the flows need it",
		Add: []string{l.Permission}, Remove: []string{}, Method: "POST", Path: "/v1.0/servicePrincipals/" + v.consents.Principal + "/appRoleAssignments", Body: string(body),
		step: "grants:assign", act: func(ctx context.Context) error {
			resource, err := v.resource(ctx)
			if err != nil {
				return err
			}
			return v.graph.Assign(ctx, v.byGraph, v.consents.Principal, resource, role)
		}}
}

// revoke takes an application permission away.
func (v *visit) revoke(r graph.RoleConsent, l Line) Change {
	return Change{Do: "remove", What: fmt.Sprintf("%s (application, %s)", l.Permission, l.API), Why: l.Say,
		Add: []string{}, Remove: []string{l.Permission}, Method: "DELETE", Path: "/v1.0/servicePrincipals/" + v.consents.Principal + "/appRoleAssignments/" + r.ID,
		step: "grants:revoke", act: func(ctx context.Context) error {
			return v.graph.Revoke(ctx, v.byGraph, graph.Principal{ID: v.consents.Principal}, graph.Grant{ID: r.ID})
		}}
}

// scopeChanges are those of delegated permissions: one for each consent, whose list
// is written anew as a whole.
func (v *visit) scopeChanges(lines []Line) []Change {
	var missing []string
	for _, l := range lines {
		if l.Scheme == string(plan.Delegated) && l.needsAdding(lines) {
			missing = append(missing, l.Permission)
		}
	}
	var out []Change
	placed := len(missing) == 0
	for _, s := range v.consents.Scopes {
		var keep, remove, add []string
		for _, name := range s.Names() {
			if v.superfluous(lines, s, name) {
				remove = append(remove, name)
			} else {
				keep = append(keep, name)
			}
		}
		if s.Person == "" && v.apis[s.Resource].App == catalog.MicrosoftGraph && !placed {
			add, placed = missing, true
		}
		if len(remove)+len(add) > 0 {
			out = append(out, v.rescope(s, append(keep, add...), add, remove))
		}
	}
	if !placed {
		out = append(out, v.consent(missing))
	}
	slices.SortStableFunc(out, func(a, b Change) int { return min(len(b.Add), 1) - min(len(a.Add), 1) })
	return out
}

// superfluous says whether a name in a consent is more than the flows need.
func (v *visit) superfluous(lines []Line, s graph.ScopeConsent, name string) bool {
	return slices.ContainsFunc(lines, func(l Line) bool {
		return l.Scheme == string(plan.Delegated) && l.Permission == name && l.API == v.apis[s.Resource].Name && (l.Drift == Beyond || l.Drift == Wider)
	})
}

func (v *visit) rescope(s graph.ScopeConsent, names, add, remove []string) Change {
	whose := "everybody"
	if s.Person != "" {
		whose = "the person " + s.Person
	}
	c := Change{Do: "change", Add: append([]string{}, add...), Remove: append([]string{}, remove...), Method: "PATCH", Path: "/v1.0/oauth2PermissionGrants/" + s.ID,
		What: fmt.Sprintf("the consent for %s to %s%s%s", whose, v.apis[s.Resource].Name, listed(" with ", add), listed(" without ", remove)), Why: "the flows need no more and no less",
		step: "grants:scopes", act: func(ctx context.Context) error { return v.graph.SetScopes(ctx, v.byGraph, s.ID, names) }}
	if len(names) == 0 {
		c.Do, c.Method = "remove", "DELETE"
		return c
	}
	body, _ := json.Marshal(map[string]string{"scope": strings.Join(slices.Sorted(slices.Values(names)), " ")})
	c.Body = string(body)
	return c
}

// consent makes a consent for everybody, where there is none yet.
func (v *visit) consent(names []string) Change {
	body, _ := json.Marshal(map[string]any{"clientId": v.consents.Principal, "consentType": "AllPrincipals", "principalId": nil, "resourceId": v.graphID(), "scope": strings.Join(names, " ")})
	return Change{Do: "add", What: "a consent for everybody to " + strings.Join(names, ", ") + " (delegated)", Why: "the flows need it",
		Add: names, Remove: []string{}, Method: "POST", Path: "/v1.0/oauth2PermissionGrants", Body: string(body),
		step: "grants:consent", act: func(ctx context.Context) error {
			resource, err := v.resource(ctx)
			if err != nil {
				return err
			}
			return v.graph.ConsentForAll(ctx, v.byGraph, v.consents.Principal, resource, names)
		}}
}

// graphID is the object id of Microsoft Graph's service principal, as far as it is
// known.
func (v *visit) graphID() string {
	for id, a := range v.apis {
		if a.App == catalog.MicrosoftGraph {
			return id
		}
	}
	return unknownResource
}

func (v *visit) resource(ctx context.Context) (string, error) {
	if id := v.graphID(); id != unknownResource {
		return id, nil
	}
	return v.graph.Resource(ctx, v.byGraph, catalog.MicrosoftGraph)
}

func listed(before string, names []string) string {
	if len(names) == 0 {
		return ""
	}
	return before + strings.Join(names, ", ")
}

// idOf is the id that a permission of Microsoft Graph is granted by.
func idOf(table *catalog.Catalog, name string, scheme catalog.Scheme) string {
	p, _ := table.PermissionOf(catalog.MicrosoftGraph, name)
	info, _ := p.In(scheme)
	return info.ID
}
