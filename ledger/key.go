package ledger

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
	"golang.org/x/mod/sumdb/note"
)

// keyPlace is where the signing key lies among what is sealed: it is the house's, of no
// tenant. So it is sealed anew when the key file is rotated, it is the same in every
// process of a cluster, and a backup without the key file signs nothing.
const keyPlace = "ledger"

// Keys keep what is sealed. The store satisfies it.
type Keys interface {
	Update(ctx context.Context, f func(ctx context.Context, tx graphwarden.Tx) error) error
	Token(ctx context.Context, tenant, registration string) (graphwarden.SealedToken, error)
	PutToken(ctx context.Context, tx graphwarden.Tx, k graphwarden.SealedToken) error
}

// Sealer seals and opens secrets. The sealer of the key file satisfies it.
type Sealer interface {
	Seal(secret seal.Secret, about seal.About) ([]byte, error)
	Open(sealed []byte, about seal.About) (seal.Secret, error)
}

// key is what checkpoints are signed with.
type key struct {
	signer   note.Signer
	verifier note.Verifier
	public   string // as others need it to check signatures: name+hash+base64
}

// loadKey opens the signing key. anew has one made where there is none, or where the
// one there does not open any more.
func loadKey(ctx context.Context, keys Keys, sealer Sealer, origin string, random io.Reader, anew bool) (key, error) {
	row, err := keys.Token(ctx, "", keyPlace)
	if err != nil {
		return key{}, err
	}
	var wrong error
	if row.Version > 0 {
		var secret seal.Secret
		if secret, wrong = sealer.Open(row.Sealed, about(row.Version)); wrong == nil {
			return parseKey(secret)
		}
	}
	if !anew {
		return key{}, keyLost(wrong)
	}
	private, public, err := note.GenerateKey(random, origin)
	if err != nil {
		return key{}, fmt.Errorf("making a signing key: %w", err)
	}
	secret := seal.FromString(private + "\n" + public)
	row = graphwarden.SealedToken{Registration: keyPlace, Version: row.Version + 1}
	if row.Sealed, err = sealer.Seal(secret, about(row.Version)); err != nil {
		return key{}, err
	}
	err = keys.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error { return keys.PutToken(ctx, tx, row) })
	if err != nil {
		return key{}, fmt.Errorf("keeping the signing key: %w", err) // another process made one: the next time it is there
	}
	return parseKey(secret)
}

// Opens refuses (ledger.key_lost) a key file that does not open the signing key that is
// sealed; where none is, nothing is refused.
func Opens(ctx context.Context, keys interface {
	Token(ctx context.Context, tenant, registration string) (graphwarden.SealedToken, error)
}, sealer Sealer) error {
	row, err := keys.Token(ctx, "", keyPlace)
	if err != nil || row.Version == 0 {
		return err
	}
	if _, err := sealer.Open(row.Sealed, about(row.Version)); err != nil {
		return keyLost(err)
	}
	return nil
}

func about(version int64) seal.About { return seal.About{Registration: keyPlace, Version: version} }

func parseKey(secret seal.Secret) (k key, err error) {
	secret.Reveal(func(plain []byte) {
		private, public, _ := strings.Cut(string(plain), "\n")
		k.public = public
		if k.signer, err = note.NewSigner(private); err == nil {
			k.verifier, err = note.NewVerifier(public)
		}
	})
	if err != nil {
		return key{}, errors.New("the ledger's signing key is not one")
	}
	return k, nil
}
