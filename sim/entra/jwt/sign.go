package jwt

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

// Claims are what a token says.
type Claims map[string]any

// ErrNotOurs is returned for what is no token, or was not signed with the key.
var ErrNotOurs = errors.New("not a token signed with this key")

// Sign makes a token that anybody can verify with the published key.
func (k Key) Sign(c Claims) (string, error) { return k.sign(c, nil) }

// SignAccess makes an access token for Microsoft Graph. The nonce in its header
// was hashed when it was signed, so that only whoever knows this can verify it:
// to all others such tokens are opaque (graph-facts §1.1).
func (k Key) SignAccess(c Claims, nonce string) (string, error) {
	token, err := k.sign(c, map[jose.HeaderKey]any{"nonce": hashed(nonce), "x5t": k.id})
	if err != nil {
		return "", err
	}
	return swapNonce(token, func(string) string { return nonce })
}

func (k Key) sign(c Claims, header map[jose.HeaderKey]any) (string, error) {
	options := (&jose.SignerOptions{ExtraHeaders: header}).WithType("JWT")
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: k.private, KeyID: k.id}}, options)
	if err != nil {
		return "", fmt.Errorf("preparing the signature: %w", err)
	}
	raw, err := json.Marshal(c)
	if err != nil {
		return "", fmt.Errorf("writing the claims: %w", err)
	}
	signed, err := signer.Sign(raw)
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	return signed.CompactSerialize()
}

// Verify gives the claims, as JSON, of a token of either kind. Its error is
// ErrNotOurs.
func (k Key) Verify(token string) ([]byte, error) {
	signed, err := swapNonce(token, hashed)
	if err != nil {
		return nil, ErrNotOurs
	}
	jws, err := jose.ParseSignedCompact(signed, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return nil, ErrNotOurs
	}
	raw, err := jws.Verify(k.private.Public())
	if err != nil {
		return nil, ErrNotOurs
	}
	return raw, nil
}

func hashed(nonce string) string {
	sum := sha256.Sum256([]byte(nonce))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// swapNonce puts another nonce into the header of a token that has one. The
// header is written with its members in order, as go-jose signs it.
func swapNonce(token string, other func(string) string) (string, error) {
	head, rest, _ := strings.Cut(token, ".")
	raw, err := base64.RawURLEncoding.DecodeString(head)
	if err != nil {
		return "", err
	}
	var header map[string]any
	if err := json.Unmarshal(raw, &header); err != nil {
		return "", err
	}
	nonce, ok := header["nonce"].(string)
	if !ok {
		return token, nil
	}
	header["nonce"] = other(nonce)
	if raw, err = json.Marshal(header); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw) + "." + rest, nil
}
