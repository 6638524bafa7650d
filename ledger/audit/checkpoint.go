package audit

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Checkpoint is what was signed (c2sp.org/tlog-checkpoint): how many entries the ledger
// has, and the root hash of the tree over them.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   [32]byte
}

// ed25519Key is the type of a key in a signed note (c2sp.org/signed-note).
const ed25519Key = 1

// ReadCheckpoint reads a signed checkpoint, and checks that the key signed it. The key
// is a line as it stands in a .vkey file: name+hash+base64.
func ReadCheckpoint(signed, key string) (Checkpoint, error) {
	name, hash, public, err := readKey(strings.TrimSpace(key))
	if err != nil {
		return Checkpoint{}, err
	}
	cut := strings.LastIndex(signed, "\n\n")
	if cut < 0 || !strings.HasSuffix(signed, "\n") {
		return Checkpoint{}, errors.New("it is no signed note")
	}
	text, valid := signed[:cut+1], false
	for _, line := range strings.Split(strings.TrimSuffix(signed[cut+2:], "\n"), "\n") {
		signer, encoded, ok := strings.Cut(strings.TrimPrefix(line, "— "), " ")
		signature, err := base64.StdEncoding.Strict().DecodeString(encoded)
		if !ok || !strings.HasPrefix(line, "— ") || err != nil || len(signature) < len(hash) {
			return Checkpoint{}, errors.New("a line that should be a signature is none")
		}
		if signer != name || string(signature[:4]) != string(hash) {
			continue // another's, such as a witness's
		}
		if !ed25519.Verify(public, []byte(text), signature[4:]) {
			return Checkpoint{}, fmt.Errorf("the signature of %s is not valid", name)
		}
		valid = true
	}
	if !valid {
		return Checkpoint{}, fmt.Errorf("%s did not sign it", name)
	}
	return readText(text, name)
}

// readText reads what was signed.
func readText(text, origin string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != origin {
		return Checkpoint{}, fmt.Errorf("it is no checkpoint of %s", origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("%q is not a number of entries", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != sha256.Size {
		return Checkpoint{}, fmt.Errorf("%q is no root hash", lines[2])
	}
	return Checkpoint{Origin: origin, Size: size, Root: [32]byte(root)}, nil
}

// readKey reads a verifier key: the name, the key's hash that signatures begin with,
// and the key.
func readKey(key string) (name string, hash []byte, public ed25519.PublicKey, err error) {
	name, rest, _ := strings.Cut(key, "+")
	hexHash, encoded, _ := strings.Cut(rest, "+")
	hash, err1 := hex.DecodeString(hexHash)
	raw, err2 := base64.StdEncoding.DecodeString(encoded)
	if name == "" || err1 != nil || err2 != nil || len(raw) != 1+ed25519.PublicKeySize || raw[0] != ed25519Key {
		return "", nil, nil, errors.New("the key is not one of a signed note, name+hash+base64, of type Ed25519")
	}
	sum := sha256.Sum256(append([]byte(name+"\n"), raw...))
	if string(sum[:4]) != string(hash) {
		return "", nil, nil, errors.New("the key's hash is not that of the key")
	}
	return name, hash, ed25519.PublicKey(raw[1:]), nil
}
