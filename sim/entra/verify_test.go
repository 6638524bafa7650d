package entra_test

import (
	"bytes"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/graphwarden/graphwarden/sim/entra"
)

func TestWhatGraphSaysOfAToken(t *testing.T) {
	x := open(t)
	good := x.token(x.daemon()).text("access_token")
	signedIn := x.token(x.redeem(x.code(x.ask())))
	parts := strings.Split(good, ".")
	body := claims(t, good)
	body["roles"] = []string{"Mail.ReadWrite"}
	forged, _ := json.Marshal(body)
	stranger := open(t).token(x.daemon()).text("access_token")
	for situation, c := range map[string]struct {
		token string
		want  error
	}{
		"as issued":                {good, nil},
		"as issued, a second time": {good, nil},
		"other claims":             {parts[0] + "." + base64.RawURLEncoding.EncodeToString(forged) + "." + parts[2], entra.ErrMalformed},
		"another header":           {base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".", entra.ErrMalformed},
		"no signature":             {parts[0] + "." + parts[1] + ".", entra.ErrMalformed},
		"of another tenant":        {stranger, entra.ErrMalformed},
		"an id token":              {signedIn.text("id_token"), entra.ErrAudience},
		"a refresh token":          {signedIn.text("refresh_token"), entra.ErrMalformed},
		"nonsense":                 {"nonsense", entra.ErrMalformed},
		"nothing":                  {"", entra.ErrMalformed},
	} {
		if _, err := x.Verify(c.token); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", situation, err, c.want)
		}
	}
	x.world.Clock().Advance(59 * time.Minute)
	if _, err := x.Verify(good); err != nil {
		t.Errorf("after 59 minutes: %v", err)
	}
	x.world.Clock().Advance(31 * time.Minute)
	if _, err := x.Verify(good); !errors.Is(err, entra.ErrExpired) {
		t.Errorf("after 90 minutes: %v", err)
	}
	x.world.Clock().Advance(-3 * time.Hour)
	if _, err := x.Verify(good); !errors.Is(err, entra.ErrExpired) {
		t.Errorf("before it was issued: %v", err)
	}
}

