package apptoken_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"

	"github.com/graphwarden/graphwarden/apptoken"
)

// FuzzRead: whatever a stranger shows as a token is read in one way or not at all. What is
// read has exactly three parts in the one spelling that base64 has; its header names RS256
// and nothing that is to be understood besides; and no name of header or claims can be
// taken for another of the same object.
func FuzzRead(f *testing.F) {
	encode := base64.RawURLEncoding.EncodeToString
	for _, seed := range [][3]string{
		{`{"alg":"RS256","kid":"k"}`, `{"aud":"a","iss":"i","tid":"t","ver":"2.0","nbf":1,"exp":2}`, "signature"},
		{`{"alg":"none"}`, `{}`, ""},
		{`{"alg":"RS256","crit":["exp"]}`, `{}`, "s"},
		{`{"alg":"RS256","ALG":"none"}`, `{}`, "s"},
		{`{"alg":"RS256"}`, `{"exp":1,"EXP":2}`, "s"},
		{`{"alg":"RS256"}`, `{"iss":"i","i` + "\u017f" + `s":"another"}`, "s"}, // folds to the same
		{`{"alg":"RS256"}`, `{"nbf":1,"exp":1e99}`, "s"},
		{`{"alg":"RS256"}`, `{"a":{"a":[{"b":1}]}} trailing`, "s"},
		{`["alg"]`, `null`, "s"},
	} {
		f.Add(encode([]byte(seed[0])) + "." + encode([]byte(seed[1])) + "." + encode([]byte(seed[2])))
	}
	f.Add("eyJhbGciOiJSUzI1NiJ9.e30.c2ln.")
	f.Add("eyJhbGciOiJSUzI1NiJ9.e30.c2lnbg==")
	f.Add("eyJhbGciOiJSUzI1NiJ9.e31.c2ln") // bits that base64 does not use
	f.Add("eyJhbGciOiJSUzI1NiJ9\n.e30.c2ln")
	f.Add("..")
	f.Fuzz(func(t *testing.T, text string) {
		signed, signature, notBefore, expires, err := apptoken.Read(text)
		if err != nil {
			return
		}
		if again := string(signed) + "." + encode(signature); again != text {
			t.Fatalf("%q was read as %q", text, again)
		}
		parts := strings.Split(text, ".")
		header, claims := membersOf(t, parts[0]), membersOf(t, parts[1])
		if named(header, "alg") != `"RS256"` || named(header, "crit") != "" {
			t.Errorf("read with the header %s", header)
		}
		for name, read := range map[string]int64{"nbf": notBefore, "exp": expires} {
			var stands int64
			if raw := named(claims, name); raw != "" && (json.Unmarshal([]byte(raw), &stands) != nil || stands != read) || raw == "" && read != 0 {
				t.Errorf("%s is read as %d in %s", name, read, claims)
			}
		}
	})
}

// membersOf reads a part of a token that was taken. No name of it may stand twice, by any
// folding of letters.
func membersOf(t *testing.T, part string) map[string]json.RawMessage {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	members := map[string]json.RawMessage{}
	if err != nil || json.Unmarshal(raw, &members) != nil {
		t.Fatalf("a part that was read is %q, %v", raw, err)
	}
	for one := range members {
		for other := range members {
			if one != other && strings.EqualFold(one, other) {
				t.Fatalf("%q and %q stand in one object", one, other)
			}
		}
	}
	return members
}

// named gives the member of a name in any case; "" is none, or null, which says nothing.
func named(members map[string]json.RawMessage, name string) string {
	for one, value := range members {
		if strings.EqualFold(one, name) && string(value) != "null" {
			return string(value)
		}
	}
	return ""
}
