package audit

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
)

// Cosignature is a witness's statement that, at a time, a checkpoint was the newest of
// its ledger that it had seen, and went on from those before.
type Cosignature struct {
	Witness string    `json:"witness"`
	At      time.Time `json:"at"`
}

// cosignatureKey is the type of a key for Ed25519 cosignatures (c2sp.org/tlog-cosignature).
const cosignatureKey = 4

// ReadCosignature finds a witness's cosignature on a signed checkpoint, and checks it with
// the witness's key: a line of the form name+hash+base64. It does not check the
// checkpoint's own signature, which ReadCheckpoint does.
func ReadCosignature(signed, key string) (Cosignature, error) {
	name, rest, _ := strings.Cut(strings.TrimSpace(key), "+")
	id, encoded, _ := strings.Cut(rest, "+")
	hash, err1 := hex.DecodeString(id)
	raw, err2 := base64.StdEncoding.DecodeString(encoded)
	if name == "" || err1 != nil || err2 != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != cosignatureKey {
		return Cosignature{}, errors.New("the key is not one of a witness, name+hash+base64, for Ed25519 cosignatures")
	}
	if sum := sha256.Sum256(append([]byte(name+"\n"), raw...)); string(sum[:4]) != string(hash) {
		return Cosignature{}, errors.New("the key's hash is not that of the key")
	}
	cut := strings.LastIndex(signed, "\n\n")
	if cut < 0 {
		return Cosignature{}, errors.New("it is no signed note")
	}
	text := signed[:cut+1]
	for _, line := range strings.Split(signed[cut+2:], "\n") {
		by, encoded, _ := strings.Cut(strings.TrimPrefix(line, "— "), " ")
		signature, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if by != name || err != nil || len(signature) < 4 || string(signature[:4]) != string(hash) {
			continue
		}
		if len(signature) != 4+8+ed25519.SignatureSize {
			return Cosignature{}, fmt.Errorf("the cosignature of %s has another length than one", name)
		}
		seconds := binary.BigEndian.Uint64(signature[4:])
		if seconds > math.MaxInt64 || !ed25519.Verify(raw[1:], []byte(fmt.Sprintf("cosignature/v1\ntime %d\n", seconds)+text), signature[12:]) {
			return Cosignature{}, fmt.Errorf("the cosignature of %s is not valid", name)
		}
		return Cosignature{Witness: name, At: time.Unix(int64(seconds), 0).UTC()}, nil
	}
	return Cosignature{}, fmt.Errorf("%s did not cosign it", name)
}
