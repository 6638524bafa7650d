package jwt_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/graphwarden/graphwarden/sim/entra/jwt"
)

func draw(t testing.TB) jwt.Key {
	t.Helper()
	drawn, err := jwt.Draw("tokens", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	k, err := jwt.Read(drawn)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestWhoCanVerifyAToken(t *testing.T) {
	ours, other := draw(t), draw(t)
	open, err := ours.Sign(jwt.Claims{"sub": "ann"})
	if err != nil {
		t.Fatal(err)
	}
	opaque, err := ours.SignAccess(jwt.Claims{"sub": "ann"}, "n1")
	if err != nil {
		t.Fatal(err)
	}
	published, err := ours.Public("https://issuer.example")
	if err != nil || published["kid"] != published["x5t"] || published["issuer"] != "https://issuer.example" {
		t.Fatalf("%v, %v", published, err)
	}
	for name, token := range map[string]string{"open": open, "opaque": opaque} {
		if raw, err := ours.Verify(token); err != nil || string(raw) != `{"sub":"ann"}` {
			t.Errorf("%s: %s, %v", name, raw, err)
		}
		if _, err := other.Verify(token); !errors.Is(err, jwt.ErrNotOurs) {
			t.Errorf("%s, with another key: %v", name, err)
		}
		if strings.Contains(token, "=") {
			t.Errorf("%s is padded", name)
		}
		jws, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.RS256})
		if err != nil {
			t.Fatal(err)
		}
		if name == "opaque" && jws.Signatures[0].Protected.Nonce != "n1" {
			t.Errorf("the nonce is %q", jws.Signatures[0].Protected.Nonce)
		}
	}
}

func TestABrokenTokenIsNotOurs(t *testing.T) {
	k := draw(t)
	token, err := k.SignAccess(jwt.Claims{"sub": "ann"}, "n1")
	if err != nil {
		t.Fatal(err)
	}
	for i := range len(token) {
		broken := token[:i] + "A" + token[i+1:]
		if raw, err := k.Verify(broken); err == nil && broken != token && string(raw) != `{"sub":"ann"}` {
			t.Errorf("changed at %d it says %s", i, raw)
		}
	}
	for _, no := range []string{"", ".", "..", "a.b.c", token + ".x", token[:len(token)/2]} {
		if _, err := k.Verify(no); !errors.Is(err, jwt.ErrNotOurs) {
			t.Errorf("%q: %v", no, err)
		}
	}
}

func FuzzVerify(f *testing.F) {
	k := draw(f)
	token, err := k.SignAccess(jwt.Claims{"sub": "ann"}, "n1")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("a.b.c")
	f.Add("eyJub25jZSI6MX0..")
	f.Fuzz(func(t *testing.T, text string) {
		if raw, err := k.Verify(text); err == nil && string(raw) != `{"sub":"ann"}` {
			t.Errorf("%q says %s", text, raw)
		}
	})
}
