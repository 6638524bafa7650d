package graph

import (
	"context"
	"encoding/json"
	"net/url"
	"time"

	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
)

// Installed is an app that a tenant has: its enterprise application.
type Installed struct {
	ID      string `json:"id"` // the object id
	App     string `json:"appId"`
	Name    string `json:"displayName"`
	Kind    string `json:"servicePrincipalType"`
	Home    string `json:"appOwnerOrganizationId"` // the tenant that the app is registered in
	Enabled *bool  `json:"accountEnabled"`
	Blocked string `json:"disabledByMicrosoftStatus"`
	// Verified is the publisher that Microsoft verified; its name is "" for none.
	Verified struct {
		Name string `json:"displayName"`
	} `json:"verifiedPublisher"`
	Secrets      []Ending `json:"passwordCredentials"`
	Certificates []Ending `json:"keyCredentials"`
	Owners       []struct {
		Name string `json:"displayName"`
		UPN  string `json:"userPrincipalName"`
	} `json:"owners"`
}

// Ending is a credential, as far as it is asked when it ends.
type Ending struct {
	End time.Time `json:"endDateTime"`
}

// Registered is an app that is registered in the tenant itself, with its
// credentials.
type Registered struct {
	App          string   `json:"appId"`
	Publisher    string   `json:"publisherDomain"`
	Secrets      []Ending `json:"passwordCredentials"`
	Certificates []Ending `json:"keyCredentials"`
}

// largestPage is how many directory objects one page may hold (graph-facts §2.4).
const largestPage = "999"

// Installed gives every app of a tenant to each, page by page, so that a large tenant
// is never in memory as a whole.
func (g *Graph) Installed(ctx context.Context, f flow.Flow, each func(Installed) error) error {
	query := url.Values{"$top": {largestPage}, "$expand": {"owners"},
		"$select": {"id,appId,displayName,servicePrincipalType,appOwnerOrganizationId,accountEnabled,disabledByMicrosoftStatus,verifiedPublisher,passwordCredentials,keyCredentials"}}
	return listed(ctx, g, f, gate.Call{Operation: flow.FindPrincipals(), Query: query.Encode()}, each)
}

// Registered gives every app that is registered in the tenant to each.
func (g *Graph) Registered(ctx context.Context, f flow.Flow, each func(Registered) error) error {
	query := url.Values{"$top": {largestPage}, "$select": {"appId,publisherDomain,passwordCredentials,keyCredentials"}}
	return listed(ctx, g, f, gate.Call{Operation: flow.FindApplications(), Query: query.Encode()}, each)
}

// Assigned gives every application permission of an API that apps were granted to
// each. Resource is the object id of the API's service principal.
func (g *Graph) Assigned(ctx context.Context, f flow.Flow, resource string, each func(RoleConsent) error) error {
	return listed(ctx, g, f, gate.Call{Operation: flow.ListAssigned(), Args: flow.Args{"principal": resource}, Query: "$top=" + largestPage}, each)
}

// AllScopes gives every consent to delegated permissions of the tenant to each.
func (g *Graph) AllScopes(ctx context.Context, f flow.Flow, each func(ScopeConsent) error) error {
	return listed(ctx, g, f, gate.Call{Operation: flow.ListAllGrants(), Query: "$top=" + largestPage}, each)
}

// listed gives the items of a collection to each, page by page.
func listed[T any](ctx context.Context, g *Graph, f flow.Flow, c gate.Call, each func(T) error) error {
	return g.list(ctx, f, "", c, func(raw []byte) error {
		var one T
		if err := json.Unmarshal(raw, &one); err != nil {
			return err
		}
		return each(one)
	})
}
