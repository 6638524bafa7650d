package entra_test

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"html"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/entra"
	"github.com/graphwarden/graphwarden/sim/entra/jwt"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// The redirect URIs that the tenant's app "portal" has registered, by platform.
const (
	webRedirect    = "https://portal.example/signed-in"
	nativeRedirect = "http://localhost/native"
	spaRedirect    = "https://spa.example/"
)

// tenant is an Entra with an administrator, an employee and three apps: portal
// (confidential, with every platform), gadget (public) and mine (a single-tenant
// daemon).
type tenant struct {
	*testing.T
	*entra.Entra
	world         *world.World
	server        *httptest.Server
	boss, ann     world.Object
	portal, mine  world.Object
	gadget        world.Object
	secret        string
	daemonsSecret string
	key           *rsa.PrivateKey
	certificate   *x509.Certificate
}

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func open(t *testing.T) *tenant { return openAt(t, "") }

// openAt keeps the tenant in a journal.
func openAt(t *testing.T, journal string) *tenant {
	t.Helper()
	x := &tenant{T: t, world: world.New(world.Options{Seed: 4, Domain: "contoso.example", Name: "Contoso", Journal: journal,
		Now: func() time.Time { return begin }})}
	x.Entra = entra.New(x.world, slog.New(slog.DiscardHandler))
	if err := x.world.Open(x.found); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { x.world.Close() })
	x.server = httptest.NewTLSServer(x.Handler())
	t.Cleanup(x.server.Close)
	return x
}

func (x *tenant) found(tx *state.Tx) error {
	w := x.world
	w.Found(tx)
	hire := func(name string) world.Object {
		o := w.NewUser(tx, world.Doc{"userPrincipalName": name + "@contoso.example", "mail": name + "@contoso.example",
			"displayName": strings.ToUpper(name), "accountEnabled": true})
		w.SetPassword(tx, o.ID, name+"'s password", false)
		return o
	}
	x.boss, x.ann = hire("boss"), hire("ann")
	w.MakeAdministrator(tx, x.boss.ID)
	var s world.Secret
	x.portal, _ = w.NewRegistration(tx, world.Registration{Name: "portal", MultiTenant: true, Web: []string{webRedirect},
		Native: []string{nativeRedirect}, SPA: []string{spaRedirect},
		Application: []string{"Calendars.Read"}, Delegated: []string{"User.Read", "Calendars.Read"}})
	x.portal, s = w.AddSecret(tx, x.portal, "", begin.Add(-time.Hour), begin.AddDate(1, 0, 0))
	x.secret = s.Text
	x.gadget, _ = w.NewRegistration(tx, world.Registration{Name: "gadget", MultiTenant: true, Public: true, Native: []string{nativeRedirect}})
	mine, principal := w.NewRegistration(tx, world.Registration{Name: "mine", Application: []string{"Calendars.Read"}})
	x.mine, s = w.AddSecret(tx, mine, "", begin.Add(-time.Hour), begin.AddDate(1, 0, 0))
	x.daemonsSecret = s.Text
	w.ConsentRequired(tx, x.mine, principal)
	return nil
}

// update changes the tenant.
func (x *tenant) update(f func(tx *state.Tx)) {
	x.Helper()
	if err := x.world.Update(func(tx *state.Tx) error { f(tx); return nil }); err != nil {
		x.Fatal(err)
	}
}

// certify gives the daemon a certificate.
func (x *tenant) certify() {
	x.Helper()
	k, err := jwt.Draw("mine", begin)
	if err != nil {
		x.Fatal(err)
	}
	signer, err := k.Signer()
	if err != nil {
		x.Fatal(err)
	}
	x.key = signer.(*rsa.PrivateKey)
	if x.certificate, err = x509.ParseCertificate(k.Certificate); err != nil {
		x.Fatal(err)
	}
	x.update(func(tx *state.Tx) {
		if x.mine, err = x.world.AddCertificate(tx, x.mine, "", k.Certificate); err != nil {
			x.Fatal(err)
		}
	})
}

func id(app world.Object) string { return world.Text(app.Doc, "appId") }

// form is a request's parameters.
type form map[string]string

func (f form) with(more form) form {
	all := maps.Clone(f)
	maps.Copy(all, more)
	return all
}

func (f form) values() url.Values {
	out := url.Values{}
	for k, v := range f {
		if v != "" {
			out.Set(k, v)
		}
	}
	return out
}

// answer is what an endpoint answered: its status and its JSON.
type answer struct {
	status int
	body   map[string]any
}

func (a answer) text(name string) string { s, _ := a.body[name].(string); return s }

