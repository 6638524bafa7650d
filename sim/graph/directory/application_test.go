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

	"github.com/graphwarden/graphwarden/internal/kernel"
	"github.com/graphwarden/graphwarden/sim/world"
	"github.com/graphwarden/graphwarden/sim/world/state"
)

func TestApplicationsAreMadeAndChanged(t *testing.T) {
	try(t, []kernel.Situation{
		{Name: "registered", As: "app", Request: "POST /applications", Body: `{"displayName":"New","web":{"redirectUris":["https://new.example"]}}`, Status: 201,
			Want: `"implicitGrantSettings":{"enableAccessTokenIssuance":false,"enableIdTokenIssuance":false}`},
		{Name: "not by an ordinary user", As: "bob", Request: "POST /applications", Body: `{"displayName":"New"}`, Status: 403},
		{Name: "not without a name", As: "app", Request: "POST /applications", Body: `{}`, Status: 400, Want: "displayName"},
		{Name: "not with a client id of one's own", As: "app", Request: "POST /applications", Body: `{"displayName":"New","appId":"{none}"}`, Status: 400, Want: "read-only"},
		{Name: "not with a secret of one's own", As: "app", Request: "POST /applications", Body: `{"displayName":"New","passwordCredentials":[{"displayName":"x"}]}`, Status: 400, Want: "generated"},
		{Name: "not with what is no certificate", As: "app", Request: "POST /applications", Body: `{"displayName":"New","keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify","key":"QUJD"}]}`, Status: 400, Want: "certificate"},
		{Name: "read by client id", As: "app", Request: "GET /applications(appId='{appId}')", Status: 200, Want: `"id":"{app}"`},
		{Name: "changed by its owner", As: "bob", Request: "PATCH /applications/{app}", Body: `{"displayName":"Gate"}`, Status: 204},
		{Name: "not changed by another", As: "dan", Request: "PATCH /applications/{app}", Body: `{"displayName":"Gate"}`, Status: 403},
		{Name: "counted", As: "app", Request: "GET /applications/$count", Header: "ConsistencyLevel: eventual", Status: 200, Want: "1"},
		{Name: "its owners", As: "app", Request: "GET /applications/{app}/owners", Status: 200, Want: `"displayName":"Bob"`},
		{Name: "a service principal of nothing", As: "app", Request: "POST /servicePrincipals", Body: `{"appId":"{none}"}`, Status: 400, Want: "does not reference a valid application object"},
		{Name: "a second service principal", As: "app", Request: "POST /servicePrincipals", Body: `{"appId":"{appId}"}`, Status: 409, Want: "Request_MultipleObjectsWithSameKeyValue"},
		{Name: "a service principal by client id", As: "app", Request: "GET /servicePrincipals(appId='{appId}')", Status: 200, Want: `"id":"{sp}"`},
		{Name: "a service principal switched off", As: "ada", Request: "PATCH /servicePrincipals/{sp}", Body: `{"accountEnabled":false}`, Status: 204},
		{Name: "memberships of a service principal", As: "app", Request: "GET /servicePrincipals/{sp}/memberOf/microsoft.graph.group/$count", Header: "ConsistencyLevel: eventual", Status: 200, Want: "0"},
		{Name: "an extension that is not there", As: "app", Request: "GET /applications/{app}/extensionProperties/{none}", Status: 404},
	})
}

func TestAnAppOwnsWhatItRegistered(t *testing.T) {
	b := start(t)
	const as = "app:Application.ReadWrite.OwnedBy"
	b.Must(403, as, "PATCH /applications/{app}", `{"notes":"x"}`)
	b.Must(403, as, "POST /applications/{app}/addPassword", `{}`)
	r := b.Must(201, as, "POST /applications", `{"displayName":"Mine"}`)
	b.IDs["mine"], b.IDs["mineAppId"] = world.Text(r.Body, "id"), world.Text(r.Body, "appId")
	b.Must(200, as, "POST /applications/{mine}/addPassword", `{}`)
	b.Must(204, as, "PATCH /applications(appId='{mineAppId}')", `{"notes":"x"}`)
	r = b.Must(201, as, "POST /servicePrincipals", `{"appId":"{mineAppId}"}`)
	b.IDs["mineSp"] = world.Text(r.Body, "id")
	b.Must(204, as, "DELETE /servicePrincipals/{mineSp}", "")
	b.Must(204, as, "DELETE /applications/{mine}", "")
}

