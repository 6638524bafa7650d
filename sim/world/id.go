package world

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// StableID derives a GUID from a seed and names, so that a tenant made twice
// from one seed has the same ids (RFC 9562, version 8 layout).
func StableID(seed uint64, names ...string) string {
	in := binary.BigEndian.AppendUint64(nil, seed)
	sum := sha256.Sum256(append(in, strings.Join(names, "\x00")...))
	b := sum[:16]
	b[6] = b[6]&0x0f | 0x80
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:16])
}

// windowsBytes are the bytes of a GUID as Windows stores them: its first three
// groups with the lowest byte first.
func windowsBytes(guid string) ([]byte, bool) {
	b, err := hex.DecodeString(strings.ReplaceAll(guid, "-", ""))
	if err != nil || len(b) != 16 {
		return nil, false
	}
	slices.Reverse(b[0:4])
	slices.Reverse(b[4:6])
	slices.Reverse(b[6:8])
	return b, true
}
