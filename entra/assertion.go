package entra

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// assertionLife is how long an assertion is good for (graph-facts §1.5).
const assertionLife = 10 * time.Minute

// assertion signs the claim to be the client, for the token endpoint that is
// called, with PS256 and the thumbprint x5t#S256 (graph-facts §1.5).
func (c *Certificate) assertion(client, endpoint, id string, now time.Time) (string, error) {
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.PS256, Key: c.key},
		(&jose.SignerOptions{}).WithType("JWT").WithHeader("x5t#S256", c.thumbprint),
	)
	if err != nil {
		return "", fmt.Errorf("preparing the signature: %w", err)
	}
	claims, err := json.Marshal(map[string]any{
		"aud": endpoint,
		"iss": client,
		"sub": client,
		"jti": id,
		"iat": now.Unix(),
		"nbf": now.Unix(),
		"exp": now.Add(assertionLife).Unix(),
	})
	if err != nil {
		return "", fmt.Errorf("writing the claims: %w", err)
	}
	signed, err := signer.Sign(claims)
	if err != nil {
		return "", fmt.Errorf("signing: %w", err)
	}
	return signed.CompactSerialize()
}