func TestAServicePrincipalFollowsItsApplication(t *testing.T) {
	b := start(t)
	r := b.Must(201, "app", "POST /applications", `{"displayName":"New","identifierUris":["api://new"]}`)
	b.IDs["new"], b.IDs["newAppId"] = world.Text(r.Body, "id"), world.Text(r.Body, "appId")
	b.Must(400, "app", "POST /applications", `{"displayName":"Newer","identifierUris":["api://new"]}`)
	r = b.Must(201, "app", "POST /servicePrincipals", `{"appId":"{newAppId}","tags":["x"]}`)
	b.IDs["newSp"] = world.Text(r.Body, "id")
	b.Must(204, "app", "PATCH /applications/{new}", `{"displayName":"Renamed","web":{"redirectUris":["https://new.example"]}}`)
	r = b.Must(200, "app", "GET /servicePrincipals/{newSp}?$select=displayName,replyUrls,tags", "")
	if !strings.Contains(r.Text, `"displayName":"Renamed"`) || !strings.Contains(r.Text, `"replyUrls":["https://new.example"]`) || !strings.Contains(r.Text, `"tags":["x"]`) {
		t.Errorf("the service principal is %s", r.Text)
	}
	r = b.Must(200, "app", "GET /applications/{new}?$select=web", "")
	if web, _ := r.Body["web"].(map[string]any); web["implicitGrantSettings"] == nil {
		t.Errorf("a PATCH of a part took the rest away: %s", r.Text)
	}
	b.Must(204, "app", "DELETE /applications/{new}", "")
	b.Must(404, "app", "GET /servicePrincipals/{newSp}", "")
	b.Must(200, "app", "GET /directory/deletedItems/{new}", "")
}

func TestSecretsAreShownOnce(t *testing.T) {
	b := start(t)
	r := b.Must(200, "app", "POST /applications/{app}/addPassword", `{"passwordCredential":{"displayName":"main"}}`)
	text, id := world.Text(r.Body, "secretText"), world.Text(r.Body, "keyId")
	if len(text) != 40 || world.Text(r.Body, "hint") != text[:3] || world.Text(r.Body, "endDateTime") != world.Time(b.from.Add(world.SecretLife)) {
		t.Errorf("the credential is %s", r.Text)
	}
	r = b.Must(200, "app", "GET /applications/{app}?$select=passwordCredentials", "")
	if !strings.Contains(r.Text, id) || strings.Contains(r.Text, text) {
		t.Errorf("the application shows %s", r.Text)
	}
	b.IDs["key"] = id
	b.Must(403, "dan", "POST /applications/{app}/removePassword", `{"keyId":"{key}"}`)
	b.Must(204, "bob", "POST /applications/{app}/removePassword", `{"keyId":"{key}"}`)
	b.Must(400, "bob", "POST /applications/{app}/removePassword", `{"keyId":"{key}"}`)
	b.Must(400, "bob", "POST /applications/{app}/addPassword", `{"passwordCredential":{"startDateTime":"2027-01-01T00:00:00Z","endDateTime":"2026-12-01T00:00:00Z"}}`)
	b.Must(200, "ada", "POST /servicePrincipals/{sp}/addPassword", `{}`)
}

