package sim_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/sim"
)

// ask posts to the token endpoint.
func (x *tenant) ask(form url.Values) (int, doc) {
	x.Helper()
	resp, err := x.client.PostForm("https://login.microsoftonline.com/"+x.ready.Tenant.ID+"/oauth2/v2.0/token", form)
	if err != nil {
		x.Fatal(err)
	}
	defer resp.Body.Close()
	var out doc
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		x.Fatal(err)
	}
	return resp.StatusCode, out
}

func (x *tenant) secretForm(name string) url.Values {
	a := x.app(name)
	return url.Values{"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret},
		"scope": {"https://graph.microsoft.com/.default"}}
}

func (x *tenant) passwordForm(user int) url.Values {
	u := x.ready.Users[user]
	return url.Values{"grant_type": {"password"}, "client_id": {x.app("public").ClientID}, "username": {u.UserPrincipalName},
		"password": {u.Password}, "scope": {"https://graph.microsoft.com/.default offline_access"}}
}

func errorCode(out doc) int {
	codes, _ := out["error_codes"].([]any)
	if len(codes) == 0 {
		return 0
	}
	n, _ := codes[0].(float64)
	return int(n)
}

// TestSignInsMeetWhatIsOrdered: Entra's errors come by number, with the word, the
// suberror and the claims that are documented for them (graph-facts §1.9).
func TestSignInsMeetWhatIsOrdered(t *testing.T) {
	x := start(t, sim.Options{})
	for code, want := range map[int]struct {
		status    int
		word, sub string
		claims    bool
	}{
		50076: {400, "interaction_required", "basic_action", true}, 53003: {400, "interaction_required", "message_only", true},
		50053: {400, "invalid_grant", "", false}, 65001: {400, "invalid_grant", "consent_required", false}, 50034: {400, "invalid_grant", "", false},
		7000215: {401, "invalid_client", "", false}, 7000222: {401, "invalid_client", "", false}, 700016: {400, "unauthorized_client", "", false},
		90002: {400, "invalid_request", "", false}, 50126: {400, "invalid_grant", "", false}, 50055: {400, "invalid_grant", "user_password_expired", false},
	} {
		x.steer("/sim/signin", doc{"rules": []doc{{"app": "public", "user": x.ready.Users[2].UserPrincipalName, "code": code, "times": 1}}})
		if status, _ := x.ask(x.passwordForm(3)); status != 200 {
			t.Errorf("%d: somebody else got %d", code, status)
		}
		status, out := x.ask(x.passwordForm(2))
		sub, _ := out["suberror"].(string)
		claims, _ := out["claims"].(string)
		if status != want.status || out["error"] != want.word || errorCode(out) != code || sub != want.sub || (claims != "") != want.claims || claims != "" && !json.Valid([]byte(claims)) {
			t.Errorf("%d: %d %v", code, status, out)
		}
		if !strings.HasPrefix(out["error_description"].(string), fmt.Sprintf("AADSTS%d: ", code)) {
			t.Errorf("%d: %v", code, out["error_description"])
		}
		if status, _ := x.ask(x.passwordForm(2)); status != 200 {
			t.Errorf("%d: it came more often than once: %d", code, status)
		}
	}
	x.steer("/sim/signin", doc{"rules": []doc{{"grant": "client_credentials", "code": 53003}}})
	if status, out := x.ask(x.secretForm("reader")); status != 400 || out["error"] != "access_denied" {
		t.Errorf("an app that is blocked: %d %v", status, out)
	}
	if status, _ := x.ask(x.passwordForm(2)); status != 200 {
		t.Errorf("another grant: %d", status)
	}
	x.steer("/sim/signin", doc{})
	if status, _ := x.ask(x.secretForm("reader")); status != 200 {
		t.Errorf("afterwards: %d", status)
	}
	for _, bad := range []doc{{"rules": []doc{{"code": 1}}}, {"rules": []doc{{"code": 50076, "app": "nobody's"}}}, {"secret_delay": "soon"}} {
		if status, out := x.call("POST", "/sim/signin", "", bad); status != 400 || out["error"] == "" {
			t.Errorf("%v: %d %v", bad, status, out)
		}
	}
}

// TestAnAccountIsLockedAfterTenWrongPasswords (Entra, smart lockout).
func TestAnAccountIsLockedAfterTenWrongPasswords(t *testing.T) {
	x := start(t, sim.Options{})
	wrong := x.passwordForm(2)
	wrong.Set("password", "not this")
	for i := range 10 {
		if _, out := x.ask(wrong); errorCode(out) != 50126 {
			t.Fatalf("attempt %d: %v", i+1, out)
		}
	}
	if _, out := x.ask(x.passwordForm(2)); errorCode(out) != 50053 {
		t.Errorf("the right password now: %v", out)
	}
	if status, _ := x.ask(x.passwordForm(3)); status != 200 {
		t.Errorf("somebody else: %d", status)
	}
	x.steer("/sim/clock", doc{"advance": "61s"})
	if status, out := x.ask(x.passwordForm(2)); status != 200 {
		t.Errorf("a minute later: %d %v", status, out)
	}
}

