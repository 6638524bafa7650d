package entra_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/rig"
)

const (
	back   = "http://127.0.0.1:4711/callback"
	person = "3f9a2bd0-5c5e-4d3c-9d59-3a3a1b2c4d5e"
)

// asks begins a sign-in and reads its link.
func asks(t testing.TB, e *entra.Entra, r *rig.Rig) (*entra.Attempt, url.Values) {
	t.Helper()
	a, link, err := e.Begin(r.Tenant, r.Registration, bySecret("x"), []string{"Calendars.Read"}, back, entra.Claims{})
	if err != nil {
		t.Fatal(err)
	}
	path, query, _ := strings.Cut(link, "?")
	if path != "http://login.test/"+rig.Tenant+"/oauth2/v2.0/authorize" {
		t.Fatalf("the link leads to %s", path)
	}
	q, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return a, q
}

// identity writes an id token as Entra would for a nonce.
func identity(nonce string, change func(map[string]any)) string {
	claims := map[string]any{
		"aud": rig.Client, "iss": "http://login.test/" + rig.Tenant + "/v2.0", "tid": rig.Tenant, "nonce": nonce, "oid": person,
		"preferred_username": "anna@contoso.com", "exp": time.Now().Add(time.Hour).Unix(), "nbf": time.Now().Unix(),
	}
	if change != nil {
		change(claims)
	}
	raw, _ := json.Marshal(claims)
	return "e30." + base64.RawURLEncoding.EncodeToString(raw) + ".sig"
}

func signsIn(id string) http.HandlerFunc {
	return rig.Says(http.StatusOK, fmt.Sprintf(`{"token_type":"Bearer","expires_in":3600,"access_token":"a","refresh_token":"r","id_token":%q}`, id))
}

func TestASignInAsksWithPKCEAndStateAndNonce(t *testing.T) {
	r, e := put(t, nil)
	_, one := asks(t, e, r)
	_, two := asks(t, e, r)
	for name, want := range map[string]string{
		"response_type": "code", "response_mode": "query", "code_challenge_method": "S256", "redirect_uri": back, "client_id": rig.Client,
		"scope": "openid profile offline_access 00000003-0000-0000-c000-000000000000/Calendars.Read",
	} {
		if one.Get(name) != want {
			t.Errorf("%s is %q", name, one.Get(name))
		}
	}
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(one.Get(name)) != 43 || one.Get(name) == two.Get(name) {
			t.Errorf("%s is %q, then %q", name, one.Get(name), two.Get(name))
		}
	}
	if one.Has("client_secret") || strings.Contains(one.Encode(), "token") && one.Get("response_type") != "code" {
		t.Error("the link asks for more than a code")
	}
}

