package apptoken_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/apptoken"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/internal/simulated"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

// kit is a desk before a simulated tenant that has an API for Graphwarden.
type kit struct {
	*testing.T
	tenant *simulated.Tenant
	rooms  simulated.Rooms
	api    string // its client id
	now    time.Time
	source *source
	desk   *apptoken.Desk
	config apptoken.Config
	key    *rsa.PrivateKey // that the tenant signs with
}

const uri = "api://graphwarden.example"

// source is the tenant's authority with what a test has happen to it.
type source struct {
	real  apptoken.Source
	asked int
	down  bool
	also  map[string]*rsa.PublicKey // keys that the tenant has besides
	gone  bool                      // those that it had are taken back
	hold  chan struct{}             // it answers once this is closed; nil: at once
	begun chan struct{}             // gets one for each question while it holds
}

func (s *source) SigningKeys(ctx context.Context, t graphwarden.Tenant) (map[string]*rsa.PublicKey, error) {
	s.asked++
	if s.hold != nil {
		s.begun <- struct{}{}
		<-s.hold
	}
	if s.down {
		return nil, errors.New("nobody answers")
	}
	keys, err := s.real.SigningKeys(ctx, t)
	if s.gone {
		keys = map[string]*rsa.PublicKey{}
	}
	maps.Copy(keys, s.also)
	return keys, err
}

// open makes a kit whose API asks for tokens of a version, and for idtyp or not.
func open(t *testing.T, version int, idtyp bool) *kit {
	t.Helper()
	k := &kit{T: t, tenant: simulated.New(t), now: time.Now()}
	door := k.tenant.Door(t, "everything")
	door.Now = func() time.Time { return k.now }
	k.rooms = k.tenant.Knock(t, door)
	wanted := map[string]any{"displayName": "Graphwarden", "identifierUris": []string{uri}, "api": map[string]any{"requestedAccessTokenVersion": version}}
	if idtyp {
		wanted["optionalClaims"] = map[string]any{"accessToken": []any{map[string]any{"name": "idtyp", "essential": false}}}
	}
	made := k.tenant.Ask(t, http.MethodPost, "/v1.0/applications", wanted)
	k.api, _ = made["appId"].(string)
	k.tenant.Ask(t, http.MethodPost, "/v1.0/servicePrincipals", map[string]any{"appId": k.api})
	k.source = &source{real: k.rooms.Entra, also: map[string]*rsa.PublicKey{}}
	k.config = apptoken.Config{Source: k.source, Now: func() time.Time { return k.now }, Log: slog.New(slog.DiscardHandler),
		Tenants: []apptoken.Tenant{{Tenant: k.rooms.Tenant, Issuers: entra.Issuers(k.rooms.Tenant), Audiences: []string{uri, k.api}}},
		Callers: []apptoken.Caller{{Name: "crm-prod", App: "crm", Tenant: "contoso", Client: k.tenant.App(t, "everything").ClientID, Write: true, Flows: []string{"office"}}}}
	k.desk = apptoken.New(k.config)
	drawn, err := k.tenant.World.KeyFor("entra.tokens", func(*state.Tx) (world.Key, error) { return world.Key{}, errors.New("there is none yet") })
	if err != nil {
		t.Fatal(err)
	}
	signer, err := drawn.Signer()
	if err != nil {
		t.Fatal(err)
	}
	k.key = signer.(*rsa.PrivateKey)
	return k
}

// token has the tenant issue a token to an app of its.
func (k *kit) token(app, scope string) string {
	k.Helper()
	a := k.tenant.App(k.T, app)
	return k.issued(url.Values{"grant_type": {"client_credentials"}, "client_id": {a.ClientID}, "client_secret": {a.ClientSecret}, "scope": {scope}})
}

