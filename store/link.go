package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Resolve gives the file that a path means: links are followed, also one to a file that
// is yet to be made. What lies beside a database (who owns it, its log) lies beside that
// file, by whatever name the database is opened. A path that cannot be followed is given
// back as it is: opening it says why.
func Resolve(path string) string {
	for next, left := path, maxLinks; left > 0; left-- {
		found, err := filepath.EvalSymlinks(next)
		if err == nil {
			return found
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return path
		}
		folder, err := filepath.EvalSymlinks(filepath.Dir(next))
		if err != nil {
			return next // its folder is not there
		}
		next = filepath.Join(folder, filepath.Base(next))
		to, err := os.Readlink(next)
		if err != nil {
			return next // there is nothing yet
		}
		if !filepath.IsAbs(to) {
			to = filepath.Join(folder, to)
		}
		next = to
	}
	return path
}

// maxLinks is how many links are followed, one after the other: as many as Linux does.
const maxLinks = 40

// onFile has the store work on the file that its path means, and call it as whoever
// reads about it knows it.
func (s *Store) onFile() {
	file := Resolve(s.Path)
	called := s.Path
	if info, err := os.Lstat(s.Path); err == nil && info.Mode()&fs.ModeSymlink != 0 && file != s.Path {
		called = fmt.Sprintf("%s (a link to %s)", s.Path, file)
	}
	s.Path = file
	s.engine = sqlite{path: file, called: called, room: s.Room, relaxed: new(bool)}
}

// onlyName refuses a database whose file has a second name, a hard link: who has it
// open by the one sees neither the owner's lock nor the log of who has it by the other,
// and two that write so destroy it.
func (s *Store) onlyName() error {
	n, err := names(s.Path)
	if n < 2 || err != nil {
		return nil // what keeps it from being asked keeps it from being opened
	}
	return s.problem("linked", fmt.Errorf("it has %d names", n))
}

// unsettle takes away the second name that settle leaves when it is killed between
// giving a file its name and taking the one away under which it was written.
func (s *Store) unsettle() error {
	partial := s.Path + ".partial"
	written, err := os.Lstat(partial)
	if err != nil {
		return nil
	}
	if file, err := os.Lstat(s.Path); err != nil || !os.SameFile(written, file) {
		return nil
	}
	if err := remove(partial); err != nil {
		return s.problem("unopenable", err)
	}
	return nil
}
