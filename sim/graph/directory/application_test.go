package directory_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

func TestApplicationsAreMadeAndChanged(t *testing.T) {
	try(t, []situation{
		{name: "registered", as: "app", request: "POST /applications", body: `{"displayName":"New","web":{"redirectUris":["https://new.example"]}}`, status: 201,
			want: `"implicitGrantSettings":{"enableAccessTokenIssuance":false,"enableIdTokenIssuance":false}`},
		{name: "not by an ordinary user", as: "bob", request: "POST /applications", body: `{"displayName":"New"}`, status: 403},
		{name: "not without a name", as: "app", request: "POST /applications", body: `{}`, status: 400, want: "displayName"},
		{name: "not with a client id of one's own", as: "app", request: "POST /applications", body: `{"displayName":"New","appId":"{none}"}`, status: 400, want: "read-only"},
		{name: "not with a secret of one's own", as: "app", request: "POST /applications", body: `{"displayName":"New","passwordCredentials":[{"displayName":"x"}]}`, status: 400, want: "generated"},
		{name: "not with what is no certificate", as: "app", request: "POST /applications", body: `{"displayName":"New","keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify","key":"QUJD"}]}`, status: 400, want: "certificate"},
		{name: "read by client id", as: "app", request: "GET /applications(appId='{appId}')", status: 200, want: `"id":"{app}"`},
		{name: "changed by its owner", as: "bob", request: "PATCH /applications/{app}", body: `{"displayName":"Gate"}`, status: 204},
		{name: "not changed by another", as: "dan", request: "PATCH /applications/{app}", body: `{"displayName":"Gate"}`, status: 403},
		{name: "counted", as: "app", request: "GET /applications/$count", header: "ConsistencyLevel: eventual", status: 200, want: "1"},
		{name: "its owners", as: "app", request: "GET /applications/{app}/owners", status: 200, want: `"displayName":"Bob"`},
		{name: "a service principal of nothing", as: "app", request: "POST /servicePrincipals", body: `{"appId":"{none}"}`, status: 400, want: "does not reference a valid application object"},
		{name: "a second service principal", as: "app", request: "POST /servicePrincipals", body: `{"appId":"{appId}"}`, status: 409, want: "Request_MultipleObjectsWithSameKeyValue"},
		{name: "a service principal by client id", as: "app", request: "GET /servicePrincipals(appId='{appId}')", status: 200, want: `"id":"{sp}"`},
		{name: "a service principal switched off", as: "ada", request: "PATCH /servicePrincipals/{sp}", body: `{"accountEnabled":false}`, status: 204},
		{name: "memberships of a service principal", as: "app", request: "GET /servicePrincipals/{sp}/memberOf/microsoft.graph.group/$count", header: "ConsistencyLevel: eventual", status: 200, want: "0"},
		{name: "an extension that is not there", as: "app", request: "GET /applications/{app}/extensionProperties/{none}", status: 404},
	})
}

func TestAnAppOwnsWhatItRegistered(t *testing.T) {
	b := start(t)
	const as = "app:Application.ReadWrite.OwnedBy"
	b.must(403, as, "PATCH /applications/{app}", `{"notes":"x"}`)
	b.must(403, as, "POST /applications/{app}/addPassword", `{}`)
	r := b.must(201, as, "POST /applications", `{"displayName":"Mine"}`)
	b.ids["mine"], b.ids["mineAppId"] = world.Text(r.body, "id"), world.Text(r.body, "appId")
	b.must(200, as, "POST /applications/{mine}/addPassword", `{}`)
	b.must(204, as, "PATCH /applications(appId='{mineAppId}')", `{"notes":"x"}`)
	r = b.must(201, as, "POST /servicePrincipals", `{"appId":"{mineAppId}"}`)
	b.ids["mineSp"] = world.Text(r.body, "id")
	b.must(204, as, "DELETE /servicePrincipals/{mineSp}", "")
	b.must(204, as, "DELETE /applications/{mine}", "")
}

