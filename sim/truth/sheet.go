package truth

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/graphwarden/graphwarden/sim/world"
)

// sheet keeps lines by their place, the first at 0.
type sheet interface {
	write(line []byte) error
	read(place int) ([]byte, error)
	close() error
}

// memory is a sheet without a file.
type memory struct{ lines [][]byte }

func (m *memory) write(line []byte) error        { m.lines = append(m.lines, line); return nil }
func (m *memory) read(place int) ([]byte, error) { return m.lines[place], nil }
func (m *memory) close() error                   { return nil }

// file is a sheet on disk. Of its lines only the ends are kept in memory.
type file struct {
	f    *os.File
	ends []int64
}

// openFile opens the file, empty unless it is kept.
func openFile(path string, kept bool) (*file, error) {
	flags := os.O_RDWR | os.O_CREATE
	if !kept {
		flags |= os.O_TRUNC
	}
	f, err := os.OpenFile(path, flags, 0o600)
	if err != nil {
		return nil, err
	}
	return &file{f: f}, nil
}

// count reads what the file holds: how many rows of writes, and the number that
// the next row gets. A last line without its end is cut off.
func (s *file) count() (writes int, next uint64, err error) {
	lines := bufio.NewReader(s.f)
	for {
		raw, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return writes, uint64(len(s.ends)) + 1, s.f.Truncate(s.end())
		}
		if err != nil {
			return 0, 0, err
		}
		var e world.Effect
		if err := json.Unmarshal(raw, &e); err != nil {
			return 0, 0, fmt.Errorf("line %d: %w", len(s.ends)+1, err)
		}
		if want := uint64(len(s.ends)) + 1; e.Seq != want {
			return 0, 0, fmt.Errorf("line %d is numbered %d", want, e.Seq)
		}
		if e.Effect != world.Read && e.Effect != world.None {
			writes++
		}
		s.ends = append(s.ends, s.end()+int64(len(raw)))
	}
}

func (s *file) end() int64 {
	if len(s.ends) == 0 {
		return 0
	}
	return s.ends[len(s.ends)-1]
}

func (s *file) write(line []byte) error {
	if _, err := s.f.WriteAt(line, s.end()); err != nil {
		return err
	}
	s.ends = append(s.ends, s.end()+int64(len(line)))
	return nil
}

func (s *file) read(place int) ([]byte, error) {
	var from int64
	if place > 0 {
		from = s.ends[place-1]
	}
	line := make([]byte, s.ends[place]-from)
	_, err := s.f.ReadAt(line, from)
	return line, err
}

func (s *file) close() error { return s.f.Close() }