func (k *kit) issued(form url.Values) string {
	k.Helper()
	r := httptest.NewRequestWithContext(k.Context(), http.MethodPost, k.tenant.Cloud.Login+"/"+k.rooms.Tenant.ID+"/oauth2/v2.0/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	k.tenant.Handler().ServeHTTP(w, r)
	var out struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || out.Token == "" {
		k.Fatalf("Entra answered %d %s", w.Code, w.Body)
	}
	return out.Token
}

func code(err error) string {
	var r *graphwarden.Refusal
	if errors.As(err, &r) {
		return r.Code
	}
	return fmt.Sprint(err)
}

type object = map[string]any

// parts are the header and the claims of a token.
func parts(t *testing.T, token string) (header, claims object) {
	t.Helper()
	for i, into := range []*object{&header, &claims} {
		raw, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[i])
		if err != nil {
			t.Fatal(err)
		}
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		if err := d.Decode(into); err != nil {
			t.Fatal(err)
		}
	}
	return header, claims
}

func b64(v any) string {
	raw, is := v.([]byte)
	if !is {
		raw, _ = json.Marshal(v)
	}
	return base64.RawURLEncoding.EncodeToString(raw)
}

// sign signs text as RS256 does.
func sign(key *rsa.PrivateKey, head, body any) string {
	text := b64(head) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	s, err := rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, sum[:])
	if err != nil {
		panic(err)
	}
	return text + "." + b64(s)
}

func TestAnAppIsLetInByItsTenantsToken(t *testing.T) {
	for name, s := range map[string]struct {
		version int
		idtyp   bool
	}{"version 1": {1, false}, "version 1 with idtyp": {1, true}, "version 2": {2, false}, "version 2 with idtyp": {2, true}} {
		k := open(t, s.version, s.idtyp)
		for _, scope := range []string{uri + "/.default", k.api + "/.default"} {
			token := k.token("everything", scope)
			_, claims := parts(t, token)
			if _, has := claims["idtyp"]; has != s.idtyp || claims["ver"] != fmt.Sprintf("%d.0", s.version) {
				t.Fatalf("%s: the tenant issues %v", name, claims)
			}
			got, err := k.desk.Admit(t.Context(), token)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, scope, err)
			}
			oid, _ := claims["oid"].(string)
			if want := "token:" + k.config.Callers[0].Client + "/" + oid; got.ID != want || got.App != "crm" || !got.Write || len(got.Flows) != 1 {
				t.Errorf("%s: let in as %+v, want %s", name, got, want)
			}
			if err := k.desk.Still(t.Context(), got); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if k.source.asked != 1 {
			t.Errorf("%s: the keys were read %d times", name, k.source.asked)
		}
	}
}

