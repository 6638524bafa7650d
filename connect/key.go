package connect

import (
	"context"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
)

// Sealed reads and replaces what lies sealed in the store.
type Sealed interface {
	Store
	SealedTokens(ctx context.Context, tenant, registration string, limit int) ([]graphwarden.SealedToken, error)
	Reseal(ctx context.Context, tx graphwarden.Tx, k graphwarden.SealedToken) (bool, error)
}

// KeyRotation says what a rotation of the key did.
type KeyRotation struct {
	Resealed int `json:"resealed"`
	// Stage is how far it is: KeyAdded, KeySeals or KeyAlone.
	Stage string `json:"stage" doc:"how far the rotation is"`
	// Left says what a person still has to do, "" for nothing.
	Left string `json:"left,omitempty"`
}

// The stages of a rotation of the key. Where one process lives on the database, one call
// goes to the last; else one call goes one stage, and people copy the file in between.
const (
	KeyAdded = "added" // the new key lies in the file and opens
	KeySeals = "seals" // it seals, and the old one still opens
	KeyAlone = "alone" // the old one is gone
)

const (
	// resealAtOnce is how many rows are sealed anew in one transaction.
	resealAtOnce = 500
	// settle is how long a process may take between sealing a token and storing
	// it: a token sealed by the old key just before the new one came is found by
	// the pass after it.
	settle = 2 * time.Second
)

// RotateKey puts a new key into the key file, seals everything anew with it, and
// drops the old ones. Tokens are lent meanwhile. Killed anywhere, the same call
// goes on: the file then has both keys, and every row opens with one of them.
//
// While others live on the database, who may have copies of the file, a call goes one
// stage only: all must be able to open what the new key seals before any seals with it,
// and none may seal with the old one any more when it is dropped.
func RotateKey(ctx context.Context, rows Sealed, sealer *seal.Sealer, others int) (out KeyRotation, err error) {
	added, err := sealer.AddKey()
	if err != nil {
		return out, err
	}
	if added && others > 0 {
		out.Stage, out.Left = KeyAdded, copied(others, sealer.File())+" Then run graphwarden key rotate again: it seals with the new key."
		return out, nil
	}
	switched, err := sealer.SealByNewKey()
	if err != nil {
		return out, err
	}
	if err := resealAll(ctx, rows, sealer, &out); err != nil {
		return out, err
	}
	if others > 0 && (switched || out.Resealed > 0) { // some may not have the file yet, or this was cut off
		out.Stage, out.Left = KeySeals, copied(others, sealer.File())+" Then run graphwarden key rotate again: it drops the old key."
		return out, nil
	}
	out.Stage, out.Left = KeyAlone, copied(others, sealer.File())
	return out, sealer.DropOldKeys()
}

// resealAll seals anew until a pass finds nothing that another key sealed.
func resealAll(ctx context.Context, rows Sealed, sealer *seal.Sealer, out *KeyRotation) error {
	for {
		n, err := reseal(ctx, rows, sealer)
		out.Resealed += n
		if err != nil {
			return err
		}
		if err := pause(ctx, settle); err != nil {
			return err
		}
		late, err := reseal(ctx, rows, sealer)
		out.Resealed += late
		if err != nil || late == 0 {
			return err
		}
	}
}

// reseal seals every row anew that another key sealed, and counts them.
func reseal(ctx context.Context, rows Sealed, sealer *seal.Sealer) (n int, err error) {
	tenant, registration := "", ""
	for {
		page, err := rows.SealedTokens(ctx, tenant, registration, resealAtOnce)
		if err != nil || len(page) == 0 {
			return n, err
		}
		tenant, registration = page[len(page)-1].Tenant, page[len(page)-1].Registration
		var stale []graphwarden.SealedToken
		for _, k := range page {
			if !sealer.Fresh(k.Sealed) {
				stale = append(stale, k)
			}
		}
		if len(stale) == 0 {
			continue
		}
		for i := range stale {
			if err := anew(&stale[i], sealer); err != nil {
				return n, err
			}
		}
		err = rows.Update(ctx, func(ctx context.Context, tx graphwarden.Tx) error {
			for _, k := range stale {
				if _, err := rows.Reseal(ctx, tx, k); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return n, fmt.Errorf("sealing %d tokens anew: %w", len(stale), err)
		}
		n += len(stale)
	}
}

func anew(k *graphwarden.SealedToken, sealer *seal.Sealer) error {
	about := placeOf(*k)
	secret, err := sealer.Open(k.Sealed, about)
	if err != nil {
		return err
	}
	k.Sealed, err = sealer.Seal(secret, about)
	return err
}

// Opens refuses (seal.wrong_key) a key file that does not open every sealed token of a
// connection, by the first that it does not. What is sealed for no tenant is another's.
func Opens(ctx context.Context, rows interface {
	SealedTokens(ctx context.Context, tenant, registration string, limit int) ([]graphwarden.SealedToken, error)
}, sealer *seal.Sealer) error {
	tenant, registration := "", ""
	for {
		page, err := rows.SealedTokens(ctx, tenant, registration, resealAtOnce)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, k := range page {
			if k.Tenant == "" {
				continue
			}
			if _, err := sealer.Open(k.Sealed, placeOf(k)); err != nil {
				return err
			}
		}
		tenant, registration = page[len(page)-1].Tenant, page[len(page)-1].Registration
	}
}

// placeOf is the place that a stored token is sealed for.
func placeOf(k graphwarden.SealedToken) seal.About {
	return seal.About{Tenant: k.Tenant, Registration: k.Registration, Account: k.Account, Version: k.Version}
}
