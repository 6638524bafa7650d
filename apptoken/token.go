package apptoken

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
)

// longest is more than any token has, also one for Graph with every permission there is.
const longest = 64 << 10

// token is a JWT (RFC 7519) in its compact form, taken apart. Nothing of it is believed
// before its signature was found to be right.
type token struct {
	kid    string
	claims claims
	signed []byte // what the signature is of
	sign   []byte
}

// claims are those that are judged (identity-platform/access-token-claims-reference).
type claims struct {
	Audience  string `json:"aud"`
	Issuer    string `json:"iss"`
	Tenant    string `json:"tid"`
	Version   string `json:"ver"`
	AppID     string `json:"appid"` // version 1
	Party     string `json:"azp"`   // version 2
	Object    string `json:"oid"`
	Subject   string `json:"sub"`
	Kind      string `json:"idtyp"` // optional: the API has to ask for it
	Scopes    string `json:"scp"`   // of people's tokens only
	NotBefore int64  `json:"nbf"`
	Expires   int64  `json:"exp"`
}

// client is who asked for the token: the claim of the token's own version counts.
func (c claims) client() string {
	if c.Version == "2.0" {
		return c.Party
	}
	return c.AppID
}

// ofApp says whether the token is an application's own. The claim that says so is
// optional. Without it, only of an application subject and object are the same
// (identity-platform/access-token-claims-reference, sub and oid), and scp is a person's.
func (c claims) ofApp() bool {
	if c.Scopes != "" || c.Kind != "" && c.Kind != "app" {
		return false
	}
	return c.Object != "" && c.Object == c.Subject
}

// early says whether the token is not valid yet, by two clocks that may differ.
func (c claims) early(now time.Time) bool { return now.Add(skew).Before(time.Unix(c.NotBefore, 0)) }

// expired says whether it is valid no more; one that never ends is not taken.
func (c claims) expired(now time.Time) bool {
	return !now.Before(time.Unix(c.Expires, 0).Add(skew))
}

// Looks says whether text looks like a token rather than like a key.
func Looks(text string) bool { return strings.HasPrefix(text, "eyJ") }

// read takes a token apart. Only one that says it is signed with RS256, and that no
// header of it is to be understood besides, is one.
func read(text string) (t token, err error) {
	parts := strings.Split(text, ".")
	if len(text) > longest || len(parts) != 3 {
		return t, fmt.Errorf("it is no JWT")
	}
	head, err := part(parts[0])
	if err != nil {
		return t, err
	}
	body, err := part(parts[1])
	if err != nil {
		return t, err
	}
	if t.sign, err = part(parts[2]); err != nil {
		return t, err
	}
	var header struct {
		Algorithm string          `json:"alg"`
		Key       string          `json:"kid"`
		Critical  json.RawMessage `json:"crit"`
	}
	if err := once(head, &header); err != nil {
		return t, err
	}
	switch {
	case header.Algorithm != "RS256":
		return t, fmt.Errorf("it is not signed with RS256")
	case header.Critical != nil:
		return t, fmt.Errorf("its header wants more to be understood")
	}
	t.kid, t.signed = header.Key, []byte(parts[0]+"."+parts[1])
	return t, once(body, &t.claims)
}

// part reads one of the three; base64 has one spelling only.
func part(text string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || strings.ContainsAny(text, "\r\n") {
		return nil, fmt.Errorf("it is not base64 as JWTs have it")
	}
	return raw, nil
}

// once reads an object of JSON in which no name stands twice, however it is written: Go
// reads names in any case, and of two the last.
func once(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return fmt.Errorf("a part is no object of JSON")
	}
	seen := map[string]bool{}
	for d.More() {
		name, err := d.Token()
		text, is := name.(string)
		var value json.RawMessage
		if err != nil || !is || d.Decode(&value) != nil {
			return fmt.Errorf("a part is no object of JSON")
		}
		folded := fold(text)
		if seen[folded] {
			return fmt.Errorf("a name stands twice in it")
		}
		seen[folded] = true
	}
	if err := json.Unmarshal(raw, into); err != nil {
		return fmt.Errorf("a claim is of another type")
	}
	return nil
}

// fold gives what is the same of all names that encoding/json takes for one: of the letters
// that fold to each other, the first.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		for next := unicode.SimpleFold(r); ; next = unicode.SimpleFold(next) {
			if next <= r {
				return next // round the circle, or at its beginning
			}
		}
	}, name)
}

// signedBy says whether the signature is that of a key.
func (t token) signedBy(key *rsa.PublicKey) bool {
	sum := sha256.Sum256(t.signed)
	return rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], t.sign) == nil
}
