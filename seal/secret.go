package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
)

// mask is all that a secret says about itself.
const mask = "[secret]"

// Secret is a token, password or key. The zero Secret is empty.
//
// The plaintext is held by a closure, not by a field: a printer that cannot call
// our methods (fmt on an unexported field, a debugger's dump by reflection) finds
// the address of a function. For the same reason Secrets do not compare with ==.
type Secret struct {
	open func() []byte
}

// New makes a secret of a copy of plain; the caller may wipe its own.
func New(plain []byte) Secret {
	if len(plain) == 0 {
		return Secret{}
	}
	kept := bytes.Clone(plain)
	return Secret{open: func() []byte { return kept }}
}

// FromString makes a secret of s.
func FromString(s string) Secret { return New([]byte(s)) }

func (s Secret) plain() []byte {
	if s.open == nil {
		return nil
	}
	return s.open()
}

// Empty says whether there is nothing in it.
func (s Secret) Empty() bool { return s.open == nil }

// Equal compares in time that depends only on the lengths.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare(s.plain(), other.plain()) == 1
}

// Attach sets r's Authorization header to this bearer token (RFC 6750 §2.1).
func (s Secret) Attach(r *http.Request) {
	r.Header.Set("Authorization", "Bearer "+string(s.plain()))
}

// Sign gives the HMAC-SHA256 of the message under this secret.
func (s Secret) Sign(message []byte) []byte {
	mac := hmac.New(sha256.New, s.plain())
	mac.Write(message)
	return mac.Sum(nil)
}

// Reveal lends the plaintext to use, as a copy that is wiped when use returns.
// It is for writing a request or deriving another Secret, and nothing else.
func (s Secret) Reveal(use func(plain []byte)) {
	lent := bytes.Clone(s.plain())
	defer clear(lent)
	use(lent)
}

// Format silences every verb of fmt. String alone would not: %d prints fields.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, mask) }

// String silences printers that ask for a string.
func (Secret) String() string { return mask }

// MarshalText silences every encoding: JSON, XML, YAML, slog's handlers.
func (Secret) MarshalText() ([]byte, error) { return []byte(mask), nil }
