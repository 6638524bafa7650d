package connect_test

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/catalog"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/seal"
)

const (
	signedInAt = "https://gw.example" + connect.SignedInPath
	appPage    = "https://crm.example/connected?tab=calendar"
	anna       = "3f9a2bd0-5c5e-4d3c-9d59-3a3a1b2c4d5e"
	bert       = "4f9a2bd0-5c5e-4d3c-9d59-3a3a1b2c4d5f"
)

// front is a reception before a Microsoft that says what a test wants.
type front struct {
	testing.TB
	*connect.Reception
	rig    *rig.Rig
	sealer *seal.Sealer
	ahead  time.Duration // of the reception's clock
	who    string
	id     func(map[string]any) // changes the id token
	answer func(map[string]any) // changes the token answer
	nonce  string               // of the last invitation
	forms  []url.Values
}

func open(t testing.TB) *front {
	t.Helper()
	f := &front{TB: t, rig: rig.New(t, nil), who: anna}
	rows, err := f.rig.Store.SealedRows(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if f.sealer, err = seal.OpenKeyFile(filepath.Join(filepath.Dir(f.rig.Path), "key"), rows); err != nil {
		t.Fatal(err)
	}
	f.rig.Microsoft.Answer(f.entra)
	f.Reception = f.process()
	return f
}

// process is the reception of another process on the same store.
func (f *front) process() *connect.Reception {
	registration := f.rig.Registration
	registration.Mode = graphwarden.ByCode
	alone := registration
	alone.Name = "alone"
	credential := entra.Credential{Secret: seal.FromString("s3cret")}
	custody := over(f.rig, f.sealer, connect.Connection{Tenant: f.rig.Tenant, Registration: registration, Credential: credential, People: true},
		connect.Connection{Tenant: f.rig.Tenant, Registration: alone, Credential: credential})
	now := func() time.Time { return time.Now().Add(f.ahead) }
	scopes := []string{"Calendars.Read"}
	return connect.NewReception(connect.ReceptionConfig{Table: catalog.Load(), Custody: custody, SignIns: entra.New(f.rig.Gate, now, rand.Reader), Persons: f.rig.Store, Sealer: f.sealer,
		Flows: []connect.PeopleFlow{{Name: "calendars", App: "crm", Tenant: "contoso", Registration: "main", Scopes: scopes},
			{Name: "mail", App: "crm", Tenant: "contoso", Registration: "main", Scopes: []string{"Mail.Send"}},
			{Name: "others", App: "desk", Tenant: "contoso", Registration: "main", Scopes: scopes}},
		ReturnTo: map[string][]string{"main": {appPage}}, Now: now, Random: rand.Reader, Log: slog.New(slog.DiscardHandler), Public: signedInAt,
		Ask: func(context.Context, string, string) (connect.Asked, error) {
			return connect.Asked{Link: "https://admin.example"}, nil
		}})
}

// entra redeems codes.
func (f *front) entra(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	f.forms = append(f.forms, r.PostForm)
	claims := map[string]any{"aud": rig.Client, "iss": "http://login.test/" + rig.Tenant + "/v2.0", "tid": rig.Tenant, "nonce": f.nonce, "oid": f.who,
		"preferred_username": f.who + "@contoso.com", "exp": time.Now().Add(time.Hour).Unix(), "nbf": time.Now().Unix()}
	if f.id != nil {
		f.id(claims)
	}
	raw, _ := json.Marshal(claims)
	answer := map[string]any{"token_type": "Bearer", "expires_in": 3600, "access_token": "access-" + f.who, "refresh_token": "refresh", "scope": "openid https://graph.microsoft.com/Calendars.Read",
		"id_token": "e30." + base64.RawURLEncoding.EncodeToString(raw) + ".sig"}
	if f.answer != nil {
		f.answer(answer)
	}
	if answer["error"] != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
	_ = json.NewEncoder(w).Encode(answer)
}

// invited begins a sign-in and gives the answer that would be right.
func (f *front) invited(change func(*connect.Invitation)) (connect.Invited, url.Values) {
	f.Helper()
	w := connect.Invitation{Tenant: "contoso", Registration: "main", Flows: []string{"calendars"}, ReturnTo: appPage, State: "app state"}
	if change != nil {
		change(&w)
	}
	begun, err := f.Invite(f.Context(), "crm", "test", w)
	if err != nil {
		f.Fatal(err)
	}
	u, err := url.Parse(begun.Link)
	if err != nil {
		f.Fatal(err)
	}
	q := u.Query()
	f.nonce = q.Get("nonce")
	if q.Get("code_challenge_method") != "S256" || q.Get("redirect_uri") != signedInAt || q.Get("state") == "" {
		f.Fatalf("the link asks %v", q)
	}
	return begun, url.Values{"code": {"the code"}, "state": {q.Get("state")}, "iss": {"http://login.test/" + rig.Tenant + "/v2.0"}, "session_state": {"x"}}
}

// comes has a browser bring an answer.
func (f *front) comes(method, query string) (status int, to url.Values) {
	f.Helper()
	w := httptest.NewRecorder()
	f.ServeHTTP(w, httptest.NewRequestWithContext(f.Context(), method, "http://inside:8080"+connect.SignedInPath+"?"+query, nil))
	if at := w.Header().Get("Location"); at != "" {
		u, err := url.Parse(at)
		if err != nil || u.Host != "crm.example" || u.Query().Get("tab") != "calendar" || u.Query().Get("state") != "app state" {
			f.Errorf("the browser is sent to %s", at)
		}
		return w.Code, u.Query()
	}
	if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" {
		f.Errorf("the page says %v", w.Header())
	}
	return w.Code, nil
}