// TestWhatAnAdministratorDoesToAnApp shows at the token endpoint and in what the
// app may do (graph-facts §1.9).
func TestWhatAnAdministratorDoesToAnApp(t *testing.T) {
	x := start(t, sim.Options{})
	token := x.token("reader")
	for _, step := range []struct {
		do, in string
		code   int // 0: a token comes
		graph  int // what a new token gets
	}{
		{"revoke", "", 0, 403}, {"consent", "", 0, 200}, {"disable", "", 7000112, 0}, {"enable", "", 0, 200},
		{"expire", "1h", 0, 200}, {"expire", "", 7000222, 0}, {"removeSecrets", "", 7000215, 0}, {"delete", "", 700016, 0},
	} {
		x.steer("/sim/apps", doc{"app": "reader", "do": step.do, "in": step.in})
		_, out := x.ask(x.secretForm("reader"))
		if errorCode(out) != step.code {
			t.Errorf("%s: %v", step.do, out)
		}
		if fresh, ok := out["access_token"].(string); ok {
			if status, _ := x.call("GET", "/v1.0/users", fresh, nil); status != step.graph {
				t.Errorf("%s: Graph answers %d", step.do, status)
			}
		}
	}
	if status, _ := x.call("GET", "/v1.0/users", token, nil); status != 200 {
		t.Errorf("a token of before, which nobody challenges: %d", status)
	}
	for _, bad := range []doc{{"app": "reader", "do": "eat"}, {"app": "nobody's", "do": "enable"}, {"app": "everything", "do": "expire", "in": "soon"}} {
		if status, out := x.call("POST", "/sim/apps", "", bad); status != 400 || out["error"] == "" {
			t.Errorf("%v: %d %v", bad, status, out)
		}
	}
}

const understands = `{"access_token":{"xms_cc":{"values":["cp1"]}}}`