// code is the first of error_codes.
func (a answer) code() int {
	codes, _ := a.body["error_codes"].([]any)
	if len(codes) == 0 {
		return 0
	}
	n, _ := codes[0].(float64)
	return int(n)
}

// post sends a form to an endpoint of a tenant's path.
func (x *tenant) post(realm, endpoint string, f form, header ...string) answer {
	x.Helper()
	r, err := http.NewRequestWithContext(x.Context(), "POST", x.server.URL+"/"+realm+"/oauth2/v2.0/"+endpoint, strings.NewReader(f.values().Encode()))
	if err != nil {
		x.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return x.do(r)
}

func (x *tenant) token(f form, header ...string) answer {
	x.Helper()
	return x.post(x.world.TenantID, "token", f, header...)
}

func (x *tenant) get(path string) answer {
	x.Helper()
	r, err := http.NewRequestWithContext(x.Context(), "GET", x.server.URL+path, nil)
	if err != nil {
		x.Fatal(err)
	}
	return x.do(r)
}

func (x *tenant) do(r *http.Request) answer {
	x.Helper()
	resp, err := x.server.Client().Do(r)
	if err != nil {
		x.Fatal(err)
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, body: map[string]any{}}
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		x.Fatal(err)
	}
	_ = json.Unmarshal(raw, &a.body) // pages are no JSON
	return a
}

// claims reads a token's claims without judging it.
func claims(t *testing.T, token string) map[string]any {
	t.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		t.Fatalf("%q is no JWT", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]any{}
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// browser is a person's browser: it keeps cookies and stops where a client's
// address begins.
type browser struct {
	*tenant
	client http.Client
	landed string // the client's address that it was sent to last
	page   string
	status int
}

func (x *tenant) browser() *browser {
	b := &browser{tenant: x, client: *x.server.Client()}
	b.client.Jar, _ = cookiejar.New(nil)
	b.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), x.server.URL) {
			return nil
		}
		b.landed = r.URL.String()
		return http.ErrUseLastResponse
	}
	return b
}

// open goes to an address of the tenant's.
func (b *browser) open(path string) *browser {
	b.Helper()
	return b.take(b.client.Get(b.server.URL + path))
}

func (b *browser) take(resp *http.Response, err error) *browser {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		b.Fatal(err)
	}
	b.page, b.status = string(raw), resp.StatusCode
	return b
}

var (
	hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)
	action = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
)

// submit fills the page's form in.
func (b *browser) submit(f form) *browser {
	b.Helper()
	to := action.FindStringSubmatch(b.page)
	if to == nil {
		b.Fatalf("no form on the page:\n%s", b.page)
	}
	all := f.values()
	for _, m := range hidden.FindAllStringSubmatch(b.page, -1) {
		all.Set(m[1], html.UnescapeString(m[2]))
	}
	return b.take(b.client.PostForm(b.server.URL+html.UnescapeString(to[1]), all))
}

func (b *browser) signIn(name string) *browser {
	b.Helper()
	return b.submit(form{"login": name + "@contoso.example", "passwd": name + "'s password"})
}

// result is what the client's address was given, in query or fragment.
func (b *browser) result() url.Values {
	b.Helper()
	u, err := url.Parse(b.landed)
	if err != nil || b.landed == "" {
		b.Fatalf("the browser is not back at the client (%v):\n%s", err, b.page)
	}
	if u.Fragment != "" {
		q, err := url.ParseQuery(u.Fragment)
		if err != nil {
			b.Fatal(err)
		}
		return q
	}
	return u.Query()
}

// authorize is the path of an authorization request.
func (x *tenant) authorize(f form) string {
	return "/" + x.world.TenantID + "/oauth2/v2.0/authorize?" + f.values().Encode()
}

// ask is a usual authorization request of the portal's.
func (x *tenant) ask() form {
	return form{"client_id": id(x.portal), "response_type": "code", "redirect_uri": webRedirect, "state": "s1",
		"scope": "openid profile offline_access User.Read"}
}

const verifier = "a-verifier-that-is-long-enough-for-rfc-7636-to-take"

func challenge() string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// code signs ann in and gives a code for a request.
func (x *tenant) code(f form) string {
	x.Helper()
	b := x.browser().open(x.authorize(f)).signIn("ann")
	if b.landed == "" {
		b.submit(form{"consent": "accept"})
	}
	code := b.result().Get("code")
	if code == "" {
		x.Fatalf("no code: %v", b.result())
	}
	return code
}

// redeem is the token request that goes with ask.
func (x *tenant) redeem(code string) form {
	return form{"grant_type": "authorization_code", "client_id": id(x.portal), "client_secret": x.secret, "code": code,
		"redirect_uri": webRedirect, "scope": "openid profile offline_access User.Read"}
}
