package deliver

import (
	"log/slog"
	"os"
	"strings"
	"sync"

	"github.com/graphwarden/graphwarden/seal"
)

// Keys gives the secrets that a sink's deliveries are signed with now, the newest
// first. While there are two, each delivery carries both signatures, so that a
// receiver may change its own at any time in between.
type Keys interface {
	Keys() ([]seal.Secret, error)
}

// Fixed are keys that do not change.
type Fixed []seal.Secret

// Keys gives them.
func (f Fixed) Keys() ([]seal.Secret, error) { return f, nil }

// KeyFiles are keys in files, read before every batch: what an operator writes
// there is in force at once. While a file cannot be read or is no secret, the
// keys that were last good stay in force, and the log says so.
type KeyFiles struct {
	Current  string
	Previous string // "" when there is none; a file that is missing or empty ends the overlap
	Log      *slog.Logger

	mu   sync.Mutex
	good []seal.Secret
	bad  string // what was last complained of
}

// Keys reads the files.
func (k *KeyFiles) Keys() ([]seal.Secret, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	keys, err := k.read()
	if err == nil {
		k.good, k.bad = keys, ""
		return keys, nil
	}
	if k.good == nil {
		return nil, err
	}
	if k.bad != err.Error() {
		k.Log.Error("the signing secret cannot be read, the last good one stays in force", "file", k.Current, "reason", err)
		k.bad = err.Error()
	}
	return k.good, nil
}

func (k *KeyFiles) read() ([]seal.Secret, error) {
	raw, err := os.ReadFile(k.Current)
	if err != nil {
		return nil, unreadable(k.Current, err)
	}
	current, err := ParseSecret(strings.TrimSpace(string(raw)))
	if err != nil || k.Previous == "" {
		return []seal.Secret{current}, inFile(k.Current, err)
	}
	raw, err = os.ReadFile(k.Previous)
	text := strings.TrimSpace(string(raw))
	switch {
	case os.IsNotExist(err), err == nil && text == "":
		return []seal.Secret{current}, nil
	case err != nil:
		return nil, unreadable(k.Previous, err)
	}
	previous, err := ParseSecret(text)
	return []seal.Secret{current, previous}, inFile(k.Previous, err)
}
