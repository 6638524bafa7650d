package entra

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/seal"
)

// Obtain gets a new token for Microsoft Graph with every application permission
// that was consented to. Claims are what a challenge asks for; the zero Claims
// ask for nothing. A credential that does not work is a *graphwarden.Refusal of
// kind Credential, "not now" a *graphwarden.Later.
func (e *Entra) Obtain(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, c Credential, claims Claims) (Token, error) {
	got, err := e.ask(ctx, party{t, r, c}, url.Values{
		"grant_type": {"client_credentials"},
		// By its id, Graph has one name in every cloud (graph-facts §1.7).
		"scope":  {catalog.MicrosoftGraph + "/.default"},
		"claims": {claims.text()},
	})
	return got.Token, err
}

// Refresh exchanges a person's refresh token for a new access token and a new
// refresh token. Entra leaves the old one alive (graph-facts §1.6), so that
// nothing is lost when we crash before the new one is on disk.
func (e *Entra) Refresh(ctx context.Context, t graphwarden.Tenant, r graphwarden.Registration, c Credential, refresh seal.Secret, scopes []string, claims Claims) (Token, error) {
	form := url.Values{
		"grant_type": {"refresh_token"},
		"scope":      {scopeText(scopes)},
		"claims":     {claims.text()},
	}
	refresh.Reveal(func(plain []byte) { form.Set("refresh_token", string(plain)) })
	got, err := e.ask(ctx, party{t, r, c}, form)
	if err != nil {
		return Token{}, err
	}
	if got.Refresh.Empty() {
		got.Refresh = refresh
	}
	return got.Token, nil
}

// scopesOf gives the permissions of Graph that an answer's scope names, without
// what is OpenID Connect's.
func scopesOf(scope string) []string {
	var out []string
	for _, name := range strings.Fields(scope) {
		if i := strings.LastIndex(name, "/"); i >= 0 {
			name = name[i+1:]
		}
		switch name {
		case "openid", "profile", "email", "offline_access", ".default":
		default:
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// scopeText writes the scope parameter: permissions of Graph by its id, and what
// makes Entra say who signed in and give a refresh token.
func scopeText(names []string) string {
	out := []string{"openid", "profile", "offline_access"}
	for _, name := range names {
		if !strings.Contains(name, "/") { // a permission of another resource names it
			name = catalog.MicrosoftGraph + "/" + name
		}
		out = append(out, name)
	}
	return strings.Join(out, " ")
}
