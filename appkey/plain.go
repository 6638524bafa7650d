package appkey

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

// Prefix tells an app's key from other secrets, in a leak too.
const Prefix = "gwk_"

const (
	randomBytes = 32
	bodyLetters = 52 // of 32 bytes in base32
	sumLetters  = 7  // of 4 bytes
)

// letters are what keys and ids are written in: lower case, none that is easily
// taken for another.
var letters = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// Plain is a key itself. JSON shows it, for the answer that hands it over;
// printing and logging do not.
type Plain string

// Format silences every verb of fmt.
func (Plain) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[secret]") }

// LogValue silences slog.
func (Plain) LogValue() slog.Value { return slog.StringValue("[secret]") }

// newPlain makes a key of 32 random bytes: gwk_, the bytes, and a checksum, so
// that a scanner of secrets knows one when it sees it.
func newPlain(random io.Reader) (Plain, error) {
	raw := make([]byte, randomBytes)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	body := letters.EncodeToString(raw)
	return Plain(Prefix + body + checksum(body)), nil
}

func checksum(body string) string {
	return letters.EncodeToString(binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE([]byte(body))))
}

// wellFormed says whether a text can be a key: its checksum fits.
func wellFormed(text string) bool {
	body, ours := strings.CutPrefix(text, Prefix)
	return ours && len(body) == bodyLetters+sumLetters && checksum(body[:bodyLetters]) == body[bodyLetters:]
}

// digest is what is kept of a key. A key has 256 random bits, so that a plain
// digest is as good as a slow one.
func digest(plain string) [32]byte { return sha256.Sum256([]byte(plain)) }

// newID makes the name of a key.
func newID(random io.Reader) (string, error) {
	raw := make([]byte, 10)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	return "key_" + letters.EncodeToString(raw), nil
}
