package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
)

// doc is a JSON object.
type doc = map[string]any

// tenant is what the ready file says, and a client that trusts it.
type tenant struct {
	Graph, Authority, CA string
	Tenant               struct{ ID, Domain string }
	Users                []struct{ ID, UserPrincipalName, Password string }
	Tokens               struct{ Admin, Everything string }
	client               *http.Client
	resource             doc // Microsoft Graph's service principal
}

func openTenant(path string) (*tenant, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t := &tenant{}
	if err := json.Unmarshal(raw, t); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	ca, err := os.ReadFile(t.CA)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(ca)
	t.client = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}}
	return t, nil
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    []byte
	doc    doc
}

func (a answer) code() string {
	e, _ := a.doc["error"].(doc)
	code, _ := e["code"].(string)
	return code
}

func (a answer) text(name string) string { s, _ := a.doc[name].(string); return s }

// call sends a request to Graph; path stands below the version.
func (t *tenant) call(ctx context.Context, method, path, token string, body any) (a answer, err error) {
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return a, err
		}
		in = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, t.Graph+"/v1.0"+strings.ReplaceAll(path, " ", "%20"), in)
	if err != nil {
		return a, err
	}
	r.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return t.send(r)
}

func (t *tenant) send(r *http.Request) (a answer, err error) {
	res, err := t.client.Do(r)
	if err != nil {
		return a, err
	}
	defer res.Body.Close()
	a.status, a.header = res.StatusCode, res.Header
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		return a, err
	}
	_ = json.Unmarshal(a.raw, &a.doc) // not every answer is JSON
	return a, nil
}

// must is call as the Global Administrator or the app, wanting success.
func (t *tenant) must(ctx context.Context, method, path string, body any) (answer, error) {
	a, err := t.call(ctx, method, path, t.Tokens.Everything, body)
	if err == nil && a.status/100 != 2 {
		err = fmt.Errorf("%s %s: %d %s", method, path, a.status, a.raw)
	}
	return a, err
}

// graph gives Microsoft Graph's service principal.
func (t *tenant) graph(ctx context.Context) (doc, error) {
	if t.resource == nil {
		a, err := t.must(ctx, "GET", "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')", nil)
		if err != nil {
			return nil, err
		}
		t.resource = a.doc
	}
	return t.resource, nil
}

// mint registers an app that holds exactly these permissions and gives a token of
// it: its own, or the Global Administrator's in it.
func (t *tenant) mint(ctx context.Context, scheme string, permissions []string) (string, error) {
	app, err := t.must(ctx, "POST", "/applications", doc{"displayName": "Least " + strings.Join(permissions, " "), "isFallbackPublicClient": true})
	if err != nil {
		return "", err
	}
	principal, err := t.must(ctx, "POST", "/servicePrincipals", doc{"appId": app.doc["appId"]})
	if err != nil {
		return "", err
	}
	form := url.Values{"client_id": {app.text("appId")}}
	if scheme == application {
		err = t.assign(ctx, app, principal, permissions, form)
	} else {
		err = t.consent(ctx, principal, permissions, form)
	}
	if err != nil {
		return "", err
	}
	r, err := http.NewRequestWithContext(ctx, "POST", t.Authority+"/"+t.Tenant.ID+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	a, err := t.send(r)
	if err == nil && a.text("access_token") == "" {
		err = fmt.Errorf("no token for %v: %s", permissions, a.raw)
	}
	return a.text("access_token"), err
}

// assign consents application permissions and fills the form for the app's own
// token.
func (t *tenant) assign(ctx context.Context, app, principal answer, permissions []string, form url.Values) error {
	graph, err := t.graph(ctx)
	if err != nil {
		return err
	}
	roles, _ := graph["appRoles"].([]any)
	for _, p := range permissions {
		i := slices.IndexFunc(roles, func(r any) bool { return r.(doc)["value"] == p })
		if i < 0 {
			return fmt.Errorf("graph offers no application permission %s", p)
		}
		_, err := t.must(ctx, "POST", "/servicePrincipals/"+principal.text("id")+"/appRoleAssignments",
			doc{"principalId": principal.doc["id"], "resourceId": graph["id"], "appRoleId": roles[i].(doc)["id"]})
		if err != nil {
			return err
		}
	}
	secret, err := t.must(ctx, "POST", "/applications/"+app.text("id")+"/addPassword", doc{})
	form.Set("grant_type", "client_credentials")
	form.Set("client_secret", secret.text("secretText"))
	form.Set("scope", "https://graph.microsoft.com/.default")
	return err
}

// consent consents delegated permissions for everybody and fills the form for the
// Global Administrator's token.
func (t *tenant) consent(ctx context.Context, principal answer, permissions []string, form url.Values) error {
	graph, err := t.graph(ctx)
	if err != nil {
		return err
	}
	_, err = t.must(ctx, "POST", "/oauth2PermissionGrants", doc{"clientId": principal.doc["id"], "consentType": "AllPrincipals",
		"resourceId": graph["id"], "scope": strings.Join(append(permissions, "openid"), " ")})
	form.Set("grant_type", "password")
	form.Set("username", t.Users[0].UserPrincipalName)
	form.Set("password", t.Users[0].Password)
	form.Set("scope", "https://graph.microsoft.com/.default")
	return err
}
