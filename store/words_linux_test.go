package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/store"
)

// reads holds what a person is told against what it should be.
func reads(t *testing.T, err error, code, say, do string) {
	t.Helper()
	var r *graphwarden.Refusal
	if !errors.As(err, &r) || r.Code != code || r.Say != say || r.Do != do {
		t.Errorf("it says %v\nwant   %s %s (%s)", err, say, do, code)
	}
}

// TestWhatIsWrongIsSaidOfWhatWasNamed: a command that names a file with a flag is told
// of that file and that flag, neither of the configuration nor of a file that it has
// for the moment.
func TestWhatIsWrongIsSaidOfWhatWasNamed(t *testing.T) {
	fileOnly(t)
	h := lived(t)
	folder, err := os.MkdirTemp("", "words-*") // a TempDir's folders are for its user only
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	at := func(name string) string { return filepath.Join(folder, name) }
	_, err = h.beside(t).Backup(t.Context(), at("none/b.db"))
	reads(t, err, "storage.folder", "The folder of the backup "+at("none/b.db")+" does not exist.", "Make the folder, or correct the path given with --to.")
	if _, err := h.beside(t).Backup(t.Context(), at("b.db")); err != nil {
		t.Fatal(err)
	}
	closed := at("closed")
	if err := errors.Join(os.Mkdir(closed, 0o555), os.Chmod(folder, 0o755), os.Chmod(at("b.db"), 0o644), os.WriteFile(at("empty.db"), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	asNobody(t, func() {
		_, err := store.Restore(t.Context(), at("b.db"), store.Options{Path: at("closed/r.db"), Flag: "--to"}, leafOf)
		reads(t, err, "storage.unopenable", "The database "+at("closed/r.db")+" cannot be opened.", "Let this user read and write the file and its folder.")
	})
	_, err = store.Restore(t.Context(), at("b.db"), store.Options{Path: at("none/r.db"), Flag: "--to"}, leafOf)
	reads(t, err, "storage.folder", "The folder of the database "+at("none/r.db")+" does not exist.", "Make the folder, or correct the path given with --to.")
	_, err = store.Restore(t.Context(), at("b.db"), store.Options{Path: at("none/r.db")}, leafOf)
	reads(t, err, "storage.folder", "The folder of the database "+at("none/r.db")+" does not exist.", "Make the folder, or correct the path in the configuration.")
	_, err = store.OpenBeside(t.Context(), store.Options{Path: at("empty.db"), Flag: "--database"}, true)
	reads(t, err, "storage.absent", "The file "+at("empty.db")+" is empty: there is no database in it.", "Name the file of a database, or a backup, with --database.")
	_, err = store.OpenBeside(t.Context(), store.Options{Path: at("gone.db")}, true)
	reads(t, err, "storage.absent", "There is no database "+at("gone.db")+".", "Correct the path in the configuration, or start the server, which makes it.")
	_, err = store.OpenBeside(t.Context(), store.Options{URL: "postgres://u:hush@127.0.0.1:1/db", Flag: "--database"}, true)
	reads(t, err, "storage.server_down", "The database server of postgres://127.0.0.1:1/db does not answer.", "Start it, or correct the host and port given with --database.")
}
