package ledger

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/graphwarden/graphwarden"
	"golang.org/x/mod/sumdb/tlog"
)

// entryRoom is how long an encoded entry may be: an entry bundle of c2sp.org/tlog-tiles
// has two bytes for its length.
const entryRoom = 1<<16 - 1

// Readable is a ledger that can be exported and proved from. The store satisfies it.
type Readable interface {
	Trees
	EntriesAfter(ctx context.Context, seq int64, limit int, each func(e graphwarden.Entry, leaf [32]byte) error) error
}

// Export writes a ledger's entries and tree, as far as a checkpoint covers them, into a
// folder: tiles as c2sp.org/tlog-tiles has them, the checkpoint, and the key that it is
// checked with. The folder must not exist; it is there when it is whole.
func Export(ctx context.Context, rows Readable, c graphwarden.Checkpoint, key, folder string) (err error) {
	if _, err := os.Lstat(folder); err == nil {
		return fmt.Errorf("exporting the ledger: %s is there already", folder)
	}
	partial, err := os.MkdirTemp(filepath.Dir(folder), ".ledger-*")
	if err != nil {
		return fmt.Errorf("exporting the ledger: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(partial)) }() // after the rename it is gone
	t := &tree{ctx: ctx, rows: rows}
	for first := int64(0); first < c.Size; first += wide {
		tile := tlog.Tile{H: high, L: -1, N: first / wide, W: int(min(wide, c.Size-first))}
		if err := writeBundle(ctx, rows, tile, partial); err != nil {
			return err
		}
	}
	for level, size := 0, c.Size; size > 0; level, size = level+1, size/wide {
		for first := int64(0); first < size; first += wide {
			tile := tlog.Tile{H: high, L: level, N: first / wide, W: int(min(wide, size-first))}
			hashes, err := t.level(level, first, tile.W)
			if err != nil {
				return fmt.Errorf("exporting the ledger's tree: %w", err)
			}
			raw := make([]byte, 0, len(hashes)*tlog.HashSize)
			for _, h := range hashes {
				raw = append(raw, h[:]...)
			}
			if err := writeTile(partial, tile, raw); err != nil {
				return err
			}
		}
	}
	err = errors.Join(os.WriteFile(filepath.Join(partial, "checkpoint"), []byte(c.Note), 0o644),
		os.WriteFile(filepath.Join(partial, "checkpoint.vkey"), []byte(key), 0o644), os.Chmod(partial, 0o755))
	if err == nil {
		err = os.Rename(partial, folder)
	}
	if err != nil {
		return fmt.Errorf("exporting the ledger: %w", err)
	}
	return nil
}

// writeBundle writes the entries of one tile.
func writeBundle(ctx context.Context, rows Readable, tile tlog.Tile, folder string) error {
	var raw []byte
	n := 0
	err := rows.EntriesAfter(ctx, tile.N*wide, tile.W, func(e graphwarden.Entry, _ [32]byte) error {
		encoded := Encode(e)
		if len(encoded) > entryRoom {
			return fmt.Errorf("entry %d is too long for a bundle", e.Seq)
		}
		raw = binary.BigEndian.AppendUint16(raw, uint16(len(encoded)))
		raw = append(raw, encoded...)
		n++
		return nil
	})
	if err == nil && n < tile.W {
		err = changed(fmt.Sprintf("Entry %d is missing.", tile.N*wide+int64(n)+1))
	}
	if err != nil {
		return fmt.Errorf("exporting the ledger's entries: %w", err)
	}
	return writeTile(folder, tile, raw)
}

// writeTile writes a tile where c2sp.org/tlog-tiles has it: as Go's checksum database
// does, which also says the tiles' height, and calls entries data.
func writeTile(folder string, tile tlog.Tile, raw []byte) error {
	path := strings.Replace(strings.Replace(tile.Path(), "tile/8/", "tile/", 1), "tile/data/", "tile/entries/", 1)
	path = filepath.Join(folder, filepath.FromSlash(path))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("exporting the ledger: %w", err)
	}
	if err := os.WriteFile(path, raw, 0o644); err != nil {
		return fmt.Errorf("exporting the ledger: %w", err)
	}
	return nil
}
