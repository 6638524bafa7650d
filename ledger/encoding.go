package ledger

import (
	"crypto/sha256"
	"strconv"

	"github.com/graphwarden/graphwarden"
)

// format names the encoding; another one would have another name, so that no
// bytes mean two things.
const format = "graphwarden.com/ledger-entry/v1"

// Encode gives the bytes of an entry that are hashed. They are a sequence of
// netstrings (decimal length, colon, bytes, comma), so that every program can
// rebuild them and no two entries have the same:
//
//	format, seq, at, kind, call, app, flow, tenant, method, path, mailbox,
//	allowed, rule, status, bytes, note
//
// Numbers are decimal, at is microseconds since 1970 in UTC, allowed is 1 or 0,
// and text is UTF-8 as stored.
func Encode(e graphwarden.Entry) []byte { return encode(make([]byte, 0, 512), e) }

// encode appends an entry's bytes to out.
func encode(out []byte, e graphwarden.Entry) []byte {
	allowed := "0"
	if e.Allowed {
		allowed = "1"
	}
	for _, field := range [...]string{
		format,
		strconv.FormatInt(e.Seq, 10),
		strconv.FormatInt(e.At.UnixMicro(), 10),
		string(e.Kind), e.Call, e.App, e.Flow, e.Tenant, e.Method, e.Path, e.Mailbox,
		allowed, e.Rule,
		strconv.Itoa(e.Status),
		strconv.FormatInt(e.Bytes, 10),
		e.Note,
	} {
		out = strconv.AppendInt(out, int64(len(field)), 10)
		out = append(out, ':')
		out = append(out, field...)
		out = append(out, ',')
	}
	return out
}

// Leaf gives the entry's leaf hash in a Merkle tree (RFC 6962 §2.1: SHA-256 of a
// zero byte and the encoding).
func Leaf(e graphwarden.Entry) [32]byte {
	var room [1024]byte // for most entries; it makes no garbage
	return sha256.Sum256(encode(room[:1], e))
}
