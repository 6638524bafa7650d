package sim_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"net/url"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/sim"
)

// keyed is a private key with its certificate.
type keyed struct {
	key *rsa.PrivateKey
	der []byte
}

func newKeyed(t *testing.T, now time.Time) keyed {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	card := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, card, card, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return keyed{key, der}
}

// sign makes a JSON Web Token of claims.
func (k keyed) sign(t *testing.T, claims doc) string {
	t.Helper()
	part := func(d doc) string {
		b, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(b)
	}
	thumb := sha1.Sum(k.der)
	text := part(doc{"alg": "RS256", "typ": "JWT", "x5t": base64.RawURLEncoding.EncodeToString(thumb[:])}) + "." + part(claims)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, k.key, crypto.SHA256, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

// TestACertificateIsRotatedThroughGraph: set by an administrator, then rolled by
// the app itself, which needs no permission for that but the key that it has
// (application-addkey; concepts/application-rollkey-prooftoken).
func TestACertificateIsRotatedThroughGraph(t *testing.T) {
	x := start(t, sim.Options{})
	now := x.World.Clock().Now()
	old, fresh := newKeyed(t, now), newKeyed(t, now)
	client := x.app("nothing").ClientID
	_, list := x.call("GET", "/v1.0/applications?$filter=appId eq '"+client+"'&$select=id", x.ready.Tokens.Admin, nil)
	id := list["value"].([]any)[0].(doc)["id"].(string)
	at := "/v1.0/applications/" + id
	entry := func(k keyed) doc {
		return doc{"type": "AsymmetricX509Cert", "usage": "Verify", "key": base64.StdEncoding.EncodeToString(k.der)}
	}
	if status, out := x.call("PATCH", at, x.ready.Tokens.Admin, doc{"keyCredentials": []doc{entry(old)}}); status != 204 {
		t.Fatalf("%d %v", status, out)
	}
	signIn := func(k keyed) (int, doc) {
		endpoint := "https://login.microsoftonline.com/" + x.ready.Tenant.ID + "/oauth2/v2.0/token"
		return x.ask(url.Values{"grant_type": {"client_credentials"}, "client_id": {client}, "scope": {"https://graph.microsoft.com/.default"},
			"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
			"client_assertion": {k.sign(t, doc{"aud": endpoint, "iss": client, "sub": client, "jti": rand.Text(),
				"nbf": now.Add(-time.Minute).Unix(), "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix()})}})
	}
	status, out := signIn(old)
	if status != 200 {
		t.Fatalf("with the certificate: %d %v", status, out)
	}
	own := out["access_token"].(string)
	proof := func(k keyed) string {
		return k.sign(t, doc{"aud": "00000002-0000-0000-c000-000000000000", "iss": id, "nbf": now.Add(-time.Minute).Unix(), "exp": now.Add(5 * time.Minute).Unix()})
	}
	if status, out := x.call("POST", at+"/addKey", own, doc{"keyCredential": entry(fresh), "proof": proof(fresh)}); status != 401 {
		t.Errorf("proven by the key that is to come: %d %v", status, out)
	}
	if status, out := x.call("POST", at+"/addKey", x.token("reader"), doc{"keyCredential": entry(fresh), "proof": proof(old)}); status != 403 {
		t.Errorf("another app without the permission: %d %v", status, out)
	}
	if status, out := x.call("POST", at+"/addPassword", own, doc{}); status != 403 {
		t.Errorf("a secret needs a permission: %d %v", status, out)
	}
	if status, out := x.call("POST", at+"/addKey", own, doc{"keyCredential": entry(fresh), "proof": proof(old)}); status != 200 || out["endDateTime"] == nil {
		t.Fatalf("%d %v", status, out)
	}
	for name, k := range map[string]keyed{"new": fresh, "old": old} {
		if status, out := signIn(k); status != 200 {
			t.Errorf("with the %s one: %d %v", name, status, out)
		}
	}
	_, out = x.call("GET", at+"?$select=keyCredentials", x.ready.Tokens.Admin, nil)
	first := out["keyCredentials"].([]any)[0].(doc)["keyId"]
	if status, out := x.call("POST", at+"/removeKey", own, doc{"keyId": first, "proof": proof(fresh)}); status != 204 {
		t.Errorf("%d %v", status, out)
	}
	if _, out := signIn(old); errorCode(out) != 700027 {
		t.Errorf("with the old one, removed: %v", out)
	}
	if status, out := signIn(fresh); status != 200 {
		t.Errorf("with the new one: %d %v", status, out)
	}
}