// challenged wants a claims challenge and gives what it asks for.
func (x *tenant) challenged(token string) string {
	x.Helper()
	r, _ := http.NewRequestWithContext(x.Context(), "GET", x.origin+"/v1.0/organization", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	resp, err := x.client.Do(r)
	if err != nil {
		x.Fatal(err)
	}
	defer resp.Body.Close()
	header := resp.Header.Get("WWW-Authenticate")
	m := regexp.MustCompile(`^Bearer .*error="insufficient_claims", claims="([^"]+)"$`).FindStringSubmatch(header)
	if resp.StatusCode != 401 || m == nil {
		x.Fatalf("%d %q", resp.StatusCode, header)
	}
	claims, err := base64.StdEncoding.DecodeString(m[1])
	if err != nil || !json.Valid(claims) {
		x.Fatalf("%q: %v", m[1], err)
	}
	return string(claims)
}

// TestTokensAreChallengedAndRenewedWithClaims (graph-facts §1.8).
func TestTokensAreChallengedAndRenewedWithClaims(t *testing.T) {
	x := start(t, sim.Options{})
	works := func(token string) {
		t.Helper()
		if status, out := x.call("GET", "/v1.0/organization", token, nil); status != 200 {
			t.Errorf("%d %v", status, out)
		}
	}
	get := func(form url.Values, claims string) string {
		t.Helper()
		if claims != "" {
			form.Set("claims", claims)
		}
		status, out := x.ask(form)
		if status != 200 {
			t.Fatalf("%d %v", status, out)
		}
		life := out["expires_in"].(float64) / 3600
		if long := life >= 20; long != (strings.Contains(claims, "cp1")) {
			t.Errorf("with claims %q a token lives %v hours", claims, life)
		}
		return out["access_token"].(string)
	}
	plain, capable := get(x.secretForm("reader"), ""), get(x.secretForm("reader"), understands)
	x.steer("/sim/challenge", doc{"app": "reader"})
	works(plain) // its client did not say that it understands a challenge
	works(get(x.secretForm("everything"), understands))
	if claims := x.challenged(capable); !strings.Contains(claims, `"nbf":{"essential":true,"value":"`) {
		t.Errorf("asked for %s", claims)
	} else {
		works(get(x.secretForm("reader"), strings.Replace(claims, `{"access_token":{`, `{"access_token":{"xms_cc":{"values":["cp1"]},`, 1)))
	}
	x.steer("/sim/challenge", doc{"app": "reader", "all": true})
	x.challenged(plain)

	x.steer("/sim/challenge", doc{"clear": true, "app": "reader", "context": "c1", "all": true})
	claims := x.challenged(get(x.secretForm("reader"), ""))
	if claims != `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}` {
		t.Errorf("asked for %s", claims)
	}
	works(get(x.secretForm("reader"), claims))
	x.steer("/sim/challenge", doc{"clear": true})
	works(plain)
	form := x.secretForm("reader")
	form.Set("claims", "{")
	if _, out := x.ask(form); errorCode(out) != 90023 {
		t.Errorf("claims that are none: %v", out)
	}
	x.steer("/sim/apps", doc{"app": "reader", "do": "disable"})
	x.challenged(capable)
	works(plain)
}

// TestAUserWhoIsDisabledIsChallengedAtOnce: revocation and disabling end tokens of
// capable clients before they expire; the client finds out why at Entra.
func TestAUserWhoIsDisabledIsChallengedAtOnce(t *testing.T) {
	x := start(t, sim.Options{})
	form := x.passwordForm(2)
	form.Set("claims", understands)
	_, out := x.ask(form)
	token, renewal := out["access_token"].(string), out["refresh_token"].(string)
	if status, out := x.call("GET", "/v1.0/me", token, nil); status != 200 {
		t.Fatalf("%d %v", status, out)
	}
	x.steer("/sim/people", doc{"user": x.ready.Users[2].ID, "as": "disabled"})
	claims := x.challenged(token)
	renew := url.Values{"grant_type": {"refresh_token"}, "client_id": {x.app("public").ClientID}, "refresh_token": {renewal}, "claims": {claims}}
	if _, out := x.ask(renew); errorCode(out) != 50057 {
		t.Errorf("%v", out)
	}
	x.steer("/sim/people", doc{"user": x.ready.Users[2].ID, "as": "enabled"})
	renew.Set("claims", understands)
	_, out = x.ask(renew)
	token, _ = out["access_token"].(string)
	if status, out := x.call("GET", "/v1.0/organization", token, nil); status != 200 {
		t.Fatalf("enabled again: %d %v", status, out)
	}
	x.steer("/sim/clock", doc{"advance": "2s"})
	if status, out := x.call("POST", "/v1.0/users/"+x.ready.Users[2].ID+"/revokeSignInSessions", x.ready.Tokens.Admin, nil); status != 200 {
		t.Fatalf("%d %v", status, out)
	}
	x.challenged(token)
	if _, out := x.ask(renew); errorCode(out) != 50173 {
		t.Errorf("after the sign-ins were revoked: %v", out)
	}
	x.steer("/sim/clock", doc{"advance": "2s"})
	_, out = x.ask(form)
	if status, out := x.call("GET", "/v1.0/organization", out["access_token"].(string), nil); status != 200 {
		t.Errorf("a new sign-in: %d %v", status, out)
	}
}

// TestASecretIsRotatedThroughGraph: added, not usable before it has spread, used,
// and the old one removed; its end can be read beforehand (graph-facts §1.11).
func TestASecretIsRotatedThroughGraph(t *testing.T) {
	x := start(t, sim.Options{})
	admin, form := x.ready.Tokens.Admin, x.secretForm("reader")
	_, list := x.call("GET", "/v1.0/applications?$filter=appId eq '"+form.Get("client_id")+"'&$select=id,appId,passwordCredentials", admin, nil)
	app := list["value"].([]any)[0].(doc)
	old := app["passwordCredentials"].([]any)[0].(doc)
	if old["endDateTime"] == nil || old["secretText"] != nil || old["keyId"] == nil {
		t.Errorf("the old secret: %v", old)
	}
	at := "/v1.0/applications/" + app["id"].(string)
	x.steer("/sim/signin", doc{"secret_delay": "30s"})
	status, made := x.call("POST", at+"/addPassword", admin, doc{"passwordCredential": doc{"displayName": "rotated", "endDateTime": "2030-01-01T00:00:00Z"}})
	if status != 200 || made["endDateTime"] != "2030-01-01T00:00:00Z" {
		t.Fatalf("%d %v", status, made)
	}
	fresh := x.secretForm("reader")
	fresh.Set("client_secret", made["secretText"].(string))
	if _, out := x.ask(fresh); errorCode(out) != 7000215 {
		t.Errorf("before it has spread: %v", out)
	}
	x.steer("/sim/clock", doc{"advance": "31s"})
	for name, f := range map[string]url.Values{"new": fresh, "old": form} {
		if status, out := x.ask(f); status != 200 {
			t.Errorf("%s: %d %v", name, status, out)
		}
	}
	if status, out := x.call("POST", at+"/removePassword", admin, doc{"keyId": old["keyId"]}); status != 204 {
		t.Errorf("%d %v", status, out)
	}
	if _, out := x.ask(form); errorCode(out) != 7000215 {
		t.Errorf("the old one, removed: %v", out)
	}
	if status, out := x.ask(fresh); status != 200 {
		t.Errorf("the new one: %d %v", status, out)
	}
}
