package entra_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/internal/rig"
)

// TestNothingOfASignInSpeaks plants canaries in everything that a sign-in holds and
// prints it in every way (R22).
func TestNothingOfASignInSpeaks(t *testing.T) {
	r, e := put(t, nil)
	a, asked := asks(t, e, r)
	q := url.Values{"code": {"canary-code"}, "state": {asked.Get("state")}}
	code, err := a.Answer(http.MethodGet, back+"?"+q.Encode(), time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r.Microsoft.Answer(rig.Says(200, fmt.Sprintf(`{"token_type":"Bearer","expires_in":3600,"access_token":"canary-access","refresh_token":"canary-refresh","id_token":%q}`, identity(asked.Get("nonce"), nil))))
	token, err := e.Redeem(t.Context(), a, code)
	if err != nil {
		t.Fatal(err)
	}
	r.Microsoft.Answer(rig.Says(200, `{"device_code":"canary-device","user_code":"ABC","verification_uri":"https://login.test/devicelogin","expires_in":900,"interval":5}`))
	device, err := e.BeginDevice(t.Context(), r.Tenant, r.Registration, bySecret("canary-secret"), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Microsoft.Answer(rig.Says(200, `{"token_type":"canary-type","access_token":"canary-access"}`))
	_, wrong := e.Obtain(t.Context(), r.Tenant, r.Registration, bySecret("canary-secret"), entra.Claims{})
	r.Microsoft.Answer(rig.Says(200, `canary-access`))
	_, strange := e.Obtain(t.Context(), r.Tenant, r.Registration, bySecret("canary-secret"), entra.Claims{})
	silent := []string{asked.Get("state"), asked.Get("nonce"), "canary-code", "canary-access", "canary-refresh", "canary-device", "canary-secret"}
	var log strings.Builder
	logger := slog.New(slog.NewJSONHandler(&log, nil))
	for _, value := range []any{a, *a, code, token, device, *device, bySecret("canary-secret"), strange, wrong} {
		said := fmt.Sprintf("%v %+v %#v %s %q %x %d", value, value, value, value, value, value, value)
		raw, _ := json.Marshal(value)
		logger.Info("x", "value", value)
		for _, secret := range silent {
			for _, text := range []string{said, string(raw), log.String()} {
				if strings.Contains(text, secret) || strings.Contains(text, fmt.Sprintf("%x", secret)) {
					t.Errorf("%T says %q in %s", value, secret, text)
				}
			}
		}
	}
}
