package wire

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// macLen is how much of its authentication code a token carries.
const macLen = 16

// SignToken writes v as an opaque token for a use, which ReadToken reads back.
// Like Graph's own, such tokens carry state and nobody else can make one; they
// work again after a restart of the same tenant.
func (c *Call) SignToken(use string, v any) (string, error) {
	text, err := json.Marshal(v)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(c.mac(use, text), text...)), nil
}

// ReadToken reads into v a token that SignToken made for the same use, and says
// whether it is one.
func (c *Call) ReadToken(use, token string, v any) bool {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(b) < macLen || !hmac.Equal(b[:macLen], c.mac(use, b[macLen:])) {
		return false
	}
	return json.Unmarshal(b[macLen:], v) == nil
}

func (c *Call) mac(use string, text []byte) []byte {
	h := hmac.New(sha256.New, c.World.Derive("token", use))
	h.Write(text)
	return h.Sum(nil)[:macLen]
}
