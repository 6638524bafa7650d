package entra_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden/entra"
	"github.com/graphwarden/graphwarden/seal"
)

// FuzzAnswer: whatever is sent to the redirect address, a code comes of nothing
// that does not bring exactly the state, which RIGHT stands for.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{"code=c&state=x", "state=x;code=c", "%00", "code=c&state=x#state=x", "error=access_denied&state=x", "code=c&STATE=x", "state[]=x&code=c",
		"code=c&state=RIGHT", "code=c&state=RIGHT&state=RIGHT", "state=RIGHT&error=access_denied", "code=c;state=RIGHT", "code=c&state=RIGHT%00"} {
		f.Add("GET", seed)
	}
	r, e := put(f, nil)
	f.Fuzz(func(t *testing.T, method, query string) {
		a, asked := asks(t, e, r)
		query = strings.ReplaceAll(query, "RIGHT", asked.Get("state"))
		_, err := a.Answer(method, back+"?"+query, time.Now())
		q, parsed := url.ParseQuery(query)
		right := method == http.MethodGet && parsed == nil && len(q["state"]) == 1 && q.Get("state") == asked.Get("state")
		if err == nil && !right {
			t.Errorf("%s %q was taken", method, query)
		}
	})
}

// FuzzChallenge: a header that a stranger wrote is read or not, and never makes
// claims that cannot be named.
func FuzzChallenge(f *testing.F) {
	for _, seed := range []string{"", `Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7fX19"`, `error="insufficient_claims" claims="`, `claims="e30=" error=insufficient_claims`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		if claims, ok := entra.Challenge(header); ok == claims.Empty() {
			t.Errorf("%q: %v %v", header, ok, claims.Names())
		}
	})
}

// FuzzSeen: a token that is none is not read.
func FuzzSeen(f *testing.F) {
	for _, seed := range []string{"", "a.b.c", "e30.e30.", "..", "e30.eyJyb2xlcyI6WyJhIl19.x", "e30.eyJzY3AiOiJhIGIifQ.x"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if rights, readable := entra.Seen(seal.FromString(token)); !readable && (len(rights.Roles) > 0 || rights.App != "") {
			t.Errorf("%q reads as %+v", token, rights)
		}
	})
}
