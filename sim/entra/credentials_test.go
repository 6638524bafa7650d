package entra_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

const graphDefault = "https://graph.microsoft.com/.default"

func (x *tenant) daemon() form {
	return form{"grant_type": "client_credentials", "client_id": id(x.mine), "client_secret": x.daemonsSecret, "scope": graphDefault}
}

func TestAnAppSignsInWithASecret(t *testing.T) {
	x := open(t)
	for _, realm := range []string{x.world.TenantID, "contoso.example", "contoso.onmicrosoft.com", strings.ToUpper(x.world.TenantID)} {
		a := x.post(realm, "token", x.daemon())
		if a.status != 200 || a.text("token_type") != "Bearer" {
			t.Fatalf("%s: %d %v", realm, a.status, a.body)
		}
		for _, never := range []string{"refresh_token", "id_token", "scope"} {
			if _, there := a.body[never]; there {
				t.Errorf("%s: an app's answer has %s", realm, never)
			}
		}
		life := a.body["expires_in"].(float64)
		if life < 3600 || life > 5400 {
			t.Errorf("the token lives %v s, want 60 to 90 minutes", life)
		}
		caller, err := x.Verify(a.text("access_token"))
		if err != nil {
			t.Fatal(err)
		}
		if caller.Delegated() || caller.AppID != id(x.mine) || strings.Join(caller.Roles, " ") != "Calendars.Read" || caller.Tenant != x.world.TenantID {
			t.Errorf("the token speaks for %+v", caller)
		}
		c := claims(t, a.text("access_token"))
		for name, want := range map[string]any{"idtyp": "app", "ver": "1.0", "appidacr": "1", "aud": "https://graph.microsoft.com",
			"iss": "https://sts.windows.net/" + x.world.TenantID + "/", "oid": caller.Principal, "sub": caller.Principal} {
			if c[name] != want {
				t.Errorf("claim %s is %v, want %v", name, c[name], want)
			}
		}
		if _, there := c["scp"]; there {
			t.Error("an app's own token has scp")
		}
	}
}

func TestATokenNamesGraphAsTheRequestDid(t *testing.T) {
	x := open(t)
	for _, name := range []string{"https://graph.microsoft.com", world.GraphAppID} {
		a := x.token(x.daemon().with(form{"scope": name + "/.default"}))
		if aud := claims(t, a.text("access_token"))["aud"]; aud != name {
			t.Errorf("asked for %s, the audience is %v", name, aud)
		}
	}
}

func TestHTTPBasicCarriesAClientsSecret(t *testing.T) {
	x := open(t)
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte(id(x.mine)+":"+x.daemonsSecret))
	if a := x.token(form{"grant_type": "client_credentials", "scope": graphDefault}, "Authorization", basic); a.status != 200 {
		t.Errorf("%d %v", a.status, a.body)
	}
}

func TestAnAppIsRefusedAToken(t *testing.T) {
	x := open(t)
	var orphan world.Object
	var orphansSecret, old world.Secret
	x.update(func(tx *state.Tx) {
		orphan = x.world.NewApplication(tx, world.Doc{"displayName": "orphan"})
		orphan, orphansSecret = x.world.AddSecret(tx, orphan, "", begin, begin.AddDate(1, 0, 0))
		x.mine, old = x.world.AddSecret(tx, x.mine, "", begin.AddDate(-1, 0, 0), begin)
	})
	tenant := x.world.TenantID
	cases := []struct {
		situation string
		realm     string
		change    form
		status    int
		code      int
		kind      string
	}{
		{"another tenant", "fabrikam.example", nil, 400, 90002, "invalid_request"},
		{"no tenant", "organizations", form{"client_id": id(x.portal), "client_secret": x.secret}, 400, 50059, "invalid_request"},
		{"common", "common", nil, 400, 9001023, "invalid_request"},
		{"consumers", "consumers", nil, 400, 9001023, "invalid_request"},
		{"no client", tenant, form{"client_id": ""}, 400, 900144, "invalid_request"},
		{"an unknown client", tenant, form{"client_id": tenant}, 400, 700016, "unauthorized_client"},
		{"no grant type", tenant, form{"grant_type": ""}, 400, 900144, "invalid_request"},
		{"an unknown grant type", tenant, form{"grant_type": "magic"}, 400, 70003, "unsupported_grant_type"},
		{"a wrong secret", tenant, form{"client_secret": "wrong"}, 401, 7000215, "invalid_client"},
		{"the secret's id in place of its value", tenant, form{"client_secret": old.KeyID}, 401, 7000215, "invalid_client"},
		{"another app's secret", tenant, form{"client_secret": x.secret}, 401, 7000215, "invalid_client"},
		{"an expired secret", tenant, form{"client_secret": old.Text}, 401, 7000222, "invalid_client"},
		{"no secret", tenant, form{"client_secret": ""}, 401, 7000218, "invalid_client"},
		{"no scope", tenant, form{"scope": ""}, 400, 900144, "invalid_request"},
		{"a scope that is not the default", tenant, form{"scope": "https://graph.microsoft.com/Calendars.Read"}, 400, 1002012, "invalid_scope"},
		{"another resource", tenant, form{"scope": "https://contoso.sharepoint.com/.default"}, 400, 500011, "invalid_resource"},
		{"two resources", tenant, form{"scope": graphDefault + " https://outlook.office365.com/.default"}, 400, 1002012, "invalid_scope"},
		{"no service principal", tenant, form{"client_id": id(orphan), "client_secret": orphansSecret.Text}, 401, 7000229, "invalid_client"},
		{"on behalf of nobody", tenant, form{"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"}, 400, 50013, "invalid_grant"},
	}
	for _, c := range cases {
		t.Run(c.situation, func(t *testing.T) {
			a := x.post(c.realm, "token", x.daemon().with(c.change))
			if a.status != c.status || a.code() != c.code || a.text("error") != c.kind {
				t.Fatalf("%d, %d %s (%s), want %d, %d %s", a.status, a.code(), a.text("error"), a.text("error_description"), c.status, c.code, c.kind)
			}
		})
	}
	onBehalf := x.daemon().with(form{"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": x.token(x.daemon()).text("access_token")})
	if a := x.token(onBehalf); a.code() != 500131 {
		t.Errorf("on behalf of a token for Graph: %v", a.body)
	}
}