// nobody fails when anybody's token is kept, or anybody is in a flow.
func (f *front) nobody() {
	f.Helper()
	rows, err := f.rig.Store.SealedTokens(f.Context(), "", "", 10)
	if err != nil || len(rows) > 0 {
		f.Errorf("%d tokens are kept: %v", len(rows), err)
	}
	scope, err := f.Scope(f.Context(), "calendars")
	if err != nil || len(scope) > 0 {
		f.Errorf("the flow may touch %v: %v", scope, err)
	}
}

func TestAPersonIsTakenByTheAppThatAsked(t *testing.T) {
	f := open(t)
	begun, right := f.invited(nil)
	answering := f.process() // the browser comes back to another process
	answering, f.Reception = f.Reception, answering
	status, to := f.comes("GET", right.Encode())
	if status != http.StatusSeeOther || to.Get("code") == "" || to.Get("sign_in") != begun.ID || to.Get("error") != "" {
		t.Fatalf("%d %v", status, to)
	}
	if v := f.forms[0].Get("code_verifier"); len(v) < 43 || f.forms[0].Get("code") != "the code" || f.forms[0].Get("redirect_uri") != signedInAt {
		t.Errorf("Entra was asked %v", f.forms[0])
	}
	f.Reception = answering
	who, err := f.Take(t.Context(), "crm", begun.ID, to.Get("code"))
	if err != nil || who.Account != anna || who.State != "connected" || fmt.Sprint(who.Flows) != "[calendars]" {
		t.Fatalf("%+v %v", who, err)
	}
	for flow, want := range map[string]int{"calendars": 1, "mail": 0, "others": 0} {
		if scope, err := f.Scope(t.Context(), flow); err != nil || len(scope) != want || want == 1 && scope[0].ID != anna {
			t.Errorf("%s may touch %v: %v", flow, scope, err)
		}
	}
	token, err := f.Custody.Bearer(t.Context(), f.registration(anna))
	if err != nil || !token.Equal(seal.FromString("access-"+anna)) {
		t.Errorf("lent another token: %v", err)
	}
	if p, err := f.Progress(t.Context(), "crm", begun.ID); err != nil || p.State != "taken" {
		t.Errorf("%+v %v", p, err)
	}
}

func (f *front) registration(account string) graphwarden.Registration {
	r := f.rig.Registration
	r.Mode = graphwarden.ByCode
	return r.For(account)
}

