package entra_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

func TestTheCodeComesBackAsItWasAskedFor(t *testing.T) {
	x := open(t)
	x.code(x.ask()) // consents
	for mode, begins := range map[string]string{"": webRedirect + "?", "query": webRedirect + "?", "fragment": webRedirect + "#"} {
		b := x.browser().open(x.authorize(x.ask().with(form{"response_mode": mode, "client_info": "1"}))).signIn("ann")
		q := b.result()
		if !strings.HasPrefix(b.landed, begins) || q.Get("code") == "" || q.Get("state") != "s1" || q.Get("client_info") == "" || q.Get("session_state") == "" {
			t.Errorf("response_mode %q: %s", mode, b.landed)
		}
	}
	b := x.browser().open(x.authorize(x.ask().with(form{"response_mode": "form_post"}))).signIn("ann")
	if b.landed != "" || !strings.Contains(b.page, `action="`+webRedirect+`"`) || !strings.Contains(b.page, `name="code"`) || !strings.Contains(b.page, `name="state" value="s1"`) {
		t.Errorf("form_post: %s\n%s", b.landed, b.page)
	}
	b = x.browser().open(x.authorize(x.ask().with(form{"redirect_uri": "http://localhost:999/native"}))).signIn("ann")
	if !strings.HasPrefix(b.landed, "http://localhost:999/native?") {
		t.Errorf("another port: %s", b.landed)
	}
}

func TestAMistakeInAnAddressIsShownAndNeverSentThere(t *testing.T) {
	x := open(t)
	for situation, c := range map[string]struct {
		path string
		code string
	}{
		"an unknown client":             {x.authorize(x.ask().with(form{"client_id": "00000000-0000-0000-0000-000000000001"})), "AADSTS700016"},
		"no client":                     {x.authorize(x.ask().with(form{"client_id": ""})), "AADSTS900144"},
		"an unregistered redirect URI":  {x.authorize(x.ask().with(form{"redirect_uri": "https://evil.example/"})), "AADSTS50011"},
		"a longer redirect URI":         {x.authorize(x.ask().with(form{"redirect_uri": webRedirect + "/x"})), "AADSTS50011"},
		"a redirect URI with a name":    {x.authorize(x.ask().with(form{"redirect_uri": "http://evil@localhost/native"})), "AADSTS50011"},
		"a redirect URI in capitals":    {x.authorize(x.ask().with(form{"redirect_uri": strings.ToUpper(webRedirect)})), "AADSTS50011"},
		"an app without redirect URI":   {x.authorize(x.ask().with(form{"client_id": id(x.mine), "redirect_uri": ""})), "AADSTS900971"},
		"another tenant":                {"/fabrikam.example/oauth2/v2.0/authorize?" + x.ask().values().Encode(), "AADSTS90002"},
		"a single-tenant app at common": {"/common/oauth2/v2.0/authorize?" + x.ask().with(form{"client_id": id(x.mine)}).values().Encode(), "AADSTS50194"},
		"a work app at consumers":       {"/consumers/oauth2/v2.0/authorize?" + x.ask().values().Encode(), "AADSTS9002332"},
	} {
		b := x.browser().open(c.path)
		if b.landed != "" || b.status != 400 || !strings.Contains(b.page, c.code+":") {
			t.Errorf("%s: %d at %q, want a page with %s", situation, b.status, b.landed, c.code)
		}
	}
}

func TestEveryOtherMistakeIsToldToTheClient(t *testing.T) {
	x := open(t)
	short := form{"code_challenge": "short", "code_challenge_method": "S256"}
	for situation, c := range map[string]struct {
		change form
		kind   string
		code   string
	}{
		"no response type":          {form{"response_type": ""}, "invalid_request", "AADSTS900144"},
		"an unknown response type":  {form{"response_type": "magic"}, "unsupported_response_type", "AADSTS70005"},
		"implicit access token":     {form{"response_type": "token"}, "unsupported_response_type", "AADSTS700051"},
		"implicit id token":         {form{"response_type": "id_token", "nonce": "n"}, "unsupported_response_type", "AADSTS700054"},
		"an unknown response mode":  {form{"response_mode": "web_message"}, "invalid_request", "AADSTS70007"},
		"no scope":                  {form{"scope": ""}, "invalid_request", "AADSTS900144"},
		"an unknown permission":     {form{"scope": "Mail.Devour"}, "invalid_scope", "AADSTS70011"},
		"another resource":          {form{"scope": "api://x/y"}, "invalid_resource", "AADSTS500011"},
		"a short challenge":         {short, "invalid_request", "AADSTS501491"},
		"an unknown method":         {short.with(form{"code_challenge_method": "S512"}), "invalid_request", "AADSTS50148"},
		"a method and no challenge": {form{"code_challenge_method": "S256"}, "invalid_request", "AADSTS900144"},
		"a page without PKCE":       {form{"redirect_uri": spaRedirect}, "invalid_request", "AADSTS9002325"},
		"nobody and no prompt":      {form{"prompt": "none"}, "login_required", "AADSTS50058"},
	} {
		b := x.browser().open(x.authorize(x.ask().with(c.change)))
		if q := b.result(); q.Get("error") != c.kind || !strings.HasPrefix(q.Get("error_description"), c.code+":") || q.Get("state") != "s1" {
			t.Errorf("%s: %v, want %s %s", situation, q, c.kind, c.code)
		}
	}
}

