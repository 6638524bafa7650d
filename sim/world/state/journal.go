package state

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"time"
)

// line is one journal line: a committed transaction.
type line struct {
	Seq   uint64        `json:"seq"`
	At    time.Time     `json:"at"`
	Skew  time.Duration `json:"skew,omitempty"`
	Base  string        `json:"base,omitempty"` // only in the first line
	Wrote []entry       `json:"wrote"`
}

// entry is one write of a transaction; without a value it is a deletion.
type entry struct {
	Table string          `json:"table"`
	ID    string          `json:"id"`
	Value json.RawMessage `json:"value,omitempty"`
}

// ErrTaken is the error of a journal that another process has open.
var ErrTaken = errors.New("another simulator runs on this journal: end it, or name another journal")

// sumLen is the length of a checksum in a line: CRC-32C in hexadecimal.
const sumLen = 2 * crc32.Size

// sealed gives the line as it stands in the journal: its checksum, a space, its
// JSON and a line feed.
func (l line) sealed() ([]byte, error) {
	b, err := json.Marshal(l)
	if err != nil {
		return nil, err
	}
	return append(append(append(checksum(b), ' '), b...), '\n'), nil
}

func checksum(b []byte) []byte {
	sum := crc32.Checksum(b, crc32.MakeTable(crc32.Castagnoli))
	return hex.AppendEncode(nil, []byte{byte(sum >> 24), byte(sum >> 16), byte(sum >> 8), byte(sum)})
}

// unseal reads a whole line of the journal.
func unseal(raw []byte) (l line, err error) {
	raw = bytes.TrimSuffix(raw, []byte("\n"))
	if len(raw) <= sumLen || raw[sumLen] != ' ' {
		return l, errors.New("it is no line of a journal")
	}
	text := raw[sumLen+1:]
	if !bytes.Equal(raw[:sumLen], checksum(text)) {
		return l, errors.New("it is damaged, its checksum does not match")
	}
	return l, json.Unmarshal(text, &l)
}

// openJournal opens the journal's file, if there is to be one, and gives the time
// of its first line: when the tenant was made. A new journal gets that line.
func (s *Store) openJournal() (*os.File, time.Time, error) {
	now := s.clock.Now()
	if s.options.Path == "" {
		return nil, now, nil
	}
	f, err := os.OpenFile(s.options.Path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, now, fmt.Errorf("opening the journal: %w", err)
	}
	if err := lock(f); err != nil {
		return nil, now, errors.Join(fmt.Errorf("opening %s: %w", s.options.Path, err), f.Close())
	}
	first, err := begin(f, line{At: now, Base: s.options.Base, Wrote: []entry{}})
	if err == nil && first.Base != s.options.Base {
		err = fmt.Errorf("it was begun with %s, not with %s: start with the same again, or with another journal", first.Base, s.options.Base)
	}
	if err != nil {
		return nil, now, errors.Join(fmt.Errorf("reading %s: %w", s.options.Path, err), f.Close())
	}
	return f, first.At, nil
}

// begin gives the journal's first line, which it writes into a new one, and
// leaves the file at its start.
func begin(f *os.File, first line) (line, error) {
	raw, err := bufio.NewReader(f).ReadBytes('\n')
	switch {
	case err == nil:
		if first, err = unseal(raw); err != nil {
			return first, fmt.Errorf("line 1: %w", err)
		}
	case errors.Is(err, io.EOF):
		if raw, err = first.sealed(); err != nil {
			return first, err
		}
		if err := f.Truncate(0); err != nil {
			return first, err
		}
		if _, err := f.WriteAt(raw, 0); err != nil {
			return first, err
		}
	default:
		return first, err
	}
	_, err = f.Seek(0, io.SeekStart)
	return first, err
}

// replay applies every whole line and says where the last of them ends. A line
// that is whole and not as it was written ends it: what came after would build on
// something that did not happen.
func (s *Store) replay(f *os.File) (int64, error) {
	lines := bufio.NewReader(f)
	var whole int64
	for n := 1; ; n++ {
		raw, err := lines.ReadBytes('\n')
		switch {
		case errors.Is(err, io.EOF):
			return whole, nil
		case err != nil:
			return whole, err
		}
		l, err := unseal(raw)
		if err != nil {
			return whole, fmt.Errorf("line %d: %w: put a copy in its place, or start with another journal", n, err)
		}
		if n > 1 && l.Seq != s.seq+1 {
			return whole, fmt.Errorf("line %d: it is transaction %d, and %d is missing: put a copy in its place, or start with another journal", n, l.Seq, s.seq+1)
		}
		if err := s.apply(l); err != nil {
			return whole, fmt.Errorf("line %d: %w", n, err)
		}
		whole += int64(len(raw))
	}
}