// TestWhatIsNotTheAnswerUsesNothingUp: after each of these the right answer is
// still taken.
func TestWhatIsNotTheAnswerUsesNothingUp(t *testing.T) {
	with := func(name, value string) func(url.Values) string {
		return func(q url.Values) string { q.Set(name, value); return q.Encode() }
	}
	for situation, forge := range map[string]func(url.Values) string{
		"another state":                 with("state", "guessed"),
		"an empty state":                with("state", ""),
		"a state with an end":           func(q url.Values) string { q.Set("state", q.Get("state")+"x"); return q.Encode() },
		"a state without its end":       func(q url.Values) string { q.Set("state", q.Get("state")[1:]); return q.Encode() },
		"a state in capitals":           func(q url.Values) string { q.Set("state", strings.ToUpper(q.Get("state"))); return q.Encode() },
		"no state":                      func(q url.Values) string { q.Del("state"); return q.Encode() },
		"two states":                    func(q url.Values) string { q.Add("state", q.Get("state")); return q.Encode() },
		"another authority":             with("iss", "https://evil.example/"+rig.Tenant+"/v2.0"),
		"the authority of another":      with("iss", "http://login.test/"+bert+"/v2.0"),
		"an older form of authority":    with("iss", "http://login.test/"+rig.Tenant+"/"),
		"two authorities":               func(q url.Values) string { q.Add("iss", q.Get("iss")); return q.Encode() },
		"two codes":                     func(q url.Values) string { q.Add("code", "another"); return q.Encode() },
		"no code":                       func(q url.Values) string { q.Del("code"); return q.Encode() },
		"damaged parameters":            func(q url.Values) string { return q.Encode() + "&x=%zz" },
		"semicolons":                    func(q url.Values) string { return strings.ReplaceAll(q.Encode(), "&", ";") },
		"a very long query":             func(q url.Values) string { return q.Encode() + "&x=" + strings.Repeat("x", 17<<10) },
		"two errors":                    func(q url.Values) string { q["error"] = []string{"a", "b"}; return q.Encode() },
		"the parameters in a fragment":  func(q url.Values) string { return "#" + q.Encode() },
		"the state in another spelling": func(q url.Values) string { return strings.Replace(q.Encode(), "&state=", "&STATE=", 1) },
	} {
		t.Run(situation, func(t *testing.T) {
			f := open(t)
			_, right := f.invited(nil)
			good := right.Encode()
			if status, to := f.comes("GET", forge(right)); status != http.StatusBadRequest || to != nil {
				t.Errorf("%d %v", status, to)
			}
			f.nobody()
			if status, to := f.comes("GET", good); status != http.StatusSeeOther || to.Get("code") == "" {
				t.Errorf("the right answer then: %d %v", status, to)
			}
		})
	}
	for _, method := range []string{"POST", "PUT", "HEAD", "DELETE"} {
		f := open(t)
		_, right := f.invited(nil)
		if status, _ := f.comes(method, right.Encode()); status != http.StatusBadRequest {
			t.Errorf("%s: %d", method, status)
		}
		f.nobody()
	}
}

// TestWhatEntraSaysIsHeldAgainstTheSignIn: each ends the sign-in without anybody
// signed in, and the app hears why.
func TestWhatEntraSaysIsHeldAgainstTheSignIn(t *testing.T) {
	claim := func(name string, value any) func(*front) {
		return func(f *front) { f.id = func(c map[string]any) { c[name] = value } }
	}
	says := func(name string, value any) func(*front) {
		return func(f *front) { f.answer = func(a map[string]any) { a[name] = value } }
	}
	refuses := func(number int) func(*front) {
		return func(f *front) {
			f.answer = func(a map[string]any) { a["error"], a["error_codes"] = "invalid_grant", []int{number} }
		}
	}
	for situation, s := range map[string]struct {
		wrong func(*front)
		code  string
	}{
		"another nonce":              {claim("nonce", "another"), "entra.identity_forged"},
		"no nonce":                   {claim("nonce", ""), "entra.identity_forged"},
		"another audience":           {claim("aud", bert), "entra.identity_forged"},
		"another issuer":             {claim("iss", "https://evil.example/"+rig.Tenant+"/v2.0"), "entra.identity_forged"},
		"an issuer of another":       {claim("iss", "http://login.test/"+bert+"/v2.0"), "entra.identity_forged"},
		"another tenant":             {claim("tid", bert), "entra.identity_forged"},
		"no tenant":                  {claim("tid", ""), "entra.identity_forged"},
		"an id that has expired":     {claim("exp", time.Now().Add(-time.Hour).Unix()), "entra.identity_forged"},
		"an id without an end":       {claim("exp", 0), "entra.identity_forged"},
		"an id of tomorrow":          {claim("nbf", time.Now().Add(24*time.Hour).Unix()), "entra.identity_forged"},
		"an id of nobody":            {claim("oid", ""), "entra.identity_forged"},
		"an id of no GUID":           {claim("oid", "anna"), "entra.identity_forged"},
		"no id token":                {says("id_token", ""), "entra.identity_forged"},
		"an id token that is none":   {says("id_token", "x.y"), "entra.identity_forged"},
		"no refresh token":           {says("refresh_token", ""), "entra.no_refresh"},
		"a token of another kind":    {says("token_type", "mac"), "entra.answer_strange"},
		"a code that was used":       {refuses(54005), "entra.code_used"},
		"a code of another redirect": {refuses(500112), "entra.redirect_unknown"},
		"a wrong verifier":           {refuses(501481), "entra.verifier_wrong"},
		"an administrator is needed": {refuses(90094), "entra.consent_admin"},
		"somebody else":              {func(f *front) { f.who = bert }, "connect.other_account"},
	} {
		t.Run(situation, func(t *testing.T) {
			f := open(t)
			begun, right := f.invited(func(w *connect.Invitation) { w.Account = anna })
			s.wrong(f)
			status, to := f.comes("GET", right.Encode())
			if status != http.StatusSeeOther || to.Get("error") != s.code || to.Get("code") != "" {
				t.Errorf("%d %v", status, to)
			}
			f.nobody()
			p, err := f.Progress(t.Context(), "crm", begun.ID)
			if err != nil || p.State != "failed" || p.Code != s.code || p.Say == "" || p.Do == "" || s.code == "entra.consent_admin" && !strings.Contains(p.Do, "https://admin.example") {
				t.Errorf("%+v %v", p, err)
			}
			f.id, f.answer, f.who = nil, nil, anna
			if status, _ := f.comes("GET", right.Encode()); status != http.StatusConflict {
				t.Errorf("answered again: %d", status)
			}
			f.nobody()
		})
	}
}

