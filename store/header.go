package store

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// What marks an SQLite file as ours (https://sqlite.org/fileformat2.html, section
// 1.3): the application id, at its place in the header.
const (
	headerSize          = 100
	applicationIDOffset = 68
	applicationID       = 'G'<<24 | 'W'<<16 | 'R'<<8 | 'D'
)

var errIrregular = errors.New("not a regular file")

// What tells a file beside which SQLite keeps a log (same document, section 1.3.3).
const (
	readVersionOffset = 19
	readVersionLog    = 2
)

// place refuses a path that cannot be a database before SQLite, whose words for
// it are all the same.
func (s *Store) place() error { return s.placeAs(os.O_RDWR) }

// placeAs is place for a file that is opened with these flags.
func (s *Store) placeAs(flags int) error {
	dir := filepath.Dir(s.Path)
	switch info, err := os.Stat(dir); {
	case errors.Is(err, fs.ErrPermission):
		return s.problem("unopenable", err)
	case err != nil || !info.IsDir():
		return s.problem("folder", err)
	}
	header, err := readHeader(s.Path, flags)
	switch {
	case errors.Is(err, errIrregular):
		return s.problem("not_a_database", err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return s.problem("read_only", err)
	case err != nil:
		return s.problem("unopenable", err)
	}
	worked := flags == os.O_RDWR
	if header != nil && !unfinished(header) {
		if binary.BigEndian.Uint32(header[applicationIDOffset:]) != applicationID {
			return s.problem("not_a_database", nil)
		}
		worked = worked || header[readVersionOffset] == readVersionLog
	}
	if !worked { // a backup may have as many names as its keeper likes
		return nil
	}
	return s.onlyName()
}

// unfinished says whether a header was never written: the power was cut while the
// database was being made, and SQLite's journal empties the file. A file of zeros
// without a journal SQLite refuses itself, and leaves as it is.
func unfinished(header []byte) bool { return bytes.Count(header, []byte{0}) == len(header) }

// readHeader gives the file's header; nil when there is no file or an empty one.
// Where the file is to be written to, it is opened for that, to find out that it
// cannot be.
func readHeader(path string, flags int) ([]byte, error) {
	switch info, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errIrregular
	}
	f, err := os.OpenFile(path, flags, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	header := make([]byte, headerSize) // a short file's is not SQLite's
	n, err := f.Read(header)
	if n == 0 && errors.Is(err, io.EOF) {
		return nil, nil
	}
	return header, err
}