func TestExtensionsAreDefinedAndUsed(t *testing.T) {
	b := start(t)
	const body = `{"name":"size","dataType":"Integer","targetObjects":["User"]}`
	r := b.Must(201, "app", "POST /applications/{app}/extensionProperties", body)
	name := "extension_" + strings.ReplaceAll(b.IDs["appId"], "-", "") + "_size"
	if b.IDs["ext"] = world.Text(r.Body, "id"); world.Text(r.Body, "name") != name {
		t.Fatalf("the extension is %s", r.Text)
	}
	b.Must(400, "app", "POST /applications/{app}/extensionProperties", body)
	b.Must(400, "app", "POST /applications/{app}/extensionProperties", `{"name":"size"}`)
	b.Must(200, "app", "GET /applications/{app}/extensionProperties", "")
	b.Must(200, "app", "GET /applications/{app}/extensionProperties/{ext}", "")
	b.Must(204, "app", "PATCH /users/{bob}", `{"`+name+`":7}`)
	if r := b.Must(200, "app", "GET /users/{bob}?$select="+name, ""); r.Body[name] != 7.0 {
		t.Errorf("the user is %s", r.Text)
	}
	if list, _ := b.Must(200, "app", "GET /users?$select="+name+"&$filter="+name+" eq 7", "").Body["value"].([]any); len(list) != 1 {
		t.Errorf("%d users have the size", len(list))
	}
	b.Must(200, "app", "GET /users?$select="+name, "") // most users have none
	b.Must(204, "app", "DELETE /applications/{app}/extensionProperties/{ext}", "")
	b.Must(404, "app", "DELETE /applications/{app}/extensionProperties/{ext}", "")
	b.Must(400, "app", "PATCH /users/{bob}", `{"`+name+`":8}`)
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
	b.Must(401, "app", "POST /applications/{app}/addKey", add(proof(t, key, "RS256", b.IDs["app"], b.from, plain)))
	err := b.World.Update(func(tx *state.Tx) error {
		o, _ := b.World.Object(tx, b.IDs["app"])
		_, err := b.World.AddCertificate(tx, o, "first", der)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, spoiled := range map[string]string{
		"nothing":           "",
		"three words":       "a.b.c",
		"another's key":     proof(t, stranger, "RS256", b.IDs["app"], b.from, plain),
		"another's name":    proof(t, key, "RS256", b.IDs["sp"], b.from, plain),
		"for another":       proof(t, key, "RS256", b.IDs["app"], b.from, func(c map[string]any) { c["aud"] = "https://graph.microsoft.com" }),
		"too late":          proof(t, key, "RS256", b.IDs["app"], b.from.Add(-time.Hour), plain),
		"too early":         proof(t, key, "RS256", b.IDs["app"], b.from.Add(time.Hour), plain),
		"good for too long": proof(t, key, "RS256", b.IDs["app"], b.from, func(c map[string]any) { c["exp"] = b.from.Add(time.Hour).Unix() }),
		"unknown algorithm": proof(t, key, "none", b.IDs["app"], b.from, plain),
	} {
		if r := b.Ask("app", "POST /applications/{app}/addKey", add(spoiled)); r.Status != 401 {
			t.Errorf("%s: %d", name, r.Status)
		}
	}
	r := b.Must(200, "app", "POST /applications/{app}/addKey", add(proof(t, key, "PS256", b.IDs["app"], b.from, plain)))
	b.IDs["key"] = world.Text(r.Body, "keyId")
	if r := b.Must(200, "app", "GET /applications/{app}", ""); strings.Contains(r.Text, base64.StdEncoding.EncodeToString(other)) {
		t.Error("the key is shown unasked")
	}
	if r := b.Must(200, "app", "GET /applications/{app}?$select=keyCredentials", ""); !strings.Contains(r.Text, base64.StdEncoding.EncodeToString(other)) {
		t.Error("the key is not shown on $select")
	}
	remove := func(p string) string { return `{"keyId":"{key}","proof":"` + p + `"}` }
	b.Must(401, "app", "POST /applications/{app}/removeKey", remove("x.y.z"))
	good := proof(t, key, "RS256", b.IDs["app"], b.from, plain)
	b.Must(204, "app", "POST /applications/{app}/removeKey", remove(good))
	b.Must(400, "app", "POST /applications/{app}/removeKey", remove(good))
	b.Must(204, "app", "PATCH /applications/{app}", `{"keyCredentials":[{"type":"AsymmetricX509Cert","usage":"Verify","displayName":"set","key":"`+base64.StdEncoding.EncodeToString(other)+`"}]}`)
	if r := b.Must(200, "app", "GET /applications/{app}", ""); !strings.Contains(r.Text, `"displayName":"set"`) || strings.Contains(r.Text, `"displayName":"first"`) {
		t.Errorf("the list was not replaced: %s", r.Text)
	}
	r = b.Must(200, "app", "GET /applications/{app}", "")
	list, _ := json.Marshal(r.Body["keyCredentials"])
	b.Must(204, "app", "PATCH /applications/{app}", `{"keyCredentials":`+string(list)+`}`)
	if r := b.Must(200, "app", "GET /applications/{app}?$select=keyCredentials", ""); !strings.Contains(r.Text, base64.StdEncoding.EncodeToString(other)) {
		t.Error("a list written back as it was read lost a key")
	}
}