// TestWhatIsNotTheAnswerIsNotTaken: each answer but the first is one that a
// stranger, or a mistaken program, could send to the redirect address.
func TestWhatIsNotTheAnswerIsNotTaken(t *testing.T) {
	other := strings.Replace(rig.Tenant, "8", "9", 1)
	for _, test := range []struct {
		situation string
		change    func(q url.Values) (method, address string)
		late      time.Duration
		code      string
	}{
		{"as it should be", func(url.Values) (string, string) { return "", "" }, 0, ""},
		{"with the right issuer", func(q url.Values) (string, string) {
			q.Set("iss", "http://login.test/"+rig.Tenant+"/v2.0")
			return "", ""
		}, 0, ""},
		{"posted", func(url.Values) (string, string) { return http.MethodPost, "" }, 0, "entra.answer_forged"},
		{"without a state", func(q url.Values) (string, string) { q.Del("state"); return "", "" }, 0, "entra.answer_forged"},
		{"with an empty state", func(q url.Values) (string, string) { q.Set("state", ""); return "", "" }, 0, "entra.answer_forged"},
		{"with another state", func(q url.Values) (string, string) {
			q.Set("state", strings.Repeat("A", 43))
			return "", ""
		}, 0, "entra.answer_forged"},
		{"with the state cut short", func(q url.Values) (string, string) { q.Set("state", q.Get("state")[:42]); return "", "" }, 0, "entra.answer_forged"},
		{"with more behind the state", func(q url.Values) (string, string) { q.Set("state", q.Get("state")+"A"); return "", "" }, 0, "entra.answer_forged"},
		{"with the state in capitals", func(q url.Values) (string, string) {
			q.Set("state", strings.ToUpper(q.Get("state")))
			return "", ""
		}, 0, "entra.answer_forged"},
		{"with two states", func(q url.Values) (string, string) { q.Add("state", "x"); return "", "" }, 0, "entra.answer_forged"},
		{"without a code", func(q url.Values) (string, string) { q.Del("code"); return "", "" }, 0, "entra.answer_forged"},
		{"with two codes", func(q url.Values) (string, string) { q.Add("code", "another"); return "", "" }, 0, "entra.answer_forged"},
		{"with another issuer", func(q url.Values) (string, string) {
			q.Set("iss", "https://evil.example/"+rig.Tenant+"/v2.0")
			return "", ""
		}, 0, "entra.answer_forged"},
		{"with another tenant's issuer", func(q url.Values) (string, string) {
			q.Set("iss", "http://login.test/"+other+"/v2.0")
			return "", ""
		}, 0, "entra.answer_forged"},
		{"with an issuer of version 1", func(q url.Values) (string, string) {
			q.Set("iss", "http://login.test/"+rig.Tenant+"/")
			return "", ""
		}, 0, "entra.answer_forged"},
		{"with two issuers", func(q url.Values) (string, string) {
			q["iss"] = []string{"http://login.test/" + rig.Tenant + "/v2.0", "x"}
			return "", ""
		}, 0, "entra.answer_forged"},
		{"at another host", func(url.Values) (string, string) { return "", "http://localhost:4711/callback" }, 0, "entra.answer_forged"},
		{"at another port", func(url.Values) (string, string) { return "", "http://127.0.0.1:4712/callback" }, 0, "entra.answer_forged"},
		{"at another path", func(url.Values) (string, string) { return "", "http://127.0.0.1:4711/callback/" }, 0, "entra.answer_forged"},
		{"at a path that only looks the same", func(url.Values) (string, string) { return "", "http://127.0.0.1:4711/x/..%2fcallback" }, 0, "entra.answer_forged"},
		{"with another scheme", func(url.Values) (string, string) { return "", "https://127.0.0.1:4711/callback" }, 0, "entra.answer_forged"},
		{"with a user in the address", func(url.Values) (string, string) { return "", "http://x@127.0.0.1:4711/callback" }, 0, "entra.answer_forged"},
		{"too late", func(url.Values) (string, string) { return "", "" }, 16 * time.Minute, "entra.answer_late"},
		{"refused by the person", func(q url.Values) (string, string) {
			q.Del("code")
			q.Set("error", "access_denied")
			q.Set("error_description", "AADSTS65004: declined")
			return "", ""
		}, 0, "entra.consent_declined"},
		{"refused, although it brings a code", func(q url.Values) (string, string) {
			q.Set("error", "access_denied")
			return "", ""
		}, 0, "entra.refused"},
		{"refused with a number that nobody foresaw", func(q url.Values) (string, string) {
			q.Set("error", "server_error")
			q.Set("error_description", "AADSTS123456: x")
			return "", ""
		}, 0, "entra.refused"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			r, e := put(t, nil)
			a, asked := asks(t, e, r)
			q := url.Values{"code": {"the-code"}, "state": {asked.Get("state")}, "session_state": {"x"}}
			method, address := test.change(q)
			if method == "" {
				method = http.MethodGet
			}
			if address == "" {
				address = back
			}
			_, err := a.Answer(method, address+"?"+q.Encode(), time.Now().Add(test.late))
			if got := codeOf(err); got != test.code {
				t.Errorf("answered with %q: %v", got, err)
			}
			if test.code != "" {
				return
			}
			if _, err := a.Answer(http.MethodGet, address+"?"+q.Encode(), time.Now()); codeOf(err) != "entra.answer_forged" {
				t.Errorf("answered again: %v", err)
			}
		})
	}
}