func TestASessionSavesTheNextSignIn(t *testing.T) {
	x := open(t)
	b := x.browser().open(x.authorize(x.ask())).signIn("ann").submit(form{"consent": "accept"})
	b.result()
	again := func(change form) *browser {
		b.landed = ""
		return b.open(x.authorize(x.ask().with(change)))
	}
	asked := func() bool { return b.landed == "" && strings.Contains(b.page, `name="passwd"`) }
	steps := []struct {
		situation string
		change    form
		asks      bool
	}{
		{"no prompt", nil, false},
		{"prompt=none", form{"prompt": "none"}, false},
		{"a hint at the same person", form{"login_hint": "ANN@contoso.example"}, false},
		{"a hint at another", form{"login_hint": "boss@contoso.example"}, true},
		{"prompt=login", form{"prompt": "login"}, true},
		{"prompt=select_account", form{"prompt": "select_account"}, true},
	}
	for _, s := range steps {
		again(s.change)
		if asked() != s.asks {
			t.Errorf("%s: asks %v, want %v (%s)", s.situation, asked(), s.asks, b.landed)
		}
	}
	again(form{"prompt": "login", "login_hint": "ann@contoso.example"})
	if !strings.Contains(b.page, `value="ann@contoso.example"`) {
		t.Error("the hint is not in the field")
	}
	if b.signIn("ann").result().Get("code") == "" {
		t.Error("after a fresh sign-in there is no code")
	}
	again(form{"prompt": "none", "login_hint": "boss@contoso.example"})
	if got := b.result().Get("error"); got != "login_required" {
		t.Errorf("prompt=none for another person: %s", got)
	}
	x.world.Clock().Advance(time.Minute)
	x.update(func(tx *state.Tx) { x.world.RevokeSignIns(tx, x.ann) })
	if again(nil); !asked() {
		t.Error("revoked sign-ins, and still signed in")
	}
	x.world.Clock().Advance(time.Minute)
	b.signIn("ann").result()
	x.world.Clock().Advance(25 * time.Hour)
	if again(nil); !asked() {
		t.Error("a day later still signed in")
	}
	b.signIn("ann").open("/common/oauth2/v2.0/logout?post_logout_redirect_uri=" + url.QueryEscape(webRedirect) + "&state=bye")
	if q := b.result(); q.Get("state") != "bye" {
		t.Errorf("signed out to %s", b.landed)
	}
	if again(nil); !asked() {
		t.Error("signed out, and still signed in")
	}
	b.landed = ""
	if b.open("/common/oauth2/v2.0/logout?post_logout_redirect_uri=https://evil.example"); b.landed != "" {
		t.Errorf("signed out to %s, which nobody registered", b.landed)
	}
}

func TestAWrongPasswordIsSaidOnThePage(t *testing.T) {
	x := open(t)
	b := x.browser().open(x.authorize(x.ask())).submit(form{"login": "ann@contoso.example", "passwd": "wrong"})
	if !strings.Contains(b.page, "AADSTS50126") || !strings.Contains(b.page, `value="ann@contoso.example"`) {
		t.Errorf("%s", b.page)
	}
	if b.signIn("ann"); !strings.Contains(b.page, "would like to") {
		t.Errorf("the right password afterwards:\n%s", b.page)
	}
}

func TestTheSignInPageSendsNobodyElsewhere(t *testing.T) {
	x := open(t)
	for _, back := range []string{"https://evil.example/", "//evil.example/", "javascript:alert(1)", ""} {
		b := x.browser()
		b.take(b.client.PostForm(x.server.URL+"/common/login", form{"back": back, "login": "ann@contoso.example", "passwd": "ann's password"}.values()))
		if b.landed != "" || b.status != 400 {
			t.Errorf("back %q: %d, at %q", back, b.status, b.landed)
		}
	}
}

