package seal

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/graphwarden/graphwarden"
)

// About is the place a secret is sealed for. It is authenticated with the
// secret, so that a row copied to another tenant, registration or version does
// not open there.
type About struct {
	Tenant       string
	Registration string
	Account      string // object id of the person it speaks for; "" for an app
	Version      int64  // grows with every renewal
}

// associated writes the place with the length before each name, so that no two
// places read the same.
func (a About) associated() []byte {
	out := []byte("graphwarden secret 2\n")
	for _, name := range []string{a.Tenant, a.Registration, a.Account} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(name)))
		out = append(out, name...)
	}
	return binary.BigEndian.AppendUint64(out, uint64(a.Version))
}

// Sealer seals secrets with the primary key of a Tink keyset and opens them with
// any key of it. It heeds changes of the key file by other processes. It may be
// used from many goroutines.
type Sealer struct {
	path string
	mu   sync.Mutex // guards ring
	ring *keyring
}

// Seal encrypts a secret for one place.
func (s *Sealer) Seal(secret Secret, about About) ([]byte, error) {
	sealed, err := s.current().aead.Encrypt(secret.plain(), about.associated())
	if err != nil {
		return nil, fmt.Errorf("sealing a secret: %w", err)
	}
	return sealed, nil
}

// Open decrypts what Seal made for the same place. A value of another key, of
// another place, or a damaged one is a Refusal (seal.wrong_key): which of them
// it is cannot be told, by design.
func (s *Sealer) Open(sealed []byte, about About) (Secret, error) {
	plain, err := s.current().aead.Decrypt(sealed, about.associated())
	if err != nil {
		return Secret{}, &graphwarden.Refusal{
			Kind: graphwarden.Storage, Code: "seal.wrong_key",
			Say:   fmt.Sprintf("The stored secret of registration %q in tenant %q does not open with this key file.", about.Registration, about.Tenant),
			Do:    "Put back the key file that was in force when it was stored, or connect the registration again: graphwarden connect.",
			Cause: err,
		}
	}
	defer clear(plain)
	return New(plain), nil
}