func TestASignInIsAnsweredOnceAndInTime(t *testing.T) {
	f := open(t)
	_, right := f.invited(nil)
	if status, to := f.comes("GET", right.Encode()); status != http.StatusSeeOther || to.Get("code") == "" {
		t.Fatalf("%d %v", status, to)
	}
	if status, to := f.comes("GET", right.Encode()); status != http.StatusConflict || to != nil {
		t.Errorf("replayed: %d %v", status, to)
	}
	_, late := f.invited(nil)
	f.ahead = 16 * time.Minute
	if status, to := f.comes("GET", late.Encode()); status != http.StatusGone || to != nil {
		t.Errorf("too late: %d %v", status, to)
	}
	f.ahead = 0
	begun, declined := f.invited(nil)
	declined.Del("code")
	declined.Set("error", "access_denied")
	declined.Set("error_description", "AADSTS65004: declined")
	if _, to := f.comes("GET", declined.Encode()); to.Get("error") != "entra.consent_declined" {
		t.Errorf("declined: %v", to)
	}
	declined.Del("error")
	declined.Set("code", "the code")
	if status, _ := f.comes("GET", declined.Encode()); status != http.StatusConflict {
		t.Errorf("after declining: %d", status)
	}
	if _, err := f.Take(t.Context(), "crm", begun.ID, ""); refusalOf(err) != "connect.code_wrong" {
		t.Errorf("taken all the same: %v", err)
	}
	tampered, right := f.invited(nil)
	other, _ := f.invited(nil)
	f.swap(tampered.ID, other.ID)
	if status, to := f.comes("GET", right.Encode()); status != http.StatusBadRequest || to != nil {
		t.Errorf("with what was sealed for another sign-in: %d %v", status, to)
	}
}

