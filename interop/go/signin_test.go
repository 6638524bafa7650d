package interop

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/public"
)

// device signs a person in by device code, who answers the page as told.
func (x tenant) device(t *testing.T, confirm string, who user) *azidentity.DeviceCodeCredential {
	t.Helper()
	c, err := azidentity.NewDeviceCodeCredential(&azidentity.DeviceCodeCredentialOptions{
		ClientOptions: x.options(), DisableInstanceDiscovery: true, TenantID: x.Tenant.ID, ClientID: x.app(t, "public").ClientID,
		UserPrompt: func(_ context.Context, m azidentity.DeviceCodeMessage) error {
			browser{t, who, confirm}.visit(m.VerificationURL + "?otc=" + url.QueryEscape(m.UserCode))
			return nil
		}})
	fine(t, err)
	return c
}

func TestAppsSignIn(t *testing.T) {
	x := open(t)
	everything := x.app(t, "everything")
	for name, at := range map[string]string{"tenant by id": x.Tenant.ID, "tenant by domain": x.Tenant.Domain} {
		t.Run("with a secret, "+name, func(t *testing.T) {
			c, err := azidentity.NewClientSecretCredential(at, everything.ClientID, everything.ClientSecret,
				&azidentity.ClientSecretCredentialOptions{ClientOptions: x.options(), DisableInstanceDiscovery: true})
			fine(t, err)
			who, err := x.client(t, c).Organization().Get(t.Context(), nil)
			fine(t, err)
			if got := value(who.GetValue()[0].GetId()); got != x.Tenant.ID {
				t.Errorf("signed in to %s, want %s", got, x.Tenant.ID)
			}
		})
	}
	for name, chain := range map[string]bool{"thumbprint": false, "chain": true} {
		t.Run("with a certificate, "+name, func(t *testing.T) {
			a := x.app(t, "calendar-certificate")
			raw, err := os.ReadFile(a.Certificate)
			fine(t, err)
			certs, key, err := azidentity.ParseCertificates(raw, nil)
			fine(t, err)
			c, err := azidentity.NewClientCertificateCredential(x.Tenant.ID, a.ClientID, certs, key,
				&azidentity.ClientCertificateCredentialOptions{ClientOptions: x.options(), DisableInstanceDiscovery: true, SendCertificateChain: chain})
			fine(t, err)
			_, err = x.client(t, c).Users().ByUserId(x.Users[1].ID).Calendars().Get(t.Context(), nil)
			fine(t, err)
		})
	}
}

// TestPeopleSignIn follows entra/identity-platform/v2-oauth2-auth-code-flow and
// v2-oauth2-device-code. MSAL makes the PKCE challenge and listens for the answer.
func TestPeopleSignIn(t *testing.T) {
	x, ctx := open(t), t.Context()
	who := x.Users[2]
	t.Run("by authorization code with PKCE, then by refresh token", func(t *testing.T) {
		c, err := public.New(x.app(t, "public").ClientID, public.WithAuthority(x.Authority+"/"+x.Tenant.ID), public.WithInstanceDiscovery(false))
		fine(t, err)
		first, err := c.AcquireTokenInteractive(ctx, []string{"User.Read"}, public.WithOpenURL(func(address string) error {
			browser{t, who, ""}.visit(address)
			return nil
		}))
		fine(t, err)
		if first.Account.PreferredUsername != who.UserPrincipalName || first.Account.Realm != x.Tenant.ID {
			t.Errorf("signed in as %s in %s", first.Account.PreferredUsername, first.Account.Realm)
		}
		cached, err := c.AcquireTokenSilent(ctx, []string{"User.Read"}, public.WithSilentAccount(first.Account))
		fine(t, err)
		if cached.Metadata.TokenSource != public.TokenSourceCache {
			t.Error("MSAL found the token not worth keeping")
		}
		challenge := `{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}` // entra/identity-platform/claims-challenge
		second, err := c.AcquireTokenSilent(ctx, []string{"User.Read"}, public.WithSilentAccount(first.Account), public.WithClaims(challenge))
		fine(t, err)
		if second.Metadata.TokenSource != public.TokenSourceIdentityProvider || second.AccessToken == first.AccessToken {
			t.Error("a claims challenge was not answered by the refresh token")
		}
		me, err := x.client(t, fixed(second.AccessToken)).Me().Get(ctx, nil)
		fine(t, err)
		if value(me.GetId()) != who.ID {
			t.Errorf("the token is %s's, want %s's", value(me.GetId()), who.ID)
		}
	})
	t.Run("by authorization code to a confidential client", func(t *testing.T) {
		everything := x.app(t, "everything")
		secret, err := confidential.NewCredFromSecret(everything.ClientSecret)
		fine(t, err)
		c, err := confidential.New(x.Authority+"/"+x.Tenant.ID, everything.ClientID, secret, confidential.WithInstanceDiscovery(false))
		fine(t, err)
		code, redirect := x.code(t, c, everything, who)
		got, err := c.AcquireTokenByAuthCode(ctx, code, redirect, []string{"User.Read"})
		fine(t, err)
		if got.IDToken.Oid != who.ID || got.IDToken.TenantID != x.Tenant.ID || len(got.DeclinedScopes) > 0 {
			t.Errorf("id token of %s in %s, declined %v", got.IDToken.Oid, got.IDToken.TenantID, got.DeclinedScopes)
		}
		if _, err = c.AcquireTokenByAuthCode(ctx, code, redirect, []string{"User.Read"}); err == nil {
			t.Error("a code worked twice")
		}
	})
	t.Run("by device code", func(t *testing.T) {
		me, err := x.signedIn(t, who, "User.Read").Me().Get(ctx, nil)
		fine(t, err)
		if value(me.GetUserPrincipalName()) != who.UserPrincipalName {
			t.Errorf("signed in as %s, want %s", value(me.GetUserPrincipalName()), who.UserPrincipalName)
		}
	})
}

// code sends a person through the sign-in page of a confidential client to the
// client's web server. The port of a loopback address is not compared
// (entra/identity-platform/reply-url).
func (x tenant) code(t *testing.T, c confidential.Client, a app, who user) (code, redirect string) {
	t.Helper()
	web := httptest.NewServer(http.NotFoundHandler())
	defer web.Close()
	redirect = strings.Replace(web.URL, "127.0.0.1", "localhost", 1) + "/callback"
	address, err := c.AuthCodeURL(t.Context(), a.ClientID, redirect, []string{"User.Read"})
	fine(t, err)
	landed := browser{t, who, ""}.visit(address)
	if !strings.HasPrefix(landed.String(), redirect) {
		t.Fatalf("the sign-in ended at %s, not at the client", landed)
	}
	return landed.Query().Get("code"), redirect
}

// fixed is a credential that holds one token.
type fixed string

// GetToken gives the token.
func (f fixed) GetToken(context.Context, policy.TokenRequestOptions) (azcore.AccessToken, error) {
	return azcore.AccessToken{Token: string(f)}, nil
}
