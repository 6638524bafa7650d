package entra_test

import (
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

func TestAUserSignsInToAWebApp(t *testing.T) {
	x := open(t)
	code := x.code(x.ask().with(form{"nonce": "n1", "code_challenge": challenge(), "code_challenge_method": "S256"}))
	a := x.token(x.redeem(code).with(form{"code_verifier": verifier, "client_info": "1"}))
	if a.status != 200 {
		t.Fatalf("%d %v", a.status, a.body)
	}
	for _, name := range []string{"access_token", "refresh_token", "id_token", "client_info"} {
		if a.text(name) == "" {
			t.Errorf("no %s", name)
		}
	}
	for _, scope := range strings.Fields("openid profile offline_access User.Read") {
		if !strings.Contains(" "+a.text("scope")+" ", " "+scope+" ") {
			t.Errorf("scope %q lacks %s, which was asked for", a.text("scope"), scope)
		}
	}
	caller, err := x.Verify(a.text("access_token"))
	if err != nil {
		t.Fatal(err)
	}
	if caller.User != x.ann.ID || !caller.Delegated() || caller.Principal == "" || !strings.Contains(strings.Join(caller.Scopes, " "), "User.Read") {
		t.Errorf("the token speaks for %+v", caller)
	}
	idToken := claims(t, a.text("id_token"))
	for name, want := range map[string]any{"aud": id(x.portal), "nonce": "n1", "oid": x.ann.ID, "ver": "2.0",
		"preferred_username": "ann@contoso.example", "iss": x.server.URL + "/" + x.world.TenantID + "/v2.0"} {
		if idToken[name] != want {
			t.Errorf("id token: %s is %v, want %v", name, idToken[name], want)
		}
	}
	access := claims(t, a.text("access_token"))
	if access["sub"] != idToken["sub"] || access["scp"] == nil || access["idtyp"] != "user" || access["upn"] != "ann@contoso.example" {
		t.Errorf("access token: %v", access)
	}
}

func TestACodeIsRedeemedOnceAndOnlyAsItWasAskedFor(t *testing.T) {
	x := open(t)
	s256 := form{"code_challenge": challenge(), "code_challenge_method": "S256"}
	plain := form{"code_challenge": verifier}
	spa := s256.with(form{"redirect_uri": spaRedirect})
	native := form{"redirect_uri": nativeRedirect}
	origin := []string{"Origin", "https://spa.example"}
	cases := []struct {
		situation string
		ask       form
		redeem    form
		header    []string
		code      int // 0: it works
	}{
		{"no PKCE", nil, nil, nil, 0},
		{"an empty verifier, as MSAL sends it", nil, form{"code_verifier": ""}, nil, 0},
		{"S256", s256, form{"code_verifier": verifier}, nil, 0},
		{"plain", plain, form{"code_verifier": verifier}, nil, 0},
		{"plain by name", plain.with(form{"code_challenge_method": "plain"}), form{"code_verifier": verifier}, nil, 0},
		{"a wrong verifier", s256, form{"code_verifier": verifier + "x"}, nil, 501481},
		{"no verifier", s256, nil, nil, 501481},
		{"the challenge as verifier", s256, form{"code_verifier": challenge()}, nil, 501481},
		{"another redirect URI", nil, form{"redirect_uri": nativeRedirect}, nil, 500112},
		{"no redirect URI", nil, form{"redirect_uri": ""}, nil, 500112},
		{"a web app without its secret", nil, form{"client_secret": ""}, nil, 7000218},
		{"a web app with a wrong secret", nil, form{"client_secret": "wrong"}, nil, 7000215},
		{"a web app from a page", nil, form{"client_secret": ""}, origin, 9002326},
		{"a secret from a page", nil, nil, origin, 90023},
		{"a native app", native, native.with(form{"client_secret": ""}), nil, 0},
		{"a native app on another port", form{"redirect_uri": "http://localhost:8123/native"}, form{"redirect_uri": "http://localhost:8123/native", "client_secret": ""}, nil, 0},
		{"a native app with a secret", native, native, nil, 700025},
		{"a single-page app", spa, spa.with(form{"code_verifier": verifier, "client_secret": ""}), origin, 0},
		{"a single-page app from no page", spa, spa.with(form{"code_verifier": verifier, "client_secret": ""}), nil, 9002327},
		{"another client", nil, form{"client_id": id(x.gadget), "client_secret": ""}, nil, 70000},
		{"no code", nil, form{"code": ""}, nil, 900144},
		{"a made-up code", nil, form{"code": "1.Cmade-up"}, nil, 9002313},
	}
	for _, c := range cases {
		t.Run(c.situation, func(t *testing.T) {
			x := &tenant{T: t, Entra: x.Entra, world: x.world, server: x.server, portal: x.portal, gadget: x.gadget, secret: x.secret}
			f := x.redeem(x.code(x.ask().with(c.ask))).with(c.redeem)
			if a := x.token(f, c.header...); a.code() != c.code {
				t.Fatalf("%d %v, want %d", a.status, a.body, c.code)
			}
			if c.code != 0 {
				return
			}
			if a := x.token(f, c.header...); a.code() != 54005 || a.text("error") != "invalid_grant" {
				t.Errorf("a second time: %d %v, want 54005", a.status, a.body)
			}
		})
	}
}

func TestACodeLastsTenMinutesAndOneAuthority(t *testing.T) {
	x := open(t)
	code := x.code(x.ask())
	if a := x.post("common", "token", x.redeem(code)); a.code() != 700005 {
		t.Errorf("at another authority: %v", a.body)
	}
	x.world.Clock().Advance(10 * time.Minute)
	if a := x.token(x.redeem(code)); a.code() != 70008 {
		t.Errorf("after ten minutes: %v", a.body)
	}
}

// signedIn gives a refresh token of ann's.
func (x *tenant) signedIn() string {
	x.Helper()
	a := x.token(x.redeem(x.code(x.ask())))
	if a.text("refresh_token") == "" {
		x.Fatalf("no refresh token: %v", a.body)
	}
	return a.text("refresh_token")
}

func (x *tenant) renew(token string) form {
	return form{"grant_type": "refresh_token", "client_id": id(x.portal), "client_secret": x.secret, "refresh_token": token}
}

func TestARefreshTokenIsReplacedAndTheOldOneStaysGood(t *testing.T) {
	x := open(t)
	first := x.signedIn()
	a := x.token(x.renew(first))
	second := a.text("refresh_token")
	if a.status != 200 || second == "" || second == first {
		t.Fatalf("%d %v", a.status, a.body)
	}
	if _, err := x.Verify(a.text("access_token")); err != nil {
		t.Error(err)
	}
	for _, token := range []string{first, second} {
		if a := x.token(x.renew(token).with(form{"scope": "https://graph.microsoft.com/User.Read"})); a.status != 200 {
			t.Errorf("%d %v", a.status, a.body)
		}
	}
	x.world.Clock().Advance(89 * 24 * time.Hour)
	third := x.token(x.renew(second)).text("refresh_token")
	x.world.Clock().Advance(2 * 24 * time.Hour)
	if a := x.token(x.renew(second)); a.code() != 700082 {
		t.Errorf("after 91 days: %v", a.body)
	}
	if a := x.token(x.renew(third)); a.status != 200 {
		t.Errorf("two days old, of a sign-in 91 days ago: %v", a.body)
	}
}

func TestARefreshIsRefused(t *testing.T) {
	x := open(t)
	token := x.signedIn()
	for situation, c := range map[string]struct {
		change form
		code   int
	}{
		"without the secret":          {form{"client_secret": ""}, 7000218},
		"by another client":           {form{"client_id": id(x.gadget), "client_secret": ""}, 70000},
		"of a made-up token":          {form{"refresh_token": "1.Amade-up"}, 9002313},
		"of no token":                 {form{"refresh_token": ""}, 900144},
		"for what nobody consented":   {form{"scope": "Mail.Read"}, 65001},
		"for what does not exist":     {form{"scope": "Mail.Devour"}, 70011},
		"for another resource":        {form{"scope": "https://contoso.sharepoint.com/AllSites.Read"}, 500011},
		"for the default and another": {form{"scope": graphDefault + " User.Read"}, 70011},
	} {
		a := x.token(x.renew(token).with(c.change))
		if a.code() != c.code {
			t.Errorf("%s: %d %v, want %d", situation, a.status, a.body, c.code)
		}
		if c.code == 65001 && (a.text("suberror") != "consent_required" || a.text("error") != "invalid_grant") {
			t.Errorf("%s: %v", situation, a.body)
		}
	}
}

func TestWhatEndsARefreshToken(t *testing.T) {
	cases := []struct {
		situation string
		do        func(*tenant, *state.Tx)
		web       int // what the web app's token answers then; 0: it works
		native    int
	}{
		{"revoked sign-ins", func(x *tenant, tx *state.Tx) { x.world.RevokeSignIns(tx, x.ann) }, 50173, 50173},
		{"a new password", func(x *tenant, tx *state.Tx) { x.world.SetPassword(tx, x.ann.ID, "new", false) }, 0, 50173},
		{"a disabled user", func(x *tenant, tx *state.Tx) { x.world.ChangeObject(tx, x.ann, world.Doc{"accountEnabled": false}) }, 50057, 50057},
		{"a deleted user", func(x *tenant, tx *state.Tx) { x.world.SoftDelete(tx, x.ann) }, 50034, 50034},
		{"consent taken back", func(x *tenant, tx *state.Tx) {
			sp, _ := x.world.ServicePrincipal(tx, id(x.portal))
			for id := range x.world.ConsentsOf(tx, sp.ID) {
				x.world.Consents.Delete(tx, id)
			}
		}, 65001, 65001},
	}
	for _, c := range cases {
		t.Run(c.situation, func(t *testing.T) {
			x := open(t)
			web := x.signedIn()
			native := form{"redirect_uri": nativeRedirect, "client_secret": ""}
			byNative := x.token(x.redeem(x.code(x.ask().with(native))).with(native)).text("refresh_token")
			x.world.Clock().Advance(time.Minute)
			x.update(func(tx *state.Tx) { c.do(x, tx) })
			if a := x.token(x.renew(web)); a.code() != c.web {
				t.Errorf("web: %v, want %d", a.body, c.web)
			}
			if a := x.token(x.renew(byNative).with(form{"client_secret": ""})); a.code() != c.native {
				t.Errorf("native: %v, want %d", a.body, c.native)
			}
		})
	}
}

func TestASinglePageAppSignsInEveryDay(t *testing.T) {
	x := open(t)
	spa := form{"redirect_uri": spaRedirect, "client_secret": "", "code_verifier": verifier}
	origin := []string{"Origin", "https://spa.example"}
	code := x.code(x.ask().with(form{"redirect_uri": spaRedirect, "code_challenge": challenge(), "code_challenge_method": "S256"}))
	token := x.token(x.redeem(code).with(spa), origin...).text("refresh_token")
	x.world.Clock().Advance(20 * time.Hour)
	again := x.token(x.renew(token).with(form{"client_secret": ""}), origin...).text("refresh_token")
	if again == "" {
		t.Fatal("no refresh after 20 hours")
	}
	x.world.Clock().Advance(5 * time.Hour)
	if a := x.token(x.renew(again).with(form{"client_secret": ""}), origin...); a.code() != 700084 {
		t.Errorf("after 25 hours: %v", a.body)
	}
}

func TestSignInByUserNameAndPassword(t *testing.T) {
	x := open(t)
	var forced, off world.Object
	x.update(func(tx *state.Tx) {
		sp, _ := x.world.ServicePrincipal(tx, id(x.gadget))
		graph, _ := x.world.ServicePrincipal(tx, world.GraphAppID)
		x.world.Consent(tx, sp, graph, "", []string{"User.Read"})
		forced = x.world.NewUser(tx, world.Doc{"userPrincipalName": "new@contoso.example", "accountEnabled": true})
		x.world.SetPassword(tx, forced.ID, "first", true)
		off = x.world.NewUser(tx, world.Doc{"userPrincipalName": "off@contoso.example", "accountEnabled": false})
		x.world.SetPassword(tx, off.ID, "off", false)
	})
	ask := form{"grant_type": "password", "client_id": id(x.gadget), "username": "ann@contoso.example",
		"password": "ann's password", "scope": "openid offline_access User.Read"}
	cases := []struct {
		situation, realm string
		change           form
		code             int
	}{
		{"as it should be", x.world.TenantID, nil, 0},
		{"at organizations", "organizations", nil, 0},
		{"at common", "common", nil, 9001023},
		{"a wrong password", x.world.TenantID, form{"password": "wrong"}, 50126},
		{"nobody", x.world.TenantID, form{"username": "nobody@contoso.example"}, 50034},
		{"disabled", x.world.TenantID, form{"username": "off@contoso.example", "password": "off"}, 50057},
		{"a password to be changed", x.world.TenantID, form{"username": "new@contoso.example", "password": "first"}, 50055},
		{"no password", x.world.TenantID, form{"password": ""}, 900144},
		{"no consent", x.world.TenantID, form{"scope": "Calendars.Read"}, 65001},
		{"a confidential app without its secret", x.world.TenantID, form{"client_id": id(x.portal)}, 7000218},
	}
	for _, c := range cases {
		if a := x.post(c.realm, "token", ask.with(c.change)); a.code() != c.code {
			t.Errorf("%s: %d %v, want %d", c.situation, a.status, a.body, c.code)
		}
	}
	a := x.token(ask)
	if a := x.token(form{"grant_type": "refresh_token", "client_id": id(x.gadget), "refresh_token": a.text("refresh_token")}); a.status != 200 {
		t.Errorf("refreshing it: %v", a.body)
	}
}