// swap gives a sign-in what was sealed for another.
func (f *front) swap(id, of string) {
	f.Helper()
	a, err := f.rig.Store.SignIn(f.Context(), id)
	if err != nil {
		f.Fatal(err)
	}
	b, err := f.rig.Store.SignIn(f.Context(), of)
	if err != nil {
		f.Fatal(err)
	}
	err = f.rig.Store.Update(f.Context(), func(ctx context.Context, tx graphwarden.Tx) error {
		if err := f.rig.Store.DropSignIn(ctx, tx, id); err != nil {
			return err
		}
		a.Sealed = b.Sealed
		_, err := f.rig.Store.BeginSignIn(ctx, tx, a, 100)
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
}

func TestOnlyTheAppThatAskedTakesAPersonOnce(t *testing.T) {
	f := open(t)
	begun, right := f.invited(nil)
	if _, err := f.Take(t.Context(), "crm", begun.ID, "sc_guessed"); refusalOf(err) != "connect.code_wrong" {
		t.Errorf("before anybody came: %v", err)
	}
	_, to := f.comes("GET", right.Encode())
	for situation, try := range map[string]func() error{
		"a guessed code": func() error { _, err := f.Take(t.Context(), "crm", begun.ID, "sc_guessed"); return err },
		"no code":        func() error { _, err := f.Take(t.Context(), "crm", begun.ID, ""); return err },
		"another app":    func() error { _, err := f.Take(t.Context(), "desk", begun.ID, to.Get("code")); return err },
		"another id":     func() error { _, err := f.Take(t.Context(), "crm", "si_x", to.Get("code")); return err },
		"another's look": func() error { _, err := f.Progress(t.Context(), "desk", begun.ID); return err },
		"too late": func() error {
			f.ahead = 31 * time.Minute
			_, err := f.Take(t.Context(), "crm", begun.ID, to.Get("code"))
			f.ahead = 0
			return err
		},
	} {
		if code := refusalOf(try()); code != "connect.code_wrong" && code != "connect.sign_in_unknown" {
			t.Errorf("%s: %q", situation, code)
		}
	}
	if scope, err := f.Scope(t.Context(), "calendars"); err != nil || len(scope) > 0 {
		t.Errorf("the flow may touch %v before anybody was taken: %v", scope, err)
	}
	if _, err := f.Take(t.Context(), "crm", begun.ID, to.Get("code")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Take(t.Context(), "crm", begun.ID, to.Get("code")); refusalOf(err) != "connect.code_wrong" {
		t.Errorf("taken twice: %v", err)
	}
}

func TestAnInvitationThatMayNotBeIsRefused(t *testing.T) {
	f := open(t)
	for situation, s := range map[string]struct {
		change func(*connect.Invitation)
		code   string
	}{
		"a foreign page":          {func(w *connect.Invitation) { w.ReturnTo = "https://evil.example/connected" }, "connect.return_to"},
		"a page that begins so":   {func(w *connect.Invitation) { w.ReturnTo = appPage + ".evil.example" }, "connect.return_to"},
		"a page above":            {func(w *connect.Invitation) { w.ReturnTo = "https://crm.example/" }, "connect.return_to"},
		"a page in other letters": {func(w *connect.Invitation) { w.ReturnTo = strings.ToUpper(appPage) }, "connect.return_to"},
		"a page without TLS":      {func(w *connect.Invitation) { w.ReturnTo = strings.Replace(appPage, "https", "http", 1) }, "connect.return_to"},
		"a script":                {func(w *connect.Invitation) { w.ReturnTo = "javascript:alert(1)" }, "connect.return_to"},
		"another app's flow":      {func(w *connect.Invitation) { w.Flows = []string{"others"} }, "connect.no_such_flow"},
		"a flow too many":         {func(w *connect.Invitation) { w.Flows = []string{"calendars", "others"} }, "connect.no_such_flow"},
		"another tenant":          {func(w *connect.Invitation) { w.Tenant = "fabrikam" }, "connect.no_such_flow"},
		"another registration":    {func(w *connect.Invitation) { w.Registration = "alone" }, "connect.no_such_flow"},
		"a long state":            {func(w *connect.Invitation) { w.State = strings.Repeat("x", 1025) }, "connect.too_long"},
		"a long hint":             {func(w *connect.Invitation) { w.Hint = strings.Repeat("x", 1025) }, "connect.too_long"},
		"an account by name":      {func(w *connect.Invitation) { w.Account = "anna@contoso.com" }, "connect.account"},
	} {
		w := connect.Invitation{Tenant: "contoso", Registration: "main", Flows: []string{"calendars"}, ReturnTo: appPage}
		s.change(&w)
		if _, err := f.Invite(t.Context(), "crm", "test", w); refusalOf(err) != s.code {
			t.Errorf("%s: %v", situation, err)
		}
	}
	f.Public = ""
	if _, err := f.Invite(t.Context(), "crm", "test", connect.Invitation{Tenant: "contoso", Registration: "main"}); refusalOf(err) != "connect.no_public" {
		t.Errorf("without a public address: %v", err)
	}
	f.Public = signedInAt
	f.AtOnce = 3
	for i := range 4 {
		_, err := f.Invite(t.Context(), "crm", "test", connect.Invitation{Tenant: "contoso", Registration: "main"})
		var later *graphwarden.Later
		if i < 3 && err != nil || i == 3 && !errors.As(err, &later) {
			t.Fatalf("invitation %d: %v", i+1, err)
		}
	}
}

// TestConsentGrowsWithFlows: who consented to calendars is later asked for mail as
// well, and one token then opens both.
func TestConsentGrowsWithFlows(t *testing.T) {
	f := open(t)
	begun, right := f.invited(nil)
	_, to := f.comes("GET", right.Encode())
	if _, err := f.Take(t.Context(), "crm", begun.ID, to.Get("code")); err != nil {
		t.Fatal(err)
	}
	more, right := f.invited(func(w *connect.Invitation) { w.Flows, w.Account = []string{"mail"}, anna })
	u, _ := url.Parse(more.Link)
	if scope := u.Query().Get("scope"); !strings.Contains(scope, "/Mail.Send") || !strings.Contains(scope, "/Calendars.Read") {
		t.Errorf("the link asks for %q", scope)
	}
	f.answer = func(a map[string]any) { a["scope"] = "https://graph.microsoft.com/Mail.Send" }
	_, to = f.comes("GET", right.Encode())
	who, err := f.Take(t.Context(), "crm", more.ID, to.Get("code"))
	if err != nil || fmt.Sprint(who.Flows) != "[calendars mail]" {
		t.Fatalf("%+v %v", who, err)
	}
	token, err := f.Custody.Bearer(t.Context(), f.registration(anna))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Custody.Renew(t.Context(), f.registration(anna), token, ""); err != nil {
		t.Fatal(err)
	}
	if scope := f.forms[len(f.forms)-1].Get("scope"); !strings.Contains(scope, "/Mail.Send") || !strings.Contains(scope, "/Calendars.Read") {
		t.Errorf("renewed with %q", scope)
	}
}

// TestWhomNoAppTookIsForgotten with the token, and who was taken is not.
func TestWhomNoAppTookIsForgotten(t *testing.T) {
	f := open(t)
	begun, right := f.invited(nil)
	_, to := f.comes("GET", right.Encode())
	if _, err := f.Take(t.Context(), "crm", begun.ID, to.Get("code")); err != nil {
		t.Fatal(err)
	}
	f.who = bert
	left, right := f.invited(nil)
	f.comes("GET", right.Encode())
	f.ahead = 31 * time.Minute
	if err := f.Tidy(t.Context()); err != nil {
		t.Fatal(err)
	}
	rows, err := f.rig.Store.SealedTokens(t.Context(), "", "", 10)
	if err != nil || len(rows) != 1 || rows[0].Account != anna {
		t.Errorf("tokens: %+v %v", rows, err)
	}
	if _, err := f.Progress(t.Context(), "crm", left.ID); refusalOf(err) != "connect.sign_in_unknown" {
		t.Errorf("it is remembered: %v", err)
	}
	if err := f.Leave(t.Context(), "", "contoso", "main", anna, "test"); err != nil {
		t.Fatal(err)
	}
	f.nobody()
	if err := f.Leave(t.Context(), "", "contoso", "main", anna, "test"); refusalOf(err) != "connect.person_unknown" {
		t.Errorf("left twice: %v", err)
	}
	f.ahead = 0
	f.who = anna
	again, right := f.invited(nil)
	_, to = f.comes("GET", right.Encode())
	if _, err := f.Take(t.Context(), "crm", again.ID, to.Get("code")); err != nil {
		t.Errorf("who left comes again: %v", err)
	}
	if _, err := f.Custody.Bearer(t.Context(), f.registration(anna)); err != nil {
		t.Errorf("who left and came again: %v", err)
	}
}

// FuzzArrive: whatever a stranger's browser brings, nobody is sent on to the app's
// page who does not bring exactly the state.
func FuzzArrive(f *testing.F) {
	for _, seed := range []string{"code=c&state=x", "state=x;code=c", "%00", "state[]=x", "error=access_denied&state=x", "STATE=x&code=c", "state=x#state=x"} {
		f.Add(seed)
	}
	front := open(f)
	_, right := front.invited(nil) // once: an app may have so many under way
	f.Fuzz(func(t *testing.T, query string) {
		front.TB = t
		w := httptest.NewRecorder()
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://inside"+connect.SignedInPath, nil)
		r.URL.RawQuery = query
		front.ServeHTTP(w, r)
		q, err := url.ParseQuery(query)
		if exact := err == nil && len(q["state"]) == 1 && q.Get("state") == right.Get("state"); w.Header().Get("Location") != "" && !exact {
			t.Errorf("%q was sent on", query)
		}
		front.nobody()
	})
}