// TestNoOtherTokenLetsAnybodyIn shows each guard a token that nothing else is wrong with:
// most are signed with the tenant's own key.
func TestNoOtherTokenLetsAnybodyIn(t *testing.T) {
	k := open(t, 1, true)
	good := k.token("everything", uri+"/.default")
	header, claims := parts(t, good)
	if _, err := k.desk.Admit(t.Context(), sign(k.key, header, claims)); err != nil {
		t.Fatalf("what is signed anew is not let in, so that this test shows nothing: %v", err)
	}
	with := func(change object) string {
		c := maps.Clone(claims)
		maps.Copy(c, change)
		maps.DeleteFunc(c, func(_ string, v any) bool { return v == nil })
		return sign(k.key, header, c)
	}
	headed := func(change object) object {
		h := maps.Clone(header)
		maps.Copy(h, change)
		return h
	}
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	second := object{"ver": "2.0", "iss": k.tenant.Cloud.Login + "/" + k.rooms.Tenant.ID + "/v2.0", "azp": claims["appid"], "aud": k.api, "appid": nil}
	if _, err := k.desk.Admit(t.Context(), with(second)); err != nil {
		t.Fatalf("of version 2: %v", err)
	}
	also := func(change object) string {
		c := maps.Clone(second)
		maps.Copy(c, change)
		return with(c)
	}
	hs := func(secret []byte) string {
		text := b64(headed(object{"alg": "HS256"})) + "." + b64(claims)
		mac := hmac.New(sha256.New, secret)
		mac.Write([]byte(text))
		return text + "." + b64(mac.Sum(nil))
	}
	pss := func() string {
		text := b64(headed(object{"alg": "PS256"})) + "." + b64(claims)
		sum := sha256.Sum256([]byte(text))
		s, err := rsa.SignPSS(rand.Reader, k.key, crypto.SHA256, sum[:], nil)
		if err != nil {
			t.Fatal(err)
		}
		return text + "." + b64(s)
	}
	head, body, signature := strings.Split(good, ".")[0], strings.Split(good, ".")[1], strings.Split(good, ".")[2]
	raw, _ := json.Marshal(claims)
	twice := func(name, value string) string {
		return sign(k.key, header, append([]byte(fmt.Sprintf(`{%q:%q,`, name, value)), raw[1:]...))
	}
	jwk := object{"kty": "RSA", "n": b64(other.N.Bytes()), "e": b64(big.NewInt(int64(other.E)).Bytes())}
	foreign := "11111111-2222-3333-4444-555555555555"
	unix := func(d time.Duration) int64 { return k.now.Add(d).Unix() }
	for name, s := range map[string][2]string{
		"nothing but a beginning":      {"eyJ", "api.entra_forged"},
		"two parts":                    {head + "." + body, "api.entra_forged"},
		"four parts":                   {good + "." + signature, "api.entra_forged"},
		"an encrypted token's five":    {good + ".a.b", "api.entra_forged"},
		"no signature":                 {head + "." + body + ".", "api.entra_forged"},
		"half a signature":             {good[:len(good)-100], "api.entra_forged"},
		"a letter behind it":           {good + "A", "api.entra_forged"},
		"another spelling of its end":  {good[:len(good)-1] + string(good[len(good)-1]+1), "api.entra_forged"},
		"padding":                      {good + "=", "api.entra_forged"},
		"a line's end in it":           {head + "." + body + "." + signature[:9] + "\n" + signature[9:], "api.entra_forged"},
		"a signature of other claims":  {head + "." + b64(object{"aud": uri, "iss": claims["iss"], "tid": claims["tid"], "ver": "1.0"}) + "." + signature, "api.entra_forged"},
		"very long":                    {with(object{"groups": strings.Repeat("x", 64<<10)}), "api.entra_forged"},
		"alg none":                     {b64(headed(object{"alg": "none"})) + "." + body + ".", "api.entra_forged"},
		"alg none, with a signature":   {b64(headed(object{"alg": "none"})) + "." + body + "." + signature, "api.entra_forged"},
		"alg None":                     {b64(headed(object{"alg": "None"})) + "." + body + ".", "api.entra_forged"},
		"no alg":                       {sign(k.key, headed(object{"alg": nil}), claims), "api.entra_forged"},
		"HS256 with the public key":    {hs(k.key.N.Bytes()), "api.entra_forged"},
		"HS256 with nothing":           {hs(nil), "api.entra_forged"},
		"PS256 with the tenant's key":  {pss(), "api.entra_forged"},
		"rs256, by another spelling":   {sign(k.key, headed(object{"alg": "rs256"}), claims), "api.entra_forged"},
		"what must be understood":      {sign(k.key, headed(object{"crit": []string{"b64"}, "b64": false}), claims), "api.entra_forged"},
		"another's key":                {sign(other, header, claims), "api.entra_forged"},
		"another's key, brought along": {sign(other, headed(object{"jwk": jwk, "kid": "mine"}), claims), "api.entra_forged"},
		"a key to be fetched":          {sign(other, headed(object{"jku": "https://evil.example/keys", "x5u": "https://evil.example/c"}), claims), "api.entra_forged"},
		"a key that there is not":      {sign(k.key, headed(object{"kid": "none"}), claims), "api.entra_forged"},
		"no key named":                 {sign(k.key, headed(object{"kid": nil}), claims), "api.entra_forged"},
		"claims that are a list":       {sign(k.key, header, []byte(`[]`)), "api.entra_forged"},
		"claims that are no JSON":      {sign(k.key, header, []byte(`{"aud":`)), "api.entra_forged"},
		"more behind the claims":       {sign(k.key, header, append(bytes.Clone(raw), []byte(`{}`)...)), "api.entra_forged"},
		"an audience twice":            {twice("aud", "https://x.example"), "api.entra_forged"},
		"an app twice, in capitals":    {twice("AppId", foreign), "api.entra_forged"},
		"a list of audiences":          {with(object{"aud": []string{uri}}), "api.entra_forged"},
		"for Microsoft Graph":          {k.token("everything", "https://graph.microsoft.com/.default"), "api.entra_graph"},
		"for Graph, by its id":         {with(object{"aud": "00000003-0000-0000-c000-000000000000"}), "api.entra_graph"},
		"for Graph of a cloud":         {with(object{"aud": "https://graph.microsoft.us/"}), "api.entra_graph"},
		"for Exchange":                 {with(object{"aud": "https://outlook.office365.com"}), "api.entra_audience"},
		"for another API":              {with(object{"aud": "api://other"}), "api.entra_audience"},
		"for an API named alike":       {with(object{"aud": uri + "/"}), "api.entra_audience"},
		"for nothing":                  {with(object{"aud": nil}), "api.entra_audience"},
		"for the app itself":           {with(object{"aud": claims["appid"]}), "api.entra_audience"},
		"of another tenant":            {with(object{"tid": foreign, "iss": "https://sts.windows.net/" + foreign + "/"}), "api.entra_tenant"},
		"of another tenant's issuer":   {with(object{"iss": "https://sts.windows.net/" + foreign + "/"}), "api.entra_tenant"},
		"of another tenant, issued":    {with(object{"tid": foreign}), "api.entra_tenant"},
		"of no tenant":                 {with(object{"tid": nil}), "api.entra_tenant"},
		"of no issuer":                 {with(object{"iss": nil}), "api.entra_tenant"},
		"of an issuer without a slash": {with(object{"iss": "https://sts.windows.net/" + k.rooms.Tenant.ID}), "api.entra_tenant"},
		"of a longer issuer":           {with(object{"iss": claims["iss"].(string) + "evil"}), "api.entra_tenant"},
		"of an issuer by http":         {with(object{"iss": strings.Replace(claims["iss"].(string), "https", "http", 1)}), "api.entra_tenant"},
		"of everybody's issuer":        {also(object{"iss": k.tenant.Cloud.Login + "/common/v2.0"}), "api.entra_tenant"},
		"version 1 by 2's issuer":      {also(object{"ver": "1.0", "appid": claims["appid"]}), "api.entra_tenant"},
		"version 2 by 1's issuer":      {with(object{"ver": "2.0", "azp": claims["appid"]}), "api.entra_tenant"},
		"expired":                      {with(object{"exp": unix(-apptoken.Skew - time.Second)}), "api.entra_expired"},
		"without an end":               {with(object{"exp": nil}), "api.entra_expired"},
		"not valid yet":                {with(object{"nbf": unix(apptoken.Skew + 2*time.Second)}), "api.entra_early"},
		"a person's":                   {with(object{"idtyp": "user"}), "api.entra_person"},
		"a person's by its scopes":     {with(object{"scp": "access_as_user"}), "api.entra_person"},
		"a person's by its subject":    {with(object{"idtyp": nil, "sub": "x"}), "api.entra_person"},
		"a device's":                   {with(object{"idtyp": "device"}), "api.entra_person"},
		"of no object":                 {with(object{"oid": nil, "sub": nil}), "api.entra_person"},
		"of another app":               {k.token("reader", uri+"/.default"), "api.entra_app"},
		"of an app by azp":             {with(object{"appid": foreign, "azp": claims["appid"]}), "api.entra_app"},
		"of no app":                    {with(object{"appid": nil}), "api.entra_app"},
		"2, of an app by appid":        {also(object{"azp": foreign, "appid": claims["appid"]}), "api.entra_app"},
	} {
		if key, err := k.desk.Admit(t.Context(), s[0]); code(err) != s[1] || key.App != "" {
			t.Errorf("%s: %+v, %v, want %s", name, key, err, s[1])
		}
	}
	for name, token := range map[string]string{
		"that ended while clocks differ":    with(object{"exp": unix(-apptoken.Skew + 2*time.Second)}),
		"that begins while clocks differ":   with(object{"nbf": unix(apptoken.Skew - 2*time.Second)}),
		"for the API's id in other letters": also(object{"aud": strings.ToUpper(k.api)}),
	} {
		if _, err := k.desk.Admit(t.Context(), token); err != nil {
			t.Errorf("a token %s: %v", name, err)
		}
	}
}