func TestAnErrorHasEntrasShape(t *testing.T) {
	x := open(t)
	a := x.token(x.daemon().with(form{"client_secret": "wrong"}), "client-request-id", "11111111-2222-3333-4444-555555555555")
	for _, member := range strings.Fields("error error_description error_codes timestamp trace_id correlation_id error_uri") {
		if _, there := a.body[member]; !there {
			t.Errorf("no %s in %v", member, a.body)
		}
	}
	if a.text("correlation_id") != "11111111-2222-3333-4444-555555555555" {
		t.Errorf("correlation_id %s is not the request's", a.text("correlation_id"))
	}
	if d := a.text("error_description"); !strings.HasPrefix(d, "AADSTS7000215: ") || !strings.Contains(d, "Trace ID: "+a.text("trace_id")) ||
		!strings.Contains(d, "Timestamp: 2026-03-02 09:00:00Z") {
		t.Errorf("error_description %q", d)
	}
}

func TestADisabledAppIsRefused(t *testing.T) {
	x := open(t)
	x.update(func(tx *state.Tx) {
		sp, _ := x.world.ServicePrincipal(tx, id(x.mine))
		x.world.ChangeObject(tx, sp, world.Doc{"accountEnabled": false})
	})
	if a := x.token(x.daemon()); a.code() != 7000112 || a.text("error") != "unauthorized_client" {
		t.Errorf("%v", a.body)
	}
}

func TestARemovedSecretIsRefused(t *testing.T) {
	x := open(t)
	x.update(func(tx *state.Tx) {
		for s := range x.world.SecretsOf(tx, x.mine.ID) {
			x.world.RemoveSecret(tx, x.mine, s.KeyID)
		}
	})
	if a := x.token(x.daemon()); a.code() != 7000215 {
		t.Errorf("%v", a.body)
	}
}

func TestTheTokenEndpointTakesFormsOnly(t *testing.T) {
	x := open(t)
	if a := x.get("/" + x.world.TenantID + "/oauth2/v2.0/token"); a.status != 400 || a.code() != 900561 {
		t.Errorf("GET: %d %v", a.status, a.body)
	}
	r, _ := http.NewRequestWithContext(t.Context(), "POST", x.server.URL+"/"+x.world.TenantID+"/oauth2/v2.0/token", strings.NewReader(`{"grant_type":"client_credentials"}`))
	r.Header.Set("Content-Type", "application/json")
	if a := x.do(r); a.code() != 900144 {
		t.Errorf("JSON: %d %v", a.status, a.body)
	}
}

// assertion signs a client assertion of the daemon's; change bends the claims.
func (x *tenant) assertion(alg jose.SignatureAlgorithm, header map[jose.HeaderKey]any, key any, change func(*jwt.Claims)) form {
	x.Helper()
	now := x.world.Clock().Now()
	c := jwt.Claims{Issuer: id(x.mine), Subject: id(x.mine), ID: "one",
		Audience:  jwt.Audience{x.server.URL + "/" + x.world.TenantID + "/oauth2/v2.0/token"},
		NotBefore: jwt.NewNumericDate(now), Expiry: jwt.NewNumericDate(now.Add(5 * time.Minute))}
	if change != nil {
		change(&c)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, &jose.SignerOptions{ExtraHeaders: header})
	if err != nil {
		x.Fatal(err)
	}
	text, err := jwt.Signed(signer).Claims(c).Serialize()
	if err != nil {
		x.Fatal(err)
	}
	return x.daemon().with(form{"client_secret": "", "client_assertion": text,
		"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"})
}

