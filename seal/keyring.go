package seal

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// keyring is the key file as it was last read.
type keyring struct {
	keys *keyset.Handle
	aead tink.AEAD
	file os.FileInfo
}

// openKeyring reads the key file.
func openKeyring(path string) (*keyring, error) {
	raw, info, err := readKeyFile(path)
	if err != nil {
		return nil, err
	}
	defer clear(raw)
	keys, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(raw)))
	if err != nil {
		return nil, damaged(path, err)
	}
	primitive, err := aead.New(keys)
	if err != nil {
		return nil, damaged(path, err)
	}
	return &keyring{keys, primitive, info}, nil
}

// same says whether the file is still as it was read.
func (k *keyring) same(info os.FileInfo) bool {
	return os.SameFile(info, k.file) && info.ModTime().Equal(k.file.ModTime()) && info.Size() == k.file.Size()
}

// current gives the keyring of the file as it is now. Another process may have
// added a key, and what is sealed must open there too. A file that cannot be read
// now leaves the keys that were read before.
func (s *Sealer) current() *keyring {
	s.mu.Lock()
	defer s.mu.Unlock()
	if info, err := os.Stat(s.path); err == nil && !s.ring.same(info) {
		if fresh, err := openKeyring(s.path); err == nil {
			s.ring = fresh
		}
	}
	return s.ring
}

// File is the key file's name.
func (s *Sealer) File() string { return s.path }

// AddKey puts a new key into the key file, by which nothing is sealed before SealByNewKey
// says so: who has a copy of the file can be given this one first. While a rotation is
// unfinished it does nothing, and says so.
func (s *Sealer) AddKey() (added bool, err error) {
	err = s.rewrite(func(m *keyset.Manager, keys *keyset.Handle) error {
		if keys.Len() > 1 {
			return nil
		}
		added = true
		_, err := m.Add(aead.AES256GCMKeyTemplate())
		return err
	})
	return added, err
}

// SealByNewKey has everything sealed by the newest key of the file from now on; the
// others still open what they sealed. Where it seals already it does nothing, and says so.
func (s *Sealer) SealByNewKey() (switched bool, err error) {
	err = s.rewrite(func(m *keyset.Manager, keys *keyset.Handle) error {
		info := keys.KeysetInfo()
		newest := info.GetKeyInfo()[keys.Len()-1].GetKeyId() // the file keeps the order in which they came
		if newest == info.GetPrimaryKeyId() {
			return nil
		}
		switched = true
		return m.SetPrimary(newest)
	})
	return switched, err
}

// DropOldKeys takes every key but the one that seals out of the key file. What
// they sealed never opens again, in backups of the database either.
func (s *Sealer) DropOldKeys() error {
	return s.rewrite(func(m *keyset.Manager, keys *keyset.Handle) error {
		primary := keys.KeysetInfo().GetPrimaryKeyId()
		for _, key := range keys.KeysetInfo().GetKeyInfo() {
			if key.GetKeyId() == primary {
				continue
			}
			if err := m.Delete(key.GetKeyId()); err != nil {
				return err
			}
		}
		return nil
	})
}

// Fresh says whether a sealed value was sealed by the key that seals now: Tink
// writes a key's id before what it seals.
func (s *Sealer) Fresh(sealed []byte) bool {
	return len(sealed) > 5 && sealed[0] == 1 && binary.BigEndian.Uint32(sealed[1:5]) == s.current().keys.KeysetInfo().GetPrimaryKeyId()
}

// rewrite changes the key file, whole or not at all.
func (s *Sealer) rewrite(change func(*keyset.Manager, *keyset.Handle) error) error {
	now, err := openKeyring(s.path)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return unreadable(s.path, err)
		}
		return err
	}
	manager := keyset.NewManagerFromHandle(now.keys)
	if err := change(manager, now.keys); err != nil {
		return fmt.Errorf("changing the keys: %w", err)
	}
	keys, err := manager.Handle()
	if err != nil {
		return fmt.Errorf("changing the keys: %w", err)
	}
	var raw bytes.Buffer
	if err := insecurecleartextkeyset.Write(keys, keyset.NewJSONWriter(&raw)); err != nil {
		return fmt.Errorf("writing the keys as JSON: %w", err)
	}
	defer clear(raw.Bytes())
	return replace(s.path, raw.Bytes())
}

// replace puts content on disk in the place of a file that is there.
func replace(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return unwritable(path, err)
	}
	defer os.Remove(f.Name()) // after the rename it is gone
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return unwritable(path, err)
	}
	return syncFolder(filepath.Dir(path))
}

func unwritable(path string, err error) error {
	return refuseKey("seal.key_unwritable", err, fmt.Sprintf("The key file %s cannot be made or changed.", path),
		"Make its folder, and let this user write there.")
}
