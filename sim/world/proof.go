package world

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// The terms of a proof of possession (graph-facts §1.5): who it is made for, and
// for how long it may be good.
const (
	proofAudience = "00000002-0000-0000-c000-000000000000"
	proofLife     = 10 * time.Minute
)

// Proves says whether a text is a JSON Web Token by which the holder of one of
// the object's certificates shows that he has its private key.
func Proves(o Object, text string, now time.Time) bool {
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return false
	}
	var header struct{ Alg string }
	var claims struct {
		Aud, Iss string
		Nbf, Exp int64
	}
	signature, err := base64.RawURLEncoding.DecodeString(parts[2])
	if err != nil || !decodePart(parts[0], &header) || !decodePart(parts[1], &claims) {
		return false
	}
	from, to := time.Unix(claims.Nbf, 0), time.Unix(claims.Exp, 0)
	inTime := !now.Before(from) && now.Before(to) && to.Sub(from) <= proofLife
	if !inTime || claims.Aud != proofAudience || claims.Iss != o.ID {
		return false
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	return slices.ContainsFunc(Certificates(o), func(k Certificate) bool {
		key, ok := k.Certificate.PublicKey.(*rsa.PublicKey)
		return ok && k.Valid(now) && signed(header.Alg, key, digest[:], signature)
	})
}

func decodePart(part string, v any) bool {
	b, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(b, v) == nil
}

// signed verifies the two algorithms that Entra takes.
func signed(alg string, key *rsa.PublicKey, digest, signature []byte) bool {
	switch alg {
	case "RS256":
		return rsa.VerifyPKCS1v15(key, crypto.SHA256, digest, signature) == nil
	case "PS256":
		return rsa.VerifyPSS(key, crypto.SHA256, digest, signature, nil) == nil
	}
	return false
}
