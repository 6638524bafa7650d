package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/graphwarden/graphwarden"
	"github.com/ncruces/go-sqlite3"
)

// problems says, for each thing that can be wrong with a database, what a person
// reads. The key is the refusal's code; %s is the path.
func problems() map[string]struct{ say, do string } {
	return map[string]struct{ say, do string }{
		"storage.folder":         {"The folder of the database %s does not exist.", "Make the folder, or correct the path in the configuration."},
		"storage.not_a_database": {"%s is not a Graphwarden database.", "Name another file in the configuration; this one is left as it is."},
		"storage.damaged":        {"The database %s is damaged.", "Stop, keep a copy of the file, and restore the last backup."},
		"storage.read_only":      {"The database %s cannot be written: the file, its folder or the disk is read-only.", "Let this user write to the file and its folder."},
		"storage.unopenable":     {"The database %s cannot be opened.", "Let this user read and write the file and its folder."},
		"storage.full":           {"The disk that holds the database %s is full.", "Make room on it; nothing that was confirmed is lost, and work goes on by itself."},
		"storage.owned":          {"Another Graphwarden is running on the database %s.", "Stop it first, or give this one a database of its own."},
		"storage.busy":           {"Another program keeps the database %s locked.", "Close the program that has it open, such as an SQLite shell or a backup."},
		"storage.newer":          {"The database %s was made by a newer Graphwarden.", "Run the newer version, or restore a backup from before it."},
		"storage.disk":           {"The disk that holds the database %s does not work.", "Look at the system's log for errors of the disk; nothing that was confirmed is lost."},
	}
}

// problem makes the refusal with this code, given without "storage.".
func problem(code, path string, cause error) *graphwarden.Refusal {
	code = "storage." + code
	p := problems()[code]
	return &graphwarden.Refusal{
		Kind: graphwarden.Storage, Code: code,
		Say: fmt.Sprintf(p.say, path), Do: p.do, Cause: cause,
	}
}

// refuse turns what the database says into a refusal, once, where it leaves the
// store. What is already a refusal, or is none of the database's, stays as it is.
func (s *Store) refuse(err error) error {
	var refusal *graphwarden.Refusal
	if errors.As(err, &refusal) {
		if refusal.Kind == graphwarden.Storage && refusal.Code == "storage.newer" {
			return problem("newer", s.Path, refusal.Cause)
		}
		return err
	}
	var code sqlite3.ErrorCode
	if err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &code) {
		return err
	}
	if s.noRoom(err) {
		return problem("full", s.Path, err)
	}
	if name := problemOf(code); name != "" {
		return problem(name, s.Path, err)
	}
	return err
}

// noRoom says whether an error of reading and writing is a full disk. SQLite has
// no code of its own for that in the file of shared memory, and a write that was
// cut short it reports like one that failed; then the disk is asked for room.
func (s *Store) noRoom(err error) bool {
	if errors.Is(err, sqlite3.IOERR_SHMSIZE) || errors.Is(err, sqlite3.IOERR_SHMMAP) || errors.Is(err, syscall.ENOSPC) {
		return true
	}
	return errors.Is(err, sqlite3.IOERR_WRITE) && errors.Is(s.Room(filepath.Dir(s.Path)), syscall.ENOSPC)
}

// room writes as much into a folder as a database needs to go on, and takes it
// away again.
func room(folder string) error {
	f, err := os.CreateTemp(folder, ".room-*")
	if err != nil {
		return err
	}
	_, err = f.Write(make([]byte, roomAsked))
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// roomAsked is less than a database needs to go on.
const roomAsked = 256 << 10

// problemOf names the problem behind an SQLite result code
// (https://sqlite.org/rescode.html), "" when it is a mistake of ours.
func problemOf(code sqlite3.ErrorCode) string {
	switch code {
	case sqlite3.NOTADB:
		return "not_a_database"
	case sqlite3.CORRUPT:
		return "damaged"
	case sqlite3.READONLY:
		return "read_only"
	case sqlite3.CANTOPEN, sqlite3.PERM, sqlite3.AUTH:
		return "unopenable"
	case sqlite3.FULL:
		return "full"
	case sqlite3.BUSY, sqlite3.LOCKED, sqlite3.PROTOCOL:
		return "busy"
	case sqlite3.IOERR, sqlite3.NOMEM:
		return "disk"
	}
	return ""
}

// fatal says whether an error of a statement ends the transaction it ran in.
// SQLite may have rolled the transaction back on any error but a constraint's
// (https://sqlite.org/lang_transaction.html, "Response To Errors Within A
// Transaction"), and a statement after that would commit by itself.
func fatal(err error) bool {
	var code sqlite3.ErrorCode
	return errors.As(err, &code) && code != sqlite3.CONSTRAINT
}
