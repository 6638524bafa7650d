package graph

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/seal"
)

// Granted is what a tenant consented to for an app, by the names of Microsoft
// Graph's permissions.
type Granted struct {
	Application []string
	Delegated   []string // for everybody, or for some people
}

// Application is an app registration with its credentials.
type Application struct {
	ID          string // the object id
	Credentials []Credential
	keys        []json.RawMessage
}

// Credential is a secret or a certificate of an app registration, as the
// directory lists it.
type Credential struct {
	ID, Name    string
	Certificate bool
	Thumbprint  string // of a certificate, as Entra lists it
	Hint        string // the first characters of a secret
	Start, End  time.Time
}

// pages reads a collection to its end.
func pages[T any](ctx context.Context, g *Graph, f flow.Flow, c gate.Call) ([]T, error) {
	var all []T
	for {
		body, err := g.ask(ctx, f, graphwarden.Mailbox{}, http.StatusOK, c)
		if err != nil {
			return nil, err
		}
		var page struct {
			Value []T    `json:"value"`
			Next  string `json:"@odata.nextLink"`
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return nil, fmt.Errorf("%s: reading a page: %w", c.Operation.Name(), err)
		}
		all = append(all, page.Value...)
		if page.Next == "" {
			return all, nil
		}
		c.Link = page.Next
	}
}

// byClient is the query that finds an app by its client id.
func byClient(client, selected string) string {
	return url.Values{"$filter": {"appId eq '" + strings.ReplaceAll(client, "'", "''") + "'"}, "$select": {selected}}.Encode()
}

// Granted reads what was consented to for an app, by the names of a permission table.
// An app that the tenant does not know was granted nothing.
func (g *Graph) Granted(ctx context.Context, f flow.Flow, client string, table *catalog.Catalog) (Granted, error) {
	var out Granted
	c, err := g.Consents(ctx, f, client)
	for _, r := range c.Roles {
		if p, _, known := table.ByID(r.Role); known && p.ResourceAppID == catalog.MicrosoftGraph {
			out.Application = append(out.Application, p.Name)
		}
	}
	for _, s := range c.Scopes {
		out.Delegated = append(out.Delegated, s.Names()...)
	}
	return out, err
}

// Application reads an app registration with when its credentials end.
func (g *Graph) Application(ctx context.Context, f flow.Flow, client string) (Application, error) {
	type credential struct {
		KeyID string    `json:"keyId"`
		Name  string    `json:"displayName"`
		Thumb string    `json:"customKeyIdentifier"`
		Hint  string    `json:"hint"`
		Start time.Time `json:"startDateTime"`
		End   time.Time `json:"endDateTime"`
	}
	found, err := pages[struct{ ID string }](ctx, g, f, gate.Call{Operation: flow.FindApplications(), Query: byClient(client, "id")})
	if err != nil {
		return Application{}, err
	}
	if len(found) == 0 {
		return Application{}, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "graph.application_unknown",
			Say: fmt.Sprintf("The tenant has no app registration with the client id %s.", client),
			Do:  "Check the client id; an app that is registered in another tenant is changed there."}
	}
	body, err := g.ask(ctx, f, graphwarden.Mailbox{}, http.StatusOK, gate.Call{Operation: flow.GetApplication(),
		Args: flow.Args{"application": found[0].ID}, Query: "$select=id,passwordCredentials,keyCredentials"})
	if err != nil {
		return Application{}, err
	}
	var app struct {
		Passwords []credential      `json:"passwordCredentials"`
		Keys      []json.RawMessage `json:"keyCredentials"`
	}
	if err := json.Unmarshal(body, &app); err != nil {
		return Application{}, fmt.Errorf("reading an app registration: %w", err)
	}
	out := Application{ID: found[0].ID, keys: app.Keys}
	for _, c := range app.Passwords {
		out.Credentials = append(out.Credentials, Credential{ID: c.KeyID, Name: c.Name, Hint: c.Hint, Start: c.Start, End: c.End})
	}
	for _, raw := range app.Keys {
		var c credential
		if err := json.Unmarshal(raw, &c); err != nil {
			return Application{}, fmt.Errorf("reading a certificate of an app registration: %w", err)
		}
		out.Credentials = append(out.Credentials, Credential{ID: c.KeyID, Name: c.Name, Certificate: true, Thumbprint: c.Thumb, Start: c.Start, End: c.End})
	}
	return out, nil
}

// AddSecret makes a client secret beside those that the app has.
func (g *Graph) AddSecret(ctx context.Context, f flow.Flow, a Application, name string, end time.Time) (seal.Secret, Credential, error) {
	asked, err := json.Marshal(map[string]any{"passwordCredential": map[string]string{"displayName": name, "endDateTime": end.UTC().Format(time.RFC3339)}})
	if err != nil {
		return seal.Secret{}, Credential{}, err
	}
	body, err := g.ask(ctx, f, graphwarden.Mailbox{}, http.StatusOK, gate.Call{Operation: flow.AddPassword(), Args: flow.Args{"application": a.ID}, Body: asked})
	if err != nil {
		return seal.Secret{}, Credential{}, err
	}
	defer clear(body)
	var made struct {
		Text  string    `json:"secretText"`
		KeyID string    `json:"keyId"`
		End   time.Time `json:"endDateTime"`
	}
	if err := json.Unmarshal(body, &made); err != nil || made.Text == "" {
		return seal.Secret{}, Credential{}, fmt.Errorf("reading a new client secret: it has none")
	}
	return seal.FromString(made.Text), Credential{ID: made.KeyID, Name: name, End: made.End}, nil
}

// RemoveSecret ends one of the app's client secrets.
func (g *Graph) RemoveSecret(ctx context.Context, f flow.Flow, a Application, id string) error {
	asked, err := json.Marshal(map[string]string{"keyId": id})
	if err != nil {
		return err
	}
	_, err = g.ask(ctx, f, graphwarden.Mailbox{}, http.StatusNoContent, gate.Call{Operation: flow.RemovePassword(), Args: flow.Args{"application": a.ID}, Body: asked})
	return err
}

// AddCertificate uploads a certificate beside those that the app has: the list is
// written whole, the others as they were read (graph-facts §1.5).
func (g *Graph) AddCertificate(ctx context.Context, f flow.Flow, a Application, name string, der []byte) error {
	added, err := json.Marshal(map[string]string{"type": "AsymmetricX509Cert", "usage": "Verify", "displayName": name, "key": base64.StdEncoding.EncodeToString(der)})
	if err != nil {
		return err
	}
	return g.setKeys(ctx, f, a, append(a.keys[:len(a.keys):len(a.keys)], added))
}

// RemoveCertificate ends one of the app's certificates.
func (g *Graph) RemoveCertificate(ctx context.Context, f flow.Flow, a Application, id string) error {
	var left []json.RawMessage
	for _, raw := range a.keys {
		var key struct {
			ID string `json:"keyId"`
		}
		if err := json.Unmarshal(raw, &key); err != nil || key.ID != id {
			left = append(left, raw)
		}
	}
	return g.setKeys(ctx, f, a, left)
}

func (g *Graph) setKeys(ctx context.Context, f flow.Flow, a Application, keys []json.RawMessage) error {
	if keys == nil {
		keys = []json.RawMessage{}
	}
	asked, err := json.Marshal(map[string]any{"keyCredentials": keys})
	if err != nil {
		return err
	}
	_, err = g.ask(ctx, f, graphwarden.Mailbox{}, http.StatusNoContent, gate.Call{Operation: flow.ChangeApplication(), Args: flow.Args{"application": a.ID}, Body: asked})
	return err
}
