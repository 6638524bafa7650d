package entra_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/rig"
	"github.com/graphwarden/graphwarden/seal"
)

const given = `{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"the-token"}`

func put(t testing.TB, answer http.HandlerFunc) (*rig.Rig, *entra.Entra) {
	t.Helper()
	r := rig.New(t, nil)
	r.Microsoft.Answer(answer)
	return r, entra.New(r.Gate, time.Now, rand.Reader)
}

func bySecret(value string) entra.Credential {
	return entra.Credential{Secret: seal.FromString(value)}
}

// certificate makes a certificate with a key, once for all tests.
var certificate = sync.OnceValues(func() (*x509.Certificate, *rsa.PrivateKey) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "graphwarden"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return leaf, key
})

// sent reads the form of the only request that came.
func sent(t *testing.T, r *rig.Rig) url.Values {
	t.Helper()
	came := r.Microsoft.Requests()
	if len(came) != 1 || came[0].URL.Path != "/"+rig.Tenant+"/oauth2/v2.0/token" {
		t.Fatalf("%d requests came", len(came))
	}
	body, err := io.ReadAll(came[0].Body)
	if err != nil {
		t.Fatal(err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		t.Fatal(err)
	}
	return form
}

func TestASecretObtainsAToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, e := put(t, rig.Says(http.StatusOK, given))
		begun := time.Now()
		token, err := e.Obtain(t.Context(), r.Tenant, r.Registration, bySecret("s3cret~value+&"), entra.Claims{})
		if err != nil {
			t.Fatal(err)
		}
		if !token.Access.Equal(seal.FromString("the-token")) || !token.ExpiresAt.Equal(begun.Add(3599*time.Second)) {
			t.Errorf("obtained %v until %s", token.Access, token.ExpiresAt)
		}
		form := sent(t, r)
		for name, want := range map[string]string{
			"grant_type": "client_credentials", "client_id": rig.Client, "client_secret": "s3cret~value+&",
			"scope": "00000003-0000-0000-c000-000000000000/.default",
		} {
			if got := form.Get(name); got != want {
				t.Errorf("sent %s %q, want %q", name, got, want)
			}
		}
		if len(form) != 5 || form.Get("claims") != `{"access_token":{"xms_cc":{"values":["cp1"]}}}` {
			t.Errorf("sent %d fields", len(form))
		}
	})
}

// TestACertificateObtainsAToken reads the assertion with the standard library
// only, as Microsoft documents it (graph-facts §1.5).
func TestACertificateObtainsAToken(t *testing.T) {
	leaf, key := certificate()
	c, err := entra.NewCertificate(leaf, key)
	if err != nil {
		t.Fatal(err)
	}
	r, e := put(t, rig.Says(http.StatusOK, given))
	if _, err := e.Obtain(t.Context(), r.Tenant, r.Registration, entra.Credential{Certificate: c}, entra.Claims{}); err != nil {
		t.Fatal(err)
	}
	form := sent(t, r)
	if got := form.Get("client_assertion_type"); got != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer" || form.Has("client_secret") {
		t.Errorf("sent %q, a secret: %t", got, form.Has("client_secret"))
	}
	parts := strings.Split(form.Get("client_assertion"), ".")
	if len(parts) != 3 {
		t.Fatalf("the assertion has %d parts", len(parts))
	}
	decode := func(part string, into any) []byte {
		raw, err := base64.RawURLEncoding.DecodeString(part)
		if err == nil && into != nil {
			err = json.Unmarshal(raw, into)
		}
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	var header struct {
		Alg, Typ string
		X5T      string `json:"x5t#S256"`
	}
	var claims struct {
		Aud, Iss, Sub, JTI string
		Iat, Nbf, Exp      int64
	}
	decode(parts[0], &header)
	decode(parts[1], &claims)
	sum := sha256.Sum256(leaf.Raw)
	if header.Alg != "PS256" || header.Typ != "JWT" || header.X5T != base64.RawURLEncoding.EncodeToString(sum[:]) {
		t.Errorf("the header is %+v", header)
	}
	if claims.Aud != "http://login.test/"+rig.Tenant+"/oauth2/v2.0/token" || claims.Iss != rig.Client || claims.Sub != rig.Client || claims.JTI == "" {
		t.Errorf("the claims are %+v", claims)
	}
	if life := claims.Exp - claims.Nbf; life < 300 || life > 600 || claims.Iat != claims.Nbf {
		t.Errorf("the assertion lives %d s", life)
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPSS(&key.PublicKey, crypto.SHA256, digest[:], decode(parts[2], nil), &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}); err != nil {
		t.Error(err)
	}
}

// refused writes an error as Entra does (graph-facts §1.9).
func refused(status int, name string, number int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(map[string]any{
			"error": name, "error_codes": []int{number}, "trace_id": "t", "correlation_id": "c",
			"error_description": fmt.Sprintf("AADSTS%d: text that nobody matches.", number),
		})
	}
}

