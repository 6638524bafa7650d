package audit

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"github.com/transparency-dev/merkle/rfc6962"
)

// Tiles verifies a ledger that was exported as tiles (c2sp.org/tlog-tiles) against a
// checkpoint: every entry of the bundles, every tile of hashes, and the root. The error
// says that a file could not be read, which is not a finding about the ledger; one that
// is not there is.
func Tiles(folder fs.FS, against Checkpoint) (Report, error) {
	a := newAudit(&against, nil)
	return a.close(a.tiles(folder, against, nil))
}

// tiles takes the tiles after those that it is given the roots of, which are the hashes
// of the level above: none, for a verification from the beginning.
func (a *audit) tiles(folder fs.FS, against Checkpoint, up [][]byte) error {
	for first := int64(len(up)) * block; first < against.Size; first += block {
		width := int(min(block, against.Size-first))
		tile, err := readTile(folder, 0, first/block, width)
		if err != nil {
			return unjudged(err, first+1)
		}
		entries, more, err := readBundle(folder, first/block, width)
		if err != nil {
			return unjudged(err, first+1)
		}
		for i, encoded := range entries {
			seq, err := number(encoded)
			if err != nil {
				return bad(first+int64(i)+1, "is not as it was written: %v", err)
			}
			if err := a.take(seq, encoded, tile[i]); err != nil {
				return err
			}
		}
		if len(entries) < width {
			return bad(first+int64(len(entries))+1, "is missing: its bundle ends before it")
		}
		if more {
			return bad(first+int64(width), "is not the last of its bundle, as it should be")
		}
		if width == block {
			up = append(up, rootOf(tile))
		}
	}
	return a.upper(folder, up)
}

// upper compares the tiles above those of leaf hashes.
func (a *audit) upper(folder fs.FS, want [][]byte) error {
	covers := int64(block)
	for level := 1; len(want) > 0; level++ {
		var up [][]byte
		for first := 0; first < len(want); first += block {
			width := min(block, len(want)-first)
			tile, err := readTile(folder, level, int64(first/block), width)
			if err != nil {
				return unjudged(err, int64(first)*covers+1)
			}
			for i, hash := range tile {
				if string(hash) != string(want[first+i]) {
					begins := int64(first+i)*covers + 1
					return &found{bad: begins, why: fmt.Sprintf("The hash over entries %d to %d, in a tile of level %d, is not the one over those entries.", begins, begins+covers-1, level)}
				}
			}
			if width == block {
				up = append(up, rootOf(tile))
			}
		}
		want, covers = up, covers*block
	}
	return nil
}

// unjudged makes a finding of a file that is missing or has another length.
func unjudged(err error, entry int64) error {
	var wrong *misshapen
	if errors.Is(err, fs.ErrNotExist) || errors.As(err, &wrong) {
		return bad(entry, "cannot be judged: %v", err)
	}
	return err
}

// misshapen is a file that is there and is not what its name says.
type misshapen struct{ why string }

func (m *misshapen) Error() string { return m.why }

// name is a tile's place: in groups of three digits, all but the last with an x.
func name(kind string, n int64, width int) string {
	path := fmt.Sprintf("%03d", n%1000)
	for n /= 1000; n > 0; n /= 1000 {
		path = fmt.Sprintf("x%03d/%s", n%1000, path)
	}
	path = "tile/" + kind + "/" + path
	if width < block {
		path += ".p/" + strconv.Itoa(width)
	}
	return path
}

func readTile(folder fs.FS, level int, n int64, width int) ([][]byte, error) {
	path := name(strconv.Itoa(level), n, width)
	raw, err := fs.ReadFile(folder, path)
	if err != nil {
		return nil, err
	}
	if len(raw) != width*32 {
		return nil, &misshapen{fmt.Sprintf("%s has %d bytes in place of %d", path, len(raw), width*32)}
	}
	out := make([][]byte, width)
	for i := range out {
		out[i] = raw[32*i : 32*i+32]
	}
	return out, nil
}

// readBundle reads at most width entries, as far as they are whole, and says whether
// more follows: each entry has its length before it, in two bytes.
func readBundle(folder fs.FS, n int64, width int) (entries [][]byte, more bool, err error) {
	raw, err := fs.ReadFile(folder, name("entries", n, width))
	if err != nil {
		return nil, false, err
	}
	for len(raw) >= 2 && len(entries) < width {
		size := int(binary.BigEndian.Uint16(raw))
		if len(raw) < 2+size {
			return entries, true, nil
		}
		entries, raw = append(entries, raw[2:2+size]), raw[2+size:]
	}
	return entries, len(raw) > 0, nil
}

// number gives the number that is written in an entry.
func number(encoded []byte) (int64, error) {
	fields, err := netstrings(string(encoded))
	if err != nil {
		return 0, err
	}
	if len(fields) != 16 || fields[0] != format {
		return 0, errors.New("it has other fields than an entry")
	}
	return strconv.ParseInt(fields[1], 10, 64)
}

// rootOf gives the root hash over a whole tile.
func rootOf(tile [][]byte) []byte {
	row := append([][]byte(nil), tile...)
	for ; len(row) > 1; row = row[:len(row)/2] {
		for i := range len(row) / 2 {
			row[i] = rfc6962.DefaultHasher.HashChildren(row[2*i], row[2*i+1])
		}
	}
	return row[0]
}
