package seal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"net/http"
	"sync"
)

// mask is all that a secret says about itself.
const mask = "[secret]"

// Secret is a token, password or key. The zero Secret is empty.
//
// The plaintext is held by a closure, not by a field: a printer that cannot call
// our methods (fmt on an unexported field, a debugger's dump by reflection) finds
// the address of a function. For the same reason Secrets do not compare with ==.
type Secret struct {
	open func() *kept
}

// kept is the plaintext, and the header that it is once it was attached to a request:
// made once, a token leaves one copy behind, not one for each request.
type kept struct {
	plain  []byte
	once   sync.Once
	header []string
}

func (k *kept) bearer() []string {
	k.once.Do(func() { k.header = []string{"Bearer " + string(k.plain)} })
	return k.header
}

// New makes a secret of a copy of plain; the caller may wipe its own.
func New(plain []byte) Secret {
	if len(plain) == 0 {
		return Secret{}
	}
	k := &kept{plain: bytes.Clone(plain)}
	return Secret{open: func() *kept { return k }}
}

// FromString makes a secret of s.
func FromString(s string) Secret { return New([]byte(s)) }

func (s Secret) plain() []byte {
	if s.open == nil {
		return nil
	}
	return s.open().plain
}

// Empty says whether there is nothing in it.
func (s Secret) Empty() bool { return s.open == nil }

// Equal compares in time that depends only on the lengths.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare(s.plain(), other.plain()) == 1
}

// Attach sets r's Authorization header to this bearer token (RFC 6750 §2.1). Requests
// share the header's values: one that is added takes the place of none (their capacity is
// used up), and none may be changed in its place.
func (s Secret) Attach(r *http.Request) {
	if s.open == nil {
		r.Header.Set("Authorization", "Bearer ")
		return
	}
	r.Header["Authorization"] = s.open().bearer()
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
