package interop

import (
	"errors"
	"net/http"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
)

// TestSignInIsRefused holds the codes of entra/identity-platform/reference-error-codes
// against what azidentity makes of them.
func TestSignInIsRefused(t *testing.T) {
	x := open(t)
	everything := x.app(t, "everything")
	for name, c := range map[string]struct {
		tenant, client, secret, scope, want string
	}{
		"a wrong secret":             {x.Tenant.ID, everything.ClientID, "wrong", graphScope, "AADSTS7000215"},
		"an app that does not exist": {x.Tenant.ID, "11111111-2222-3333-4444-555555555555", "any", graphScope, "AADSTS700016"},
		"a tenant that does not":     {"11111111-2222-3333-4444-555555555555", everything.ClientID, everything.ClientSecret, graphScope, "AADSTS90002"},
		"a domain that does not":     {"nowhere.example", everything.ClientID, everything.ClientSecret, graphScope, "AADSTS90002"},
		"a single permission":        {x.Tenant.ID, everything.ClientID, everything.ClientSecret, "https://graph.microsoft.com/User.Read.All", "AADSTS1002012"},
		"an unknown resource":        {x.Tenant.ID, everything.ClientID, everything.ClientSecret, "https://nothing.example/.default", "AADSTS500011"},
	} {
		t.Run(name, func(t *testing.T) {
			cred, err := azidentity.NewClientSecretCredential(c.tenant, c.client, c.secret,
				&azidentity.ClientSecretCredentialOptions{ClientOptions: x.options(), DisableInstanceDiscovery: true})
			fine(t, err)
			_, err = cred.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{c.scope}})
			notSignedIn(t, err, c.want)
		})
	}
	t.Run("a certificate that is not registered", func(t *testing.T) {
		cert, key := selfSigned(t)
		cred, err := azidentity.NewClientCertificateCredential(x.Tenant.ID, x.app(t, "calendar-certificate").ClientID, cert, key,
			&azidentity.ClientCertificateCredentialOptions{ClientOptions: x.options(), DisableInstanceDiscovery: true})
		fine(t, err)
		_, err = cred.GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{graphScope}})
		notSignedIn(t, err, "AADSTS700027")
	})
	t.Run("a person who declines", func(t *testing.T) {
		_, err := x.device(t, "decline", x.Users[2]).GetToken(t.Context(), policy.TokenRequestOptions{Scopes: []string{"User.Read"}})
		var e *azidentity.AuthenticationFailedError // MSAL has consumed the answer, which says authorization_declined
		if !errors.As(err, &e) || e.RawResponse == nil || e.RawResponse.StatusCode != http.StatusBadRequest {
			t.Errorf("%v (%T), want an AuthenticationFailedError with 400", err, err)
		}
	})
}

// TestTokensAreRefused follows concepts/resolve-auth-errors: 401 for a token that
// does not work, 403 for one without the permission.
func TestTokensAreRefused(t *testing.T) {
	x, ctx := open(t), t.Context()
	_, err := x.client(t, fixed("no.such.token")).Organization().Get(ctx, nil)
	refused(t, err, http.StatusUnauthorized, "InvalidAuthenticationToken")
	nothing := x.as(t, "nothing")
	_, err = nothing.Users().Get(ctx, nil)
	refused(t, err, http.StatusForbidden, "Authorization_RequestDenied")
	_, err = nothing.Users().ByUserId(x.Users[0].ID).Events().Get(ctx, nil)
	refused(t, err, http.StatusForbidden, "ErrorAccessDenied")
	_, err = x.as(t, "reader").Users().ByUserId(x.Users[0].ID).Events().Get(ctx, nil)
	refused(t, err, http.StatusForbidden, "ErrorAccessDenied")
}
