package seal

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"log/slog"
	"strings"
)

const (
	randomBytes = 32
	bodyLetters = 52 // of 32 bytes in base32
	sumLetters  = 7  // of 4 bytes
)

// letters are what keys and ids are written in: lower case, none that is easily
// taken for another.
var letters = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// Plain is a key that was just made for somebody: an app's, or an operator's token.
// JSON shows it, for the answer that hands it over; printing and logging do not.
type Plain string

// Format silences every verb of fmt.
func (Plain) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[secret]") }

// LogValue silences slog.
func (Plain) LogValue() slog.Value { return slog.StringValue("[secret]") }

// NewPlain makes a key of 32 random bytes: the prefix, which tells its kind from other
// secrets in a leak too, the bytes, and a checksum, so that a scanner of secrets knows
// one when it sees it.
func NewPlain(prefix string, random io.Reader) (Plain, error) {
	raw := make([]byte, randomBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	body := letters.EncodeToString(raw)
	return Plain(prefix + body + checksum(body)), nil
}

func checksum(body string) string {
	return letters.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(body))))
}

// WellFormed says whether a text can be a key with a prefix: its checksum fits.
func WellFormed(prefix, text string) bool {
	body, ours := strings.CutPrefix(text, prefix)
	return ours && len(body) == bodyLetters+sumLetters && checksum(body[:bodyLetters]) == body[bodyLetters:]
}

// Digest is what is kept of a key. A key has 256 random bits, so that a plain
// digest is as good as a slow one.
func Digest(plain string) [32]byte { return sha256.Sum256([]byte(plain)) }

// NewID makes the name of a key, which is no secret.
func NewID(prefix string, random io.Reader) (string, error) {
	raw := make([]byte, 10)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	return prefix + letters.EncodeToString(raw), nil
}