func (x *tenant) newer() map[jose.HeaderKey]any {
	sum := sha256.Sum256(x.certificate.Raw)
	return map[jose.HeaderKey]any{"x5t#S256": base64.RawURLEncoding.EncodeToString(sum[:])}
}

func (x *tenant) older() map[jose.HeaderKey]any {
	sum := sha1.Sum(x.certificate.Raw)
	return map[jose.HeaderKey]any{"x5t": base64.RawURLEncoding.EncodeToString(sum[:])}
}

func TestAnAppSignsInWithACertificate(t *testing.T) {
	x := open(t)
	x.certify()
	sum := sha256.Sum256(x.certificate.Raw)
	for situation, f := range map[string]form{
		"PS256 with x5t#S256": x.assertion(jose.PS256, x.newer(), x.key, nil),
		"RS256 with x5t":      x.assertion(jose.RS256, x.older(), x.key, nil),
		"the other alphabet":  x.assertion(jose.PS256, map[jose.HeaderKey]any{"x5t#S256": base64.StdEncoding.EncodeToString(sum[:])}, x.key, nil),
		"Microsoft's address": x.assertion(jose.PS256, x.newer(), x.key, func(c *jwt.Claims) {
			c.Audience = jwt.Audience{"https://login.microsoftonline.com/" + x.world.TenantID + "/oauth2/v2.0/token"}
		}),
		"the tenant by name": x.assertion(jose.PS256, x.newer(), x.key, func(c *jwt.Claims) {
			c.Audience = jwt.Audience{x.server.URL + "/contoso.example/oauth2/v2.0/token"}
		}),
	} {
		a := x.token(f)
		if a.status != 200 {
			t.Errorf("%s: %d %v", situation, a.status, a.body)
			continue
		}
		if acr := claims(t, a.text("access_token"))["appidacr"]; acr != "2" {
			t.Errorf("%s: appidacr %v", situation, acr)
		}
	}
}

func TestAnAssertionIsRefused(t *testing.T) {
	x := open(t)
	x.certify()
	stranger, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	now := x.world.Clock().Now()
	claim := func(change func(*jwt.Claims)) form { return x.assertion(jose.PS256, x.newer(), x.key, change) }
	cases := []struct {
		situation string
		form      form
		code      int
	}{
		{"signed with another key", x.assertion(jose.PS256, x.newer(), stranger, nil), 700027},
		{"naming another certificate", x.assertion(jose.PS256, map[jose.HeaderKey]any{"x5t#S256": "AAAA"}, x.key, nil), 700027},
		{"naming none", x.assertion(jose.PS256, nil, x.key, nil), 700027},
		{"with another algorithm", x.assertion(jose.RS512, x.newer(), x.key, nil), 50027},
		{"that is no JWT", x.daemon().with(form{"client_secret": "", "client_assertion": "nonsense",
			"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"}), 50027},
		{"without its type", claim(nil).with(form{"client_assertion_type": ""}), 900144},
		{"of another app", claim(func(c *jwt.Claims) { c.Issuer = id(x.portal) }), 700021},
		{"about another app", claim(func(c *jwt.Claims) { c.Subject = id(x.portal) }), 700021},
		{"for another server", claim(func(c *jwt.Claims) { c.Audience = jwt.Audience{"https://elsewhere.example/token"} }), 50027},
		{"for another endpoint", claim(func(c *jwt.Claims) { c.Audience = jwt.Audience{x.server.URL + "/common/oauth2/v2.0/token"} }), 50027},
		{"that never expires", claim(func(c *jwt.Claims) { c.Expiry = nil }), 50027},
		{"that expired", claim(func(c *jwt.Claims) { c.Expiry = jwt.NewNumericDate(now.Add(-6 * time.Minute)) }), 700024},
		{"from the future", claim(func(c *jwt.Claims) { c.NotBefore = jwt.NewNumericDate(now.Add(6 * time.Minute)) }), 700024},
	}
	for _, c := range cases {
		t.Run(c.situation, func(t *testing.T) {
			if a := x.token(c.form); a.code() != c.code || a.status == 200 {
				t.Errorf("%d %s, want %d", a.status, a.text("error_description"), c.code)
			}
		})
	}
	withinSkew := claim(func(c *jwt.Claims) {
		c.NotBefore, c.Expiry = jwt.NewNumericDate(now.Add(4*time.Minute)), jwt.NewNumericDate(now.Add(9*time.Minute))
	})
	if a := x.token(withinSkew); a.status != 200 {
		t.Errorf("a clock that is four minutes ahead: %v", a.body)
	}
	x.world.Clock().Set(begin.AddDate(6, 0, 0))
	if a := x.token(claim(nil)); a.code() != 700027 {
		t.Errorf("an expired certificate: %v", a.body)
	}
}
