package world

import (
	"crypto"
	"crypto/x509"
	"fmt"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Key is a private key with the certificate that names it. Keys are drawn from
// the machine's own randomness, never from the seed, because people come to
// trust what is signed with them; so they are journaled, and a tenant without a
// journal has new ones at each start.
type Key struct {
	PKCS8       []byte   `json:"pkcs8"`       // DER
	Certificate []byte   `json:"certificate"` // DER
	Issuers     [][]byte `json:"issuers,omitempty"`
}

// Signer is the private key itself.
func (k Key) Signer() (crypto.Signer, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(k.PKCS8)
	if err != nil {
		return nil, fmt.Errorf("reading a private key: %w", err)
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, fmt.Errorf("a %T cannot sign", parsed)
	}
	return signer, nil
}

// KeyFor gives the key for a use and makes it with draw when there is none.
func (w *World) KeyFor(use string, draw func(*state.Tx) (Key, error)) (Key, error) {
	var k Key
	err := w.Update(func(tx *state.Tx) error {
		have, ok := w.Keys.Get(tx, use)
		if ok {
			k = have
			return nil
		}
		made, err := draw(tx)
		if err != nil {
			return err
		}
		k = made
		w.Keys.Put(tx, use, k)
		return nil
	})
	if err != nil {
		return Key{}, fmt.Errorf("drawing the key for %s: %w", use, err)
	}
	return k, nil
}
