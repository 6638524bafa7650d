package entra_test

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestOnlyATenantsOwnKeysCount: of what a tenant publishes, RSA keys for signatures that
// are long enough, and that are not said to be another's.
func TestOnlyATenantsOwnKeysCount(t *testing.T) {
	_, key := certificate()
	short, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	entry := func(id string, key *rsa.PublicKey, change map[string]any) map[string]any {
		out := map[string]any{"kty": "RSA", "use": "sig", "kid": id, "n": base64.RawURLEncoding.EncodeToString(key.N.Bytes()),
			"e": base64.RawURLEncoding.EncodeToString(big.NewInt(int64(key.E)).Bytes())}
		maps.Copy(out, change)
		return out
	}
	public := &key.PublicKey
	body, err := json.Marshal(map[string]any{"keys": []any{
		entry("plain", public, nil),
		entry("of the tenant", public, map[string]any{"issuer": "http://login.test/" + rig.Tenant + "/v2.0"}),
		entry("of whoever asks", public, map[string]any{"issuer": "http://login.test/{tenantid}/v2.0"}),
		entry("of another tenant", public, map[string]any{"issuer": "http://login.test/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0"}),
		entry("of another authority", public, map[string]any{"issuer": "https://evil.example/" + rig.Tenant + "/v2.0"}),
		entry("for encryption", public, map[string]any{"use": "enc"}),
		entry("of another kind", public, map[string]any{"kty": "oct", "k": "AAAA"}),
		entry("", public, nil),
		entry("short", &short.PublicKey, nil),
		entry("of exponent 1", public, map[string]any{"e": "AQ"}),
		entry("of a huge exponent", public, map[string]any{"e": base64.RawURLEncoding.EncodeToString([]byte{1, 0, 0, 0, 0, 1})}),
		entry("broken", public, map[string]any{"n": "!"}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	r, e := put(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
	keys, err := e.SigningKeys(t.Context(), r.Tenant)
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(keys)); !slices.Equal(got, []string{"of the tenant", "of whoever asks", "plain"}) || !keys["plain"].Equal(public) {
		t.Errorf("believed are %q", got)
	}
	came := r.Microsoft.Requests()
	if len(came) != 1 || came[0].Method != http.MethodGet || came[0].URL.Path != "/"+rig.Tenant+"/discovery/v2.0/keys" || came[0].Header.Get("Authorization") != "" {
		t.Errorf("asked was %+v", came)
	}
	if entries := r.Entries(t); len(entries) == 0 || entries[0].Flow != "callers/contoso" || entries[0].App != graphwarden.House {
		t.Errorf("the ledger has %+v", entries)
	}
}

func TestKeysThatCannotBeReadAreAnError(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"none":    func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"keys":[]}`)) },
		"no JSON": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`<html>`)) },
		"an error": func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, `{"keys":[]}`, http.StatusInternalServerError)
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://evil.test/keys", http.StatusFound)
		},
	} {
		r, e := put(t, answer)
		if keys, err := e.SigningKeys(t.Context(), r.Tenant); err == nil || keys != nil || !strings.Contains(err.Error(), "contoso") {
			t.Errorf("%s: %v, %v", name, keys, err)
		}
	}
}

func TestAnIssuerIsATenantsInItsCloud(t *testing.T) {
	const id = "AAAAAAAA-bbbb-cccc-dddd-eeeeeeeeeeee"
	for cloud, want := range map[string]string{
		"global": "https://sts.windows.net/@/ https://login.microsoftonline.com/@/v2.0",
		"usgov":  "https://sts.windows.net/@/ https://login.microsoftonline.us/@/v2.0",
		"china":  "https://sts.chinacloudapi.cn/@/ https://login.chinacloudapi.cn/@/v2.0 https://login.partner.microsoftonline.cn/@/v2.0",
	} {
		of, _ := graphwarden.CloudNamed(cloud)
		got := strings.Join(entra.Issuers(graphwarden.Tenant{ID: id, Cloud: of}), " ")
		if got != strings.ReplaceAll(want, "@", strings.ToLower(id)) {
			t.Errorf("%s: %s", cloud, got)
		}
	}
}
