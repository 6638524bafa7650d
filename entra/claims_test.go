package entra_test

import (
	"encoding/base64"
	"maps"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/rig"
)

func TestAChallengeIsReadInEveryFormOfBase64(t *testing.T) {
	const asked = `{"access_token":{"nbf":{"essential":true,"value":"1604106651"},"x":"??>>~~"}}`
	for name, encoding := range map[string]*base64.Encoding{"standard": base64.StdEncoding, "standard without padding": base64.RawStdEncoding,
		"for URLs": base64.URLEncoding, "for URLs without padding": base64.RawURLEncoding} {
		claims, ok := entra.Challenge(`Bearer realm="", authorization_uri="https://login.test", error="insufficient_claims", claims="` + encoding.EncodeToString([]byte(asked)) + `"`)
		if !ok || strings.Join(claims.Names(), " ") != "nbf x" {
			t.Errorf("%s: %v %v", name, claims.Names(), ok)
		}
	}
	for name, header := range map[string]string{
		"nothing": "", "another error": `Bearer error="invalid_token", claims="e30"`, "no claims": `Bearer error="insufficient_claims"`,
		"no Base64": `Bearer error="insufficient_claims", claims="!!!"`, "no JSON": `Bearer error="insufficient_claims", claims="eHh4"`,
		"an empty object": `Bearer error="insufficient_claims", claims="e30"`,
	} {
		if _, ok := entra.Challenge(header); ok {
			t.Errorf("%s is read as a challenge", name)
		}
	}
}

func TestChallengedClaimsAreAskedOfEntraBesideOurOwn(t *testing.T) {
	r, e := put(t, rig.Says(http.StatusOK, given))
	claims, _ := entra.Challenge(`Bearer error="insufficient_claims", claims="` + base64.StdEncoding.EncodeToString([]byte(`{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["no"]}}}`)) + `"`)
	if _, err := e.Obtain(t.Context(), r.Tenant, r.Registration, bySecret("x"), claims); err != nil {
		t.Fatal(err)
	}
	if got := sent(t, r).Get("claims"); got != `{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["cp1"]}}}` {
		t.Errorf("sent %s", got)
	}
}

func TestSixtyNumbersAndMoreAreExplained(t *testing.T) {
	numbers := entra.Explained()
	if len(numbers) < 60 {
		t.Errorf("only %d numbers are explained", len(numbers))
	}
	r, e := put(t, nil)
	for number, code := range numbers {
		r.Microsoft.Answer(refused(400, "invalid_grant", number))
		_, err := e.Obtain(t.Context(), r.Tenant, r.Registration, bySecret("x"), entra.Claims{})
		if codeOf(err) != code {
			t.Errorf("%d is refused with %v", number, err)
		}
		if strings.ContainsAny(err.Error(), "{}") {
			t.Errorf("%d has a blank: %v", number, err)
		}
	}
}

func TestANumberThatNobodyForesawSaysWhereItIsExplained(t *testing.T) {
	r, e := put(t, refused(400, "invalid_grant", 123456))
	_, err := e.Obtain(t.Context(), r.Tenant, r.Registration, bySecret("x"), entra.Claims{})
	for _, part := range []string{"AADSTS123456", "http://login.test/error?code=123456", "correlation id c"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("said %v, without %q", err, part)
		}
	}
	r, e = put(t, rig.Says(400, `{"error":"invalid_grant","correlation_id":"c"}`))
	if _, err := e.Obtain(t.Context(), r.Tenant, r.Registration, bySecret("x"), entra.Claims{}); err == nil || !strings.Contains(err.Error(), `"invalid_grant"`) {
		t.Errorf("said %v", err)
	}
}

func TestOnlyTheTenantsOwnAuthorityIssues(t *testing.T) {
	china, found := graphwarden.CloudNamed("china")
	if !found || china.Graph != "https://microsoftgraph.chinacloudapi.cn" {
		t.Fatalf("china is %+v", china)
	}
	seen := map[string]bool{}
	for _, c := range graphwarden.Clouds() {
		if seen[c.Graph] || !strings.HasPrefix(c.Login, "https://login.") || c.CLI == "" || c.PowerShell == "" || c.Portal == "" {
			t.Errorf("%+v", c)
		}
		seen[c.Graph] = true
	}
}

// TestTheDocumentedNumbersAreThose holds the table of docs/connecting.md against
// the explanations.
func TestTheDocumentedNumbersAreThose(t *testing.T) {
	raw, err := os.ReadFile("../docs/connecting.md")
	if err != nil {
		t.Fatal(err)
	}
	documented := map[int]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `(entra\\.\\w+)` \\| ([\\d, ]+) \\|$").FindAllStringSubmatch(string(raw), -1) {
		for _, number := range strings.Split(row[2], ", ") {
			n, err := strconv.Atoi(number)
			if err != nil {
				t.Fatal(err)
			}
			documented[n] = row[1]
		}
	}
	if !maps.Equal(documented, entra.Explained()) {
		t.Errorf("documented are %d numbers, explained %d, and they differ", len(documented), len(entra.Explained()))
	}
}