func TestATokenIsTakenFromItsObjectAndItsNetworksOnly(t *testing.T) {
	k := open(t, 2, false)
	token := k.token("everything", uri+"/.default")
	_, claims := parts(t, token)
	oid, _ := claims["oid"].(string)
	caller := &k.config.Callers[0]
	for _, s := range []struct {
		object, remote, want string
	}{
		{oid, "10.1.2.3:4", "<nil>"}, {strings.ToUpper(oid), "[::ffff:10.1.2.3]:4", "<nil>"},
		{"11111111-2222-3333-4444-555555555555", "10.1.2.3:4", "api.entra_app"},
		{oid, "10.2.2.3:4", "api.entra_network"}, {"", "192.0.2.1:1", "api.entra_network"}, {"", "", "api.entra_network"},
	} {
		caller.Object, caller.Networks = s.object, []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}
		if _, err := apptoken.New(k.config).Admit(gate.From(t.Context(), s.remote), token); code(err) != s.want {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestWhatATokenOpenedEndsWithItAndWithItsEntry(t *testing.T) {
	k := open(t, 2, false)
	token := k.token("everything", uri+"/.default")
	got, err := k.desk.Admit(t.Context(), token)
	if err != nil {
		t.Fatal(err)
	}
	k.now = got.ExpiresAt.Add(-time.Second)
	if err := k.desk.Still(t.Context(), got); err != nil {
		t.Error(err)
	}
	k.now = got.ExpiresAt
	if err := k.desk.Still(t.Context(), got); code(err) != "api.entra_expired" {
		t.Errorf("it goes on behind its end: %v", err)
	}
	k.now = time.Now()
	k.config.Callers[0].Client = "11111111-2222-3333-4444-555555555555"
	without := apptoken.New(k.config)
	if err := without.Still(t.Context(), got); code(err) != "api.entra_expired" {
		t.Errorf("a stream goes on without its entry: %v", err)
	}
	if _, err := without.Admit(t.Context(), token); code(err) != "api.entra_app" {
		t.Errorf("it is let in without its entry: %v", err)
	}
	k.config.Callers = nil
	if _, err := apptoken.New(k.config).Admit(t.Context(), token); code(err) != "api.entra_off" {
		t.Errorf("it is let in where no app shows tokens: %v", err)
	}
}

func TestRefusalsSayWhatToAskEntraFor(t *testing.T) {
	k := open(t, 2, false)
	for name, desk := range map[string]*apptoken.Desk{uri + "/.default": k.desk, "gwk_": apptoken.New(apptoken.Config{Now: k.config.Now, Log: k.config.Log})} {
		_, err := desk.Admit(t.Context(), k.token("everything", "https://graph.microsoft.com/.default"))
		if code(err) != "api.entra_graph" || !strings.Contains(err.Error(), name) {
			t.Errorf("%v, want %s in it", err, name)
		}
	}
}

func TestATenantIsAskedForItsKeysAsSeldomAsCanBe(t *testing.T) {
	k := open(t, 2, false)
	good := k.token("everything", uri+"/.default")
	header, claims := parts(t, good)
	claims["exp"] = k.now.Add(100 * time.Hour).Unix() // so that only the keys grow old
	good = sign(k.key, header, claims)
	unknown := func(kid string) string { header["kid"] = kid; return sign(k.key, header, claims) }
	see := func(what string, token, want string, asked int) {
		t.Helper()
		if _, err := k.desk.Admit(t.Context(), token); code(err) != want || k.source.asked != asked {
			t.Errorf("%s: %v, asked %d times; want %s, %d", what, err, k.source.asked, want, asked)
		}
	}
	see("the first", good, "<nil>", 1)
	for i := range 100 {
		see("unknown keys at once", unknown(fmt.Sprint(i)), "api.entra_forged", 1)
	}
	k.now = k.now.Add(apptoken.TryEvery)
	for i := range 100 {
		see("and a minute later", unknown(fmt.Sprint(i)), "api.entra_forged", 2)
	}
	see("known ones need no asking", good, "<nil>", 2)
	// The tenant signs with another key, which it has had for a moment.
	k.now = k.now.Add(apptoken.TryEvery)
	k.source.also["fresh"] = &k.key.PublicKey
	see("a new key", unknown("fresh"), "<nil>", 3)
	// It takes the old one back.
	k.source.gone = true
	k.now = k.now.Add(apptoken.FreshFor - time.Second)
	see("the old key until keys are read anew", good, "<nil>", 3)
	k.now = k.now.Add(time.Second)
	see("and no longer", good, "api.entra_forged", 4)
	see("the new one goes on", unknown("fresh"), "<nil>", 4)
	// Strange tokens ask nobody.
	k.now = k.now.Add(apptoken.TryEvery)
	for name, change := range map[string]object{"api.entra_tenant": {"tid": "11111111-2222-3333-4444-555555555555"}, "api.entra_audience": {"aud": "api://x"}} {
		c := maps.Clone(claims)
		maps.Copy(c, change)
		see("of others", sign(k.key, object{"alg": "RS256", "kid": "zzz"}, c), name, 4)
	}
}

func TestAnOutageOfEntrasIsBorneForADay(t *testing.T) {
	k := open(t, 2, false)
	header, claims := parts(t, k.token("everything", uri+"/.default"))
	claims["exp"] = k.now.Add(100 * time.Hour).Unix()
	good := sign(k.key, header, claims)
	see := func(what, want string) {
		t.Helper()
		if _, err := k.desk.Admit(t.Context(), good); code(err) != want {
			t.Errorf("%s: %v, want %s", what, err, want)
		}
	}
	k.source.down = true
	see("before keys were ever read", "api.entra_keys")
	k.source.down = false
	see("within the minute", "api.entra_keys")
	k.now = k.now.Add(apptoken.TryEvery)
	see("once it answers", "<nil>")
	k.source.down = true
	read := k.now
	for _, after := range []time.Duration{apptoken.FreshFor, 12 * time.Hour, apptoken.GoodFor - time.Second} {
		k.now = read.Add(after)
		see("by keys that are "+after.String()+" old", "<nil>")
	}
	k.config.Before = k.desk
	k.desk = apptoken.New(k.config)
	see("also once another configuration is in force", "<nil>")
	header["kid"] = "another"
	unknown := sign(k.key, header, claims)
	if _, err := k.desk.Admit(t.Context(), unknown); code(err) != "api.entra_keys" {
		t.Errorf("a key that may be new: %v", err)
	}
	k.now = read.Add(apptoken.GoodFor)
	see("by keys of yesterday", "api.entra_keys")
	k.source.down = false
	k.now = k.now.Add(apptoken.TryEvery)
	see("by itself", "<nil>")
}

// TestManyWhoAskAtOnceShareOneReading, and who leaves takes nobody along.
func TestManyWhoAskAtOnceShareOneReading(t *testing.T) {
	k := open(t, 2, false)
	good := k.token("everything", uri+"/.default")
	k.source.hold, k.source.begun = make(chan struct{}), make(chan struct{}, 100)
	first, leave := context.WithCancel(t.Context())
	ended := make(chan error, 100)
	admit := func(ctx context.Context) {
		_, err := k.desk.Admit(ctx, good)
		ended <- err
	}
	go admit(first)
	<-k.source.begun
	const others = 30
	for range others {
		go admit(t.Context())
	}
	gone, go1 := context.WithCancel(t.Context())
	go1()
	admit(gone)
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("who left is answered %v", err)
	}
	leave() // who reads goes, too; the others get what it reads
	close(k.source.hold)
	left := 0
	for range others + 1 {
		if err := <-ended; errors.Is(err, context.Canceled) {
			left++
		} else if err != nil {
			t.Error(err)
		}
	}
	if left > 1 || k.source.asked != 1 {
		t.Errorf("%d left, and the tenant was asked %d times", left, k.source.asked)
	}
}
