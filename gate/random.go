package gate

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"time"
)

// newID makes a GUID of version 4 (RFC 9562 section 5.4), the form that Microsoft
// asks of client-request-id.
func (s *shared) newID() (string, error) {
	var b [16]byte
	s.mu.Lock()
	_, err := io.ReadFull(s.random, b[:])
	s.mu.Unlock()
	if err != nil {
		return "", fmt.Errorf("reading random bytes: %w", err)
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	var id [36]byte
	hex.Encode(id[:], b[:4])
	hex.Encode(id[9:], b[4:6])
	hex.Encode(id[14:], b[6:8])
	hex.Encode(id[19:], b[8:10])
	hex.Encode(id[24:], b[10:])
	id[8], id[13], id[18], id[23] = '-', '-', '-', '-'
	return string(id[:]), nil
}

// jitter spreads a wait between its length and a half more. Without random bytes
// it is not spread, which is only less polite.
func (s *shared) jitter(wait time.Duration) time.Duration {
	var b [8]byte
	s.mu.Lock()
	_, err := io.ReadFull(s.random, b[:])
	s.mu.Unlock()
	if err != nil || wait <= 1 {
		return wait
	}
	return wait + time.Duration(binary.NativeEndian.Uint64(b[:])%uint64(wait/2+1))
}
