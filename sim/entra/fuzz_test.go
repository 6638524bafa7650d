package entra_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// FuzzAuthorize asks with whatever a stranger may send: nobody is ever sent to an
// address that no app has registered, and nothing breaks.
func FuzzAuthorize(f *testing.F) {
	x := open(&testing.T{})
	f.Add(x.ask().values().Encode())
	f.Add("client_id=" + id(x.portal) + "&redirect_uri=https://evil.example/&response_type=code&scope=openid&prompt=none")
	f.Add("client_id=" + id(x.portal) + "&redirect_uri=http://localhost:1%2Fnative@evil.example/&prompt=none&scope=User.Read&response_type=code")
	f.Add("client_id=" + id(x.gadget) + "&redirect_uri=http://127.0.0.1\\@evil/&prompt=none")
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest("GET", "/common/oauth2/v2.0/authorize", nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		x.Handler().ServeHTTP(w, r)
		if w.Code >= 500 {
			t.Fatalf("%d: %s", w.Code, w.Body)
		}
		if w.Code != http.StatusFound {
			return
		}
		to, err := url.Parse(w.Header().Get("Location"))
		if err != nil || !slices.Contains([]string{"portal.example", "localhost", "spa.example"}, to.Hostname()) || to.User != nil {
			t.Errorf("sent to %q (%v)", w.Header().Get("Location"), err)
		}
	})
}

// FuzzToken posts whatever a stranger may send to the token endpoint: it never
// gives a token, and always answers in Entra's shape.
func FuzzToken(f *testing.F) {
	x := open(&testing.T{})
	f.Add("grant_type=client_credentials&client_id=" + id(x.mine) + "&client_secret=x&scope=https://graph.microsoft.com/.default")
	f.Add("grant_type=refresh_token&refresh_token=1.A&client_id=" + id(x.gadget))
	f.Add("grant_type=client_credentials&client_assertion=a.b.c&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_id=" + id(x.mine))
	f.Add("%zz")
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/contoso.example/oauth2/v2.0/token", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		x.Handler().ServeHTTP(w, r)
		if w.Code != 400 && w.Code != 401 || !strings.Contains(w.Body.String(), `"error_codes":[`) {
			t.Errorf("%d: %s", w.Code, w.Body)
		}
	})
}