func codeOf(err error) string {
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) {
		return refusal.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func TestAnIdentityThatDoesNotFitTheSignInIsNotTaken(t *testing.T) {
	other := strings.Replace(rig.Tenant, "8", "9", 1)
	for situation, test := range map[string]struct {
		change func(map[string]any)
		code   string
	}{
		"as it should be":       {nil, ""},
		"without a nonce":       {func(c map[string]any) { delete(c, "nonce") }, "entra.identity_forged"},
		"with another nonce":    {func(c map[string]any) { c["nonce"] = "another" }, "entra.identity_forged"},
		"for another app":       {func(c map[string]any) { c["aud"] = person }, "entra.identity_forged"},
		"for several apps":      {func(c map[string]any) { c["aud"] = []string{rig.Client, person} }, "entra.identity_forged"},
		"by another authority":  {func(c map[string]any) { c["iss"] = "https://evil.example/" + rig.Tenant + "/v2.0" }, "entra.identity_forged"},
		"of another tenant":     {func(c map[string]any) { c["tid"], c["iss"] = other, "http://login.test/"+other+"/v2.0" }, "entra.identity_forged"},
		"whose tenants differ":  {func(c map[string]any) { c["tid"] = other }, "entra.identity_forged"},
		"without a tenant":      {func(c map[string]any) { delete(c, "tid") }, "entra.identity_forged"},
		"expired":               {func(c map[string]any) { c["exp"] = time.Now().Add(-6 * time.Minute).Unix() }, "entra.identity_forged"},
		"without an end":        {func(c map[string]any) { delete(c, "exp") }, "entra.identity_forged"},
		"not valid yet":         {func(c map[string]any) { c["nbf"] = time.Now().Add(6 * time.Minute).Unix() }, "entra.identity_forged"},
		"without a person":      {func(c map[string]any) { delete(c, "oid") }, "entra.identity_forged"},
		"of a person by a name": {func(c map[string]any) { c["oid"] = "anna@contoso.com" }, "entra.identity_forged"},
	} {
		t.Run(situation, func(t *testing.T) {
			r, e := put(t, nil)
			a, asked := asks(t, e, r)
			r.Microsoft.Answer(signsIn(identity(asked.Get("nonce"), test.change)))
			q := url.Values{"code": {"the-code"}, "state": {asked.Get("state")}}
			code, err := a.Answer(http.MethodGet, back+"?"+q.Encode(), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			token, err := e.Redeem(t.Context(), a, code)
			if got := codeOf(err); got != test.code {
				t.Fatalf("redeemed with %q: %v", got, errors.Unwrap(err))
			}
			if test.code == "" && (token.Account != graphwarden.Account{ID: person, Name: "anna@contoso.com"}) {
				t.Errorf("signed in: %+v", token.Account)
			}
			form := sent(t, r)
			if form.Get("redirect_uri") != back || form.Get("grant_type") != "authorization_code" || len(form.Get("code_verifier")) != 43 {
				t.Errorf("sent %v", maps.Keys(form))
			}
		})
	}
}

func TestACodeIsRedeemedWithinThreeMinutesOrNotAtAll(t *testing.T) {
	r, e := put(t, rig.Says(200, given))
	a, asked := asks(t, e, r)
	code, err := a.Answer(http.MethodGet, back+"?"+url.Values{"code": {"c"}, "state": {asked.Get("state")}}.Encode(), time.Now().Add(-3*time.Minute-time.Second))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Redeem(t.Context(), a, code); codeOf(err) != "entra.answer_late" || len(r.Microsoft.Requests()) != 0 {
		t.Errorf("redeemed with %v", err)
	}
}

func TestTokensWithoutAnIdentityOrLastingAccessAreNotTaken(t *testing.T) {
	for situation, test := range map[string]struct{ answer, code string }{
		"no id token":              {`{"token_type":"Bearer","expires_in":3600,"access_token":"a","refresh_token":"r"}`, "entra.identity_forged"},
		"an id token that is none": {`{"token_type":"Bearer","expires_in":3600,"access_token":"a","refresh_token":"r","id_token":"x.y"}`, "entra.identity_forged"},
		"claims that are none":     {`{"token_type":"Bearer","expires_in":3600,"access_token":"a","refresh_token":"r","id_token":"x.eA.z"}`, "entra.identity_forged"},
		"no refresh token":         {`{"token_type":"Bearer","expires_in":3600,"access_token":"a","id_token":"ID"}`, "entra.no_refresh"},
	} {
		t.Run(situation, func(t *testing.T) {
			r, e := put(t, nil)
			a, asked := asks(t, e, r)
			r.Microsoft.Answer(rig.Says(200, strings.Replace(test.answer, "ID", identity(asked.Get("nonce"), nil), 1)))
			code, err := a.Answer(http.MethodGet, back+"?"+url.Values{"code": {"c"}, "state": {asked.Get("state")}}.Encode(), time.Now())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := e.Redeem(t.Context(), a, code); codeOf(err) != test.code {
				t.Errorf("redeemed with %v", err)
			}
		})
	}
}
