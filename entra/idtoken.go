package entra

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// clockSkew is the difference of two clocks that is borne (graph-facts §1.9,
// 700024).
const clockSkew = 5 * time.Minute

// signedIn completes a person's token with who it was, once the id token is
// found to be for this sign-in. Nonce is empty where none was sent.
func (e *Entra) signedIn(got granted, p party, nonce seal.Secret) (Token, error) {
	fail := func(why string) (Token, error) {
		return Token{}, &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "entra.identity_forged",
			Say:   fmt.Sprintf("What Entra says about who signed in to the registration %s does not fit the sign-in.", p.registration.Name),
			Do:    "Begin the sign-in anew; if it happens again, something stands between this computer and Entra.",
			Cause: fmt.Errorf("the id token was not taken: %s", why)}
	}
	var id struct {
		Audience  string `json:"aud"`
		Issuer    string `json:"iss"`
		Tenant    string `json:"tid"`
		Nonce     string `json:"nonce"`
		Object    string `json:"oid"`
		Name      string `json:"preferred_username"`
		Expires   int64  `json:"exp"`
		NotBefore int64  `json:"nbf"`
	}
	var err error
	got.id.Reveal(func(plain []byte) { err = claimsOf(string(plain), &id) })
	if err != nil {
		return fail(err.Error())
	}
	now := e.now()
	switch {
	case id.Audience != p.registration.ClientID:
		return fail("it is for another app")
	case id.Tenant == "" || !issues(p.tenant, id.Issuer, id.Tenant):
		return fail("another authority issued it")
	case isGUID(p.tenant.ID) && !strings.EqualFold(id.Tenant, p.tenant.ID):
		return fail("it is of another tenant")
	case !nonce.Equal(seal.FromString(id.Nonce)):
		return fail("its nonce is not the one that was sent")
	case id.Expires == 0 || now.After(time.Unix(id.Expires, 0).Add(clockSkew)):
		return fail("it has expired")
	case now.Add(clockSkew).Before(time.Unix(id.NotBefore, 0)):
		return fail("it is not valid yet")
	case !isGUID(id.Object):
		return fail("it does not say who signed in")
	case got.Refresh.Empty():
		return Token{}, &graphwarden.Refusal{Kind: graphwarden.Credential, Code: "entra.no_refresh",
			Say: fmt.Sprintf("Entra gives the registration %s no lasting access for this person.", p.registration.Name),
			Do:  "Consent to the permission offline_access, and keep policies that forbid it away from this app."}
	}
	got.Account = graphwarden.Account{ID: strings.ToLower(id.Object), Name: id.Name}
	got.TenantID = id.Tenant
	return got.Token, nil
}

// claimsOf reads the claims of a JWT without asking who signed it.
func claimsOf(token string, into any) error {
	parts := strings.Split(token, ".") // "" has one part
	if len(parts) != 3 {
		return fmt.Errorf("it is no JWT")
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return fmt.Errorf("its claims are not base64")
	}
	defer clear(raw)
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("its claims are no JSON")
	}
	return nil
}

// issues says whether an issuer is this tenant's authority. Tenant is the GUID
// that the token names; "" leaves it to the issuer. China's authority has an
// older and a newer name (graph-facts §14).
func issues(t graphwarden.Tenant, issuer, tenant string) bool {
	hosts := []string{t.Cloud.Login}
	if t.Cloud.Login == "https://login.chinacloudapi.cn" {
		hosts = append(hosts, "https://login.partner.microsoftonline.cn")
	}
	if tenant == "" && isGUID(t.ID) {
		tenant = t.ID
	}
	for _, host := range hosts {
		rest, found := strings.CutPrefix(issuer, host+"/")
		named, version := strings.CutSuffix(rest, "/v2.0")
		if found && version && isGUID(named) && (tenant == "" || strings.EqualFold(named, tenant)) {
			return true
		}
	}
	return false
}

func isGUID(s string) bool {
	return len(s) == 36 && strings.Count(s, "-") == 4 && strings.Trim(s, "0123456789abcdefABCDEF-") == ""
}