func TestAServicePrincipalFollowsItsApplication(t *testing.T) {
	b := start(t)
	r := b.must(201, "app", "POST /applications", `{"displayName":"New","identifierUris":["api://new"]}`)
	b.ids["new"], b.ids["newAppId"] = world.Text(r.body, "id"), world.Text(r.body, "appId")
	b.must(400, "app", "POST /applications", `{"displayName":"Newer","identifierUris":["api://new"]}`)
	r = b.must(201, "app", "POST /servicePrincipals", `{"appId":"{newAppId}","tags":["x"]}`)
	b.ids["newSp"] = world.Text(r.body, "id")
	b.must(204, "app", "PATCH /applications/{new}", `{"displayName":"Renamed","web":{"redirectUris":["https://new.example"]}}`)
	r = b.must(200, "app", "GET /servicePrincipals/{newSp}?$select=displayName,replyUrls,tags", "")
	if !strings.Contains(r.text, `"displayName":"Renamed"`) || !strings.Contains(r.text, `"replyUrls":["https://new.example"]`) || !strings.Contains(r.text, `"tags":["x"]`) {
		t.Errorf("the service principal is %s", r.text)
	}
	r = b.must(200, "app", "GET /applications/{new}?$select=web", "")
	if web, _ := r.body["web"].(map[string]any); web["implicitGrantSettings"] == nil {
		t.Errorf("a PATCH of a part took the rest away: %s", r.text)
	}
	b.must(204, "app", "DELETE /applications/{new}", "")
	b.must(404, "app", "GET /servicePrincipals/{newSp}", "")
	b.must(200, "app", "GET /directory/deletedItems/{new}", "")
}

func TestSecretsAreShownOnce(t *testing.T) {
	b := start(t)
	r := b.must(200, "app", "POST /applications/{app}/addPassword", `{"passwordCredential":{"displayName":"main"}}`)
	text, id := world.Text(r.body, "secretText"), world.Text(r.body, "keyId")
	if len(text) != 40 || world.Text(r.body, "hint") != text[:3] || world.Text(r.body, "endDateTime") != world.Time(b.from.Add(world.SecretLife)) {
		t.Errorf("the credential is %s", r.text)
	}
	r = b.must(200, "app", "GET /applications/{app}?$select=passwordCredentials", "")
	if !strings.Contains(r.text, id) || strings.Contains(r.text, text) {
		t.Errorf("the application shows %s", r.text)
	}
	b.ids["key"] = id
	b.must(403, "dan", "POST /applications/{app}/removePassword", `{"keyId":"{key}"}`)
	b.must(204, "bob", "POST /applications/{app}/removePassword", `{"keyId":"{key}"}`)
	b.must(400, "bob", "POST /applications/{app}/removePassword", `{"keyId":"{key}"}`)
	b.must(400, "bob", "POST /applications/{app}/addPassword", `{"passwordCredential":{"startDateTime":"2027-01-01T00:00:00Z","endDateTime":"2026-12-01T00:00:00Z"}}`)
	b.must(200, "ada", "POST /servicePrincipals/{sp}/addPassword", `{}`)
}

func TestExtensionsAreDefinedAndUsed(t *testing.T) {
	b := start(t)
	const body = `{"name":"size","dataType":"Integer","targetObjects":["User"]}`
	r := b.must(201, "app", "POST /applications/{app}/extensionProperties", body)
	name := "extension_" + strings.ReplaceAll(b.ids["appId"], "-", "") + "_size"
	if b.ids["ext"] = world.Text(r.body, "id"); world.Text(r.body, "name") != name {
		t.Fatalf("the extension is %s", r.text)
	}
	b.must(400, "app", "POST /applications/{app}/extensionProperties", body)
	b.must(400, "app", "POST /applications/{app}/extensionProperties", `{"name":"size"}`)
	b.must(200, "app", "GET /applications/{app}/extensionProperties", "")
	b.must(200, "app", "GET /applications/{app}/extensionProperties/{ext}", "")
	b.must(204, "app", "PATCH /users/{bob}", `{"`+name+`":7}`)
	if r := b.must(200, "app", "GET /users/{bob}?$select="+name, ""); r.body[name] != 7.0 {
		t.Errorf("the user is %s", r.text)
	}
	if list, _ := b.must(200, "app", "GET /users?$select="+name+"&$filter="+name+" eq 7", "").body["value"].([]any); len(list) != 1 {
		t.Errorf("%d users have the size", len(list))
	}
	b.must(200, "app", "GET /users?$select="+name, "") // most users have none
	b.must(204, "app", "DELETE /applications/{app}/extensionProperties/{ext}", "")
	b.must(404, "app", "DELETE /applications/{app}/extensionProperties/{ext}", "")
	b.must(400, "app", "PATCH /users/{bob}", `{"`+name+`":8}`)
}

// keyPair makes a key and its certificate.
func keyPair(t *testing.T, from time.Time) (*rsa.PrivateKey, []byte) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"},
		NotBefore: from.Add(-time.Hour), NotAfter: from.Add(1000 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return key, der
}