func TestWhatEntraRefusesIsExplained(t *testing.T) {
	const value, id = "Abc8Q~qwertyuiopasdfghjkl", "4fd7a5a1-63ab-4ad9-8ff4-2ccba6b9e6d1"
	for _, test := range []struct {
		situation string
		answer    http.HandlerFunc
		secret    string
		code      string
		says      string
	}{
		{"a wrong tenant", refused(400, "invalid_request", 90002), value, "entra.tenant_unknown", rig.Tenant},
		{"another cloud", refused(400, "invalid_request", 900382), value, "entra.other_cloud", "clouds"},
		{"an unknown app", refused(400, "unauthorized_client", 700016), value, "entra.app_unknown", rig.Client},
		{"a disabled app", refused(400, "unauthorized_client", 7000112), value, "entra.app_disabled", "disabled"},
		{"a wrong secret", refused(401, "invalid_client", 7000215), value, "entra.secret_wrong", "wrong"},
		{"the secret's id", refused(401, "invalid_client", 7000215), id, "entra.secret_is_id", "not its value"},
		{"an expired secret", refused(401, "invalid_client", 7000222), value, "entra.secret_expired", "expired"},
		{"no secret", refused(401, "invalid_client", 7000218), "", "entra.secret_missing", "without"},
		{"an unknown certificate", refused(401, "invalid_client", 700027), value, "entra.certificate_unknown", "certificate"},
		{"a public client", refused(401, "invalid_client", 700025), value, "entra.app_public", "public"},
		{"no consent", refused(400, "invalid_grant", 65001), value, "entra.consent_missing", "consented"},
		{"a wrong resource", refused(400, "invalid_resource", 500011), value, "entra.resource_unknown", "Graph"},
		{"a policy", refused(400, "access_denied", 53003), value, "entra.policy_blocks", "Conditional Access"},
		{"a shared tenant", refused(400, "invalid_request", 9001023), value, "entra.tenant_shared", "not one tenant"},
		{"a code that nobody foresaw", refused(400, "invalid_grant", 123456), value, "entra.refused", "AADSTS123456"},
		{"a page of a proxy", rig.Says(403, "<html>blocked</html>"), value, "entra.answer_strange", "not Entra"},
		{"a success that is none", rig.Says(200, `{"token_type":"Bearer"}`), value, "entra.answer_strange", "not Entra"},
		{"a success of another type", rig.Says(200, `{"token_type":"pop","expires_in":1,"access_token":"x"}`), value, "entra.answer_strange", "not Entra"},
		{"a success that is no JSON", rig.Says(200, `hello`), value, "entra.answer_strange", "not Entra"},
	} {
		t.Run(test.situation, func(t *testing.T) {
			r, e := put(t, test.answer)
			_, err := e.Obtain(t.Context(), r.Tenant, r.Registration, bySecret(test.secret), entra.Claims{})
			var refusal *graphwarden.Refusal
			if !errors.As(err, &refusal) {
				t.Fatalf("Obtain = %v", err)
			}
			if refusal.Code != test.code || !strings.Contains(refusal.Say, test.says) || refusal.Do == "" {
				t.Errorf("said %q, %q, %q", refusal.Code, refusal.Say, refusal.Do)
			}
			if strings.ContainsAny(refusal.Say+refusal.Do, "{}") {
				t.Errorf("a blank was not filled in: %q %q", refusal.Say, refusal.Do)
			}
			if test.secret != "" && strings.Contains(fmt.Sprintf("%v %+v %#v", err, refusal, refusal.Cause), test.secret) {
				t.Error("the secret shows")
			}
		})
	}
}

func TestWhatPassesByItselfIsWaitedFor(t *testing.T) {
	slow := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Retry-After", "17")
		refused(429, "temporarily_unavailable", 90055)(w, r)
	}
	for situation, test := range map[string]struct {
		answer http.HandlerFunc
		after  time.Duration
	}{
		"throttled":         {slow, 17 * time.Second},
		"unavailable":       {rig.Says(503, "<html>"), time.Second},
		"a transient error": {refused(400, "invalid_request", 90033), 0},
	} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, e := put(t, test.answer)
				_, err := e.Obtain(t.Context(), r.Tenant, r.Registration, bySecret("x"), entra.Claims{})
				var later *graphwarden.Later
				if !errors.As(err, &later) || later.After < test.after {
					t.Fatalf("Obtain = %v, want to wait %s", err, test.after)
				}
			})
		})
	}
}

// TestAWrongClockIsNamedWithItsDifference: the bubble's clock is that of the year
// 2000, and Microsoft's is moved against it.
func TestAWrongClockIsNamedWithItsDifference(t *testing.T) {
	for situation, test := range map[string]struct {
		ahead time.Duration
		says  string
	}{
		"hours behind":  {3*time.Hour + 2*time.Minute, "3 h 2 min behind Microsoft's"},
		"days ahead":    {-49 * time.Hour, "2 d 1 h ahead of Microsoft's"},
		"set meanwhile": {0, "agrees with Microsoft's now"},
	} {
		t.Run(situation, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, e := put(t, func(w http.ResponseWriter, q *http.Request) {
					w.Header().Set("Date", time.Now().Add(test.ahead).UTC().Format(http.TimeFormat))
					refused(401, "invalid_client", 700024)(w, q)
				})
				_, err := e.Obtain(t.Context(), r.Tenant, r.Registration, bySecret("x"), entra.Claims{})
				var refusal *graphwarden.Refusal
				if !errors.As(err, &refusal) || refusal.Code != "entra.clock_off" || !strings.Contains(refusal.Say, test.says) {
					t.Errorf("Obtain = %v, want %q", err, test.says)
				}
			})
		})
	}
}

func TestACertificateMustBelongToItsKeyAndShowsNothing(t *testing.T) {
	leaf, key := certificate()
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entra.NewCertificate(leaf, other); err == nil {
		t.Error("a certificate took another's key")
	}
	c, err := entra.NewCertificate(leaf, key)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(map[string]any{"c": c})
	if err != nil {
		t.Fatal(err)
	}
	for _, shown := range []string{
		fmt.Sprintf("%v %+v %#v %d %s %x", c, c, c, c, c, c), string(encoded), c.LogValue().String(),
		fmt.Sprintf("%+v", entra.Credential{Certificate: c}),
	} {
		if strings.Contains(shown, key.D.String()[:20]) || strings.Contains(shown, "Primes") || !strings.Contains(shown, "[certificate") {
			t.Errorf("shown as %s", shown)
		}
	}
}