func TestAPageShowsWhatItIsGivenAsText(t *testing.T) {
	x := open(t)
	b := x.browser().open(x.authorize(x.ask().with(form{"login_hint": `"><script>alert(1)</script>`, "state": `"><script>`})))
	if strings.Contains(b.page, "<script>") {
		t.Errorf("%s", b.page)
	}
}

// granted gives the delegated permissions that ann may use in the portal.
func (x *tenant) granted(user world.Object) string {
	var out string
	_ = x.world.View(func(tx *state.Tx) error {
		sp, _ := x.world.ServicePrincipal(tx, id(x.portal))
		graph, _ := x.world.ServicePrincipal(tx, world.GraphAppID)
		out = strings.Join(x.world.ScopesOf(tx, sp.ID, graph.ID, user.ID), " ")
		return nil
	})
	return out
}

func TestConsent(t *testing.T) {
	const harmless, forAdmins, kept = "openid User.Read", "openid User.Read.All", "openid Calendars.Read"
	cases := []struct {
		situation, who, scope string
		answer                form
		kind, ann, boss       string // the error, or what both may do afterwards
	}{
		{"a user for himself", "ann", harmless, form{"consent": "accept"}, "", "User.Read openid", ""},
		{"a user who declines", "ann", harmless, form{"consent": "decline"}, "access_denied", "", ""},
		{"a user for everybody", "ann", harmless, form{"consent": "accept", "everybody": "1"}, "", "User.Read openid", ""},
		{"an administrator for himself", "boss", forAdmins, form{"consent": "accept"}, "", "", "User.Read.All openid"},
		{"an administrator for everybody", "boss", kept, form{"consent": "accept", "everybody": "1"}, "", "Calendars.Read openid", "Calendars.Read openid"},
		{"a user, for what is an administrator's", "ann", forAdmins, form{"consent": "accept"}, "consent_required", "", ""},
		{"a user, for what new tenants keep from users", "ann", kept, form{"consent": "accept"}, "consent_required", "", ""},
		{"what the registration asks for", "boss", graphDefault, form{"consent": "accept"}, "", "", "Calendars.Read User.Read"},
	}
	for _, c := range cases {
		t.Run(c.situation, func(t *testing.T) {
			x := open(t)
			b := x.browser().open(x.authorize(x.ask().with(form{"scope": c.scope}))).signIn(c.who).submit(c.answer)
			if got := b.result().Get("error"); got != c.kind {
				t.Errorf("error %q (%s), want %q", got, b.result().Get("error_description"), c.kind)
			}
			if ann, boss := x.granted(x.ann), x.granted(x.boss); ann != c.ann || boss != c.boss {
				t.Errorf("ann may %q and boss %q, want %q and %q", ann, boss, c.ann, c.boss)
			}
		})
	}
}

func TestConsentIsAskedForOnceAndOnlyWhereItIsMissing(t *testing.T) {
	x := open(t)
	b := x.browser().open(x.authorize(x.ask())).signIn("ann")
	if !strings.Contains(b.page, "portal") || !strings.Contains(b.page, "Sign in and read user profile") && !strings.Contains(b.page, "<li>") {
		t.Errorf("the page does not say what for:\n%s", b.page)
	}
	b.submit(form{"consent": "accept"})
	if b.landed = ""; b.open(x.authorize(x.ask())).landed == "" {
		t.Errorf("asked a second time:\n%s", b.page)
	}
	if b.landed = ""; b.open(x.authorize(x.ask().with(form{"prompt": "consent"}))).landed != "" {
		t.Error("prompt=consent did not ask")
	}
	b.open(x.authorize(x.ask().with(form{"prompt": "none", "scope": "Calendars.Read"})))
	if q := b.result(); q.Get("error") != "interaction_required" || !strings.HasPrefix(q.Get("error_description"), "AADSTS65001") {
		t.Errorf("prompt=none without consent: %v", q)
	}
	b.landed = ""
	if b.open(x.authorize(x.ask().with(form{"scope": "User.Read Calendars.Read"}))); !strings.Contains(b.page, "Need admin approval") {
		t.Errorf("a user is asked for an administrator's consent:\n%s", b.page)
	}
}