// proof signs a proof of possession; change may spoil its claims.
func proof(t *testing.T, key *rsa.PrivateKey, alg, issuer string, now time.Time, change func(map[string]any)) string {
	t.Helper()
	claims := map[string]any{"aud": "00000002-0000-0000-c000-000000000000", "iss": issuer, "nbf": now.Unix(), "exp": now.Add(10 * time.Minute).Unix()}
	change(claims)
	part := func(v any) string {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(text)
	}
	text := part(map[string]any{"alg": alg, "typ": "JWT"}) + "." + part(claims)
	digest := sha256.Sum256([]byte(text))
	var signature []byte
	var err error
	if alg == "PS256" {
		signature, err = rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest[:], nil)
	} else {
		signature, err = rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA256, digest[:])
	}
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func TestKeysAreAddedByWhoHoldsOne(t *testing.T) {
	b := start(t)
	key, der := keyPair(t, b.from)
	stranger, other := keyPair(t, b.from)
	add := func(proof string) string {
		return `{"keyCredential":{"type":"AsymmetricX509Cert","usage":"Verify","key":"` + base64.StdEncoding.EncodeToString(other) + `"},"passwordCredential":null,"proof":"` + proof + `"}`
	}
	plain := func(map[string]any) {}
	b.must(401, "app", "POST /applications/{app}/addKey", add(proof(t, key, "RS256", b.ids["app"], b.from, plain)))
	err := b.world.Update(func(tx *state.Tx) error {
		o, _ := b.world.Object(tx, b.ids["app"])
		_, err := b.world.AddCertificate(tx, o, "first", der)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, spoiled := range map[string]string{
		"nothing":           "",
		"three words":       "a.b.c",
		"another's key":     proof(t, stranger, "RS256", b.ids["app"], b.from, plain),
		"another's name":    proof(t, key, "RS256", b.ids["sp"], b.from, plain),
		"for another":       proof(t, key, "RS256", b.ids["app"], b.from, func(c map[string]any) { c["aud"] = "https://graph.microsoft.com" }),
		"too late":          proof(t, key, "RS256", b.ids["app"], b.from.Add(-time.Hour), plain),
		"too early":         proof(t, key, "RS256", b.ids["app"], b.from.Add(time.Hour), plain),
		"good for too long": proof(t, key, "RS256", b.ids["app"], b.from, func(c map[string]any) { c["exp"] = b.from.Add(time.Hour).Unix() }),
		"unknown algorithm": proof(t, key, "none", b.ids["app"], b.from, plain),
	} {
		if r := b.ask("app", "POST /applications/{app}/addKey", add(spoiled)); r.status != 401 {
			t.Errorf("%s: %d", name, r.status)
		}
	}
	r := b.must(200, "app", "POST /applications/{app}/addKey", add(proof(t, key, "PS256", b.ids["app"], b.from, plain)))
	b.ids["key"] = world.Text(r.body, "keyId")
	if r := b.must(200, "app", "GET /applications/{app}", ""); strings.Contains(r.text, base64.StdEncoding.EncodeToString(other)) {
		t.Error("the key is shown unasked")
	}
	if r := b.must(200, "app", "GET /applications/{app}?$select=keyCredentials", ""); !strings.Contains(r.text, base64.StdEncoding.EncodeToString(other)) {
		t.Error("the key is not shown on $select")
	}
	remove := func(p string) string { return `{"keyId":"{key}","proof":"` + p + `"}` }
	b.must(401, "app", "POST /applications/{app}/removeKey", remove("x.y.z"))
	good := proof(t, key, "RS256", b.ids["app"], b.from, plain)
	b.must(204, "app", "POST /applications/{app}/removeKey", remove(good))
	b.must(400, "app", "POST /applications/{app}/removeKey", remove(good))
	b.must(204, "app", "PATCH /applications/{app}", `{"keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify","displayName":"set","key":"`+base64.StdEncoding.EncodeToString(other)+`"}]}`)
	if r := b.must(200, "app", "GET /applications/{app}", ""); !strings.Contains(r.text, `"displayName":"set"`) || strings.Contains(r.text, `"displayName":"first"`) {
		t.Errorf("the list was not replaced: %s", r.text)
	}
	r = b.must(200, "app", "GET /applications/{app}", "")
	list, _ := json.Marshal(r.body["keyCredentials"])
	b.must(204, "app", "PATCH /applications/{app}", `{"keyCredentials":`+string(list)+`}`)
	if r := b.must(200, "app", "GET /applications/{app}?$select=keyCredentials", ""); !strings.Contains(r.text, base64.StdEncoding.EncodeToString(other)) {
		t.Error("a list written back as it was read lost a key")
	}
}