func TestAccessTokensCanBeReadByNobodyElse(t *testing.T) {
	x := open(t)
	keys := x.keys()
	access, err := jose.ParseSignedCompact(x.token(x.daemon()).text("access_token"), []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := access.Verify(keys.Keys[0]); err == nil {
		t.Error("a token for Graph verifies with the published key")
	}
	answered := x.token(x.redeem(x.code(x.ask())))
	idToken, err := jwt.ParseSigned(answered.text("id_token"), []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	var c jwt.Claims
	if err := idToken.Claims(keys.Keys[0], &c); err != nil || idToken.Headers[0].KeyID != keys.Keys[0].KeyID {
		t.Errorf("the id token does not verify with the published key: %v", err)
	}
	letter, err := x.ValidationToken(id(x.mine))
	if err != nil {
		t.Fatal(err)
	}
	signed, err := jwt.ParseSigned(letter, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	if err := signed.Claims(keys.Keys[0], &c); err != nil || !c.Audience.Contains(id(x.mine)) || claims(t, letter)["appid"] != "0bf30f3b-4a52-48df-9a82-234910c4a086" {
		t.Errorf("the validation token: %v, %v", c, err)
	}
}

// keys reads the published keys as a stranger would.
func (x *tenant) keys() jose.JSONWebKeySet {
	x.Helper()
	where := x.get("/" + x.world.TenantID + "/v2.0/.well-known/openid-configuration").text("jwks_uri")
	resp, err := x.server.Client().Get(where)
	if err != nil {
		x.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		x.Fatal(err)
	}
	var set jose.JSONWebKeySet
	if err := json.Unmarshal(raw, &set); err != nil || len(set.Keys) == 0 {
		x.Fatalf("%s: %v", raw, err)
	}
	if _, ok := set.Keys[0].Key.(*rsa.PublicKey); !ok || len(set.Keys[0].Certificates) == 0 || !bytes.Contains(raw, []byte(`"x5t":"`+set.Keys[0].KeyID+`"`)) {
		x.Errorf("%s", raw)
	}
	return set
}

func TestTokensOutliveTheProcess(t *testing.T) {
	journal := filepath.Join(t.TempDir(), "journal")
	x := openAt(t, journal)
	access := x.token(x.daemon()).text("access_token")
	refresh := x.signedIn()
	code := x.code(x.ask())
	x.world.Close()
	back := openAt(t, journal)
	if _, err := back.Verify(access); err != nil {
		t.Errorf("the access token: %v", err)
	}
	if a := back.token(back.renew(refresh)); a.status != 200 {
		t.Errorf("the refresh token: %v", a.body)
	}
	if a := back.token(back.redeem(code)); a.status != 200 {
		t.Errorf("the code: %v", a.body)
	}
}

func TestTokensCanBeIssuedWithoutASignIn(t *testing.T) {
	x := open(t)
	app, err := x.AppToken(id(x.mine), 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	x.world.Clock().Advance(23 * time.Hour)
	if c, err := x.Verify(app); err != nil || c.Roles[0] != "Calendars.Read" {
		t.Errorf("%+v, %v", c, err)
	}
	user, err := x.UserToken(id(x.portal), x.boss.ID, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := x.Verify(user); err != nil || c.User != x.boss.ID || !c.Is("62e90394-69f5-4237-9190-012177145e10") {
		t.Errorf("%+v, %v", c, err)
	}
	if _, err := x.AppToken("nobody", time.Hour); err == nil {
		t.Error("a token for an unknown app")
	}
	if _, err := x.UserToken(id(x.portal), "nobody", time.Hour); err == nil {
		t.Error("a token for an unknown user")
	}
}

func TestDiscovery(t *testing.T) {
	x := open(t)
	for path, issuer := range map[string]string{
		"/" + x.world.TenantID + "/v2.0": x.server.URL + "/" + x.world.TenantID + "/v2.0",
		"/contoso.example/v2.0":          x.server.URL + "/" + x.world.TenantID + "/v2.0",
		"/common/v2.0":                   x.server.URL + "/{tenantid}/v2.0",
		"/organizations/v2.0":            x.server.URL + "/{tenantid}/v2.0",
		"/common":                        "https://sts.windows.net/{tenantid}/",
	} {
		a := x.get(path + "/.well-known/openid-configuration")
		if a.text("issuer") != issuer {
			t.Errorf("%s: issuer %q, want %q", path, a.text("issuer"), issuer)
		}
		realm := strings.TrimSuffix(strings.TrimPrefix(path, "/"), "/v2.0")
		for member, end := range map[string]string{"token_endpoint": "/oauth2/v2.0/token", "authorization_endpoint": "/oauth2/v2.0/authorize",
			"device_authorization_endpoint": "/oauth2/v2.0/devicecode", "end_session_endpoint": "/oauth2/v2.0/logout"} {
			if got, want := a.text(member), x.server.URL+"/"+realm+end; got != want {
				t.Errorf("%s: %s is %q, want %q", path, member, got, want)
			}
		}
	}
	if a := x.get("/fabrikam.example/v2.0/.well-known/openid-configuration"); a.code() != 90002 {
		t.Errorf("an unknown tenant: %v", a.body)
	}
	r := httptest.NewRequest("GET", "/common/v2.0/.well-known/openid-configuration", nil)
	r.Host = "login.microsoftonline.com"
	r.Header.Set("X-Forwarded-Proto", "http")
	w := httptest.NewRecorder()
	x.Handler().ServeHTTP(w, r)
	if !strings.Contains(w.Body.String(), `"http://login.microsoftonline.com/common/oauth2/v2.0/token"`) {
		t.Errorf("behind a proxy: %s", w.Body)
	}
}

func TestInstanceDiscovery(t *testing.T) {
	x := open(t)
	ask := func(endpoint string) answer {
		return x.get("/common/discovery/instance?api-version=1.1&authorization_endpoint=" + endpoint)
	}
	own := ask(x.server.URL + "/common/oauth2/v2.0/authorize")
	cloud := ask("https://login.microsoftonline.com/common/oauth2/v2.0/authorize")
	for _, a := range []answer{own, cloud} {
		if a.status != 200 || a.text("tenant_discovery_endpoint") == "" || a.body["metadata"] == nil {
			t.Errorf("%d %v", a.status, a.body)
		}
	}
	if a := ask("https://evil.example/authorize"); a.text("error") != "invalid_instance" {
		t.Errorf("a stranger's instance: %v", a.body)
	}
	if a := ask("nonsense"); a.code() != 50050 {
		t.Errorf("nonsense: %v", a.body)
	}
	if a := x.get("/common/userrealm/ann@contoso.example?api-version=1.0"); a.text("account_type") != "Managed" {
		t.Errorf("user realm: %v", a.body)
	}
	if a := x.get("/common/reprocess"); a.status != http.StatusNotFound {
		t.Errorf("an unknown path: %d", a.status)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("a.b.c")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","nonce":"n"}`)) + ".e30.AA")
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"nonce":1}`)) + "..")
	x := open(&testing.T{})
	f.Fuzz(func(t *testing.T, token string) {
		if c, err := x.Verify(token); err == nil {
			t.Errorf("%q speaks for %+v", token, c)
		}
	})
}