func TestAnAppMayWantItsUsersAssigned(t *testing.T) {
	x := open(t)
	refresh := x.signedIn()
	var sp, team world.Object
	x.update(func(tx *state.Tx) {
		sp, _ = x.world.ServicePrincipal(tx, id(x.portal))
		sp = x.world.ChangeObject(tx, sp, world.Doc{"appRoleAssignmentRequired": true})
		team = x.world.NewGroup(tx, world.Doc{"displayName": "team"})
		x.world.Link(tx, team, world.Members, x.ann.ID)
	})
	refused := func() bool {
		b := x.browser().open(x.authorize(x.ask())).signIn("ann")
		atToken := x.token(x.renew(refresh)).code() == 50105
		if atSignIn := b.result().Get("error") == "access_denied"; atSignIn != atToken {
			t.Errorf("refused at the sign-in %v, at the token endpoint %v", atSignIn, atToken)
		}
		return atToken
	}
	if !refused() {
		t.Error("nobody is assigned, and still signed in")
	}
	for name, holder := range map[string]world.Object{"the user": x.ann, "the user's group": team} {
		var grant world.Doc
		x.update(func(tx *state.Tx) { grant = x.world.AssignRole(tx, holder, sp, "00000000-0000-0000-0000-000000000000") })
		if refused() {
			t.Errorf("%s is assigned, and still refused", name)
		}
		x.update(func(tx *state.Tx) { x.world.Grants.Delete(tx, world.Text(grant, "id")) })
	}
}

func TestTheFirstConsentInstallsAnApp(t *testing.T) {
	x := open(t)
	var app world.Object
	x.update(func(tx *state.Tx) {
		app = x.world.NewApplication(tx, world.Doc{"displayName": "new", "publicClient": world.Doc{"redirectUris": []any{nativeRedirect}}})
	})
	x.browser().open(x.authorize(x.ask().with(form{"client_id": id(app), "redirect_uri": nativeRedirect}))).signIn("ann").submit(form{"consent": "accept"}).result()
	_ = x.world.View(func(tx *state.Tx) error {
		if _, ok := x.world.ServicePrincipal(tx, id(app)); !ok {
			t.Error("no service principal")
		}
		return nil
	})
}

func TestAdminConsent(t *testing.T) {
	ask := func(x *tenant, version, scope string) string {
		return "/organizations" + version + "/adminconsent?" + form{"client_id": id(x.portal), "redirect_uri": webRedirect, "state": "s2", "scope": scope}.values().Encode()
	}
	roles := func(x *tenant) string {
		var out string
		_ = x.world.View(func(tx *state.Tx) error {
			sp, _ := x.world.ServicePrincipal(tx, id(x.portal))
			graph, _ := x.world.ServicePrincipal(tx, world.GraphAppID)
			out = strings.Join(x.world.RolesOf(tx, sp.ID, graph), " ")
			return nil
		})
		return out
	}
	cases := []struct {
		situation, who, version, scope, answer string
		kind, roles, scopes                    string
	}{
		{"all that is registered", "boss", "/v2.0", graphDefault, "accept", "", "Calendars.Read", "Calendars.Read User.Read"},
		{"all that is registered, the older way", "boss", "", "", "accept", "", "Calendars.Read", "Calendars.Read User.Read"},
		{"named permissions", "boss", "/v2.0", "https://graph.microsoft.com/Mail.Read openid", "accept", "", "", "Mail.Read openid"},
		{"declined", "boss", "/v2.0", graphDefault, "decline", "consent_required", "", ""},
		{"not an administrator", "ann", "/v2.0", graphDefault, "", "access_denied", "", ""},
		{"no scope", "boss", "/v2.0", "", "", "invalid_request", "", ""},
	}
	for _, c := range cases {
		t.Run(c.situation, func(t *testing.T) {
			x := open(t)
			b := x.browser().open(ask(x, c.version, c.scope))
			if b.landed == "" {
				b.signIn(c.who)
			}
			if c.answer != "" {
				b.submit(form{"consent": c.answer})
			}
			q := b.result()
			if q.Get("admin_consent") != "True" || q.Get("state") != "s2" || q.Get("error") != c.kind || c.kind == "" && q.Get("tenant") != x.world.TenantID {
				t.Errorf("%v", q)
			}
			if got := roles(x); got != c.roles {
				t.Errorf("roles %q, want %q", got, c.roles)
			}
			if got := x.granted(x.ann); got != c.scopes {
				t.Errorf("scopes %q, want %q", got, c.scopes)
			}
		})
	}
}
