package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/internal/pg"
	"github.com/graphwarden/graphwarden/store"
)

// leafOf stands for the ledger's way to hash an entry.
func leafOf(e graphwarden.Entry) [32]byte { return sha256.Sum256([]byte(fmt.Sprintf("%+v", e))) }

// lived gives a house with something in many of its tables.
func lived(t *testing.T) house {
	t.Helper()
	h, feed := withSink(t, event("a", "1"), event("b", "ü"), event("c", "1"))
	h.apply(t, feed, "d2", removed("a"), event("b", "2"))
	fresh, upTo := h.fresh(t, 2)
	h.advance(t, upTo, h.failing(fresh[0], time.Hour))
	h.update(t, func(ctx context.Context, tx graphwarden.Tx) error {
		for i := range 3 {
			if _, err := h.AppendEntry(ctx, tx, graphwarden.Entry{Kind: graphwarden.Decided, Call: fmt.Sprint(i), Allowed: i > 0}, leafOf); err != nil {
				return err
			}
		}
		return h.PutToken(ctx, tx, graphwarden.SealedToken{Tenant: "contoso", Registration: "calendar", Version: 1, Sealed: []byte{0, 1, 255}, ExpiresAt: tx.Now()})
	})
	h.update(t, pin(h.Store, "ada@contoso.example"))
	return h
}

// beside opens the house's database as another process does.
func (h house) beside(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.OpenBeside(t.Context(), store.Options{Path: h.path, URL: h.url, Now: h.clock.Now}, false)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// targets are places for a restored database: a file, and a server if there is one.
func targets(t *testing.T) map[string]store.Options {
	t.Helper()
	all := map[string]store.Options{"a file": {Path: filepath.Join(t.TempDir(), "restored.db")}}
	if pg.There() {
		all["a server"] = store.Options{URL: pg.NewSchema(t)}
	}
	return all
}

func TestABackupThatWasMadeWhileWorkWentOnIsRestored(t *testing.T) {
	t.Parallel()
	h := lived(t)
	before, err := h.ChangesAfter(t.Context(), "office-calendars", 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "backup.db")
	stop := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { // work goes on
		for n := 0; ; n++ {
			select {
			case <-stop:
				return
			default:
			}
			if err := h.Update(t.Context(), pin(h.Store, fmt.Sprint("later", n))); err != nil {
				t.Error(err)
			}
			runtime.Gosched() // the backup, which is another process's, has a processor between two writes, too
		}
	})
	m, err := h.beside(t).Backup(t.Context(), file)
	close(stop)
	all.Wait()
	if err != nil {
		t.Fatal(err)
	}
	if m.Changes != 5 || m.Entries != 3 || m.Rows < 15 || m.Bytes == 0 || !m.Made.Equal(h.clock.now) {
		t.Errorf("the backup says %+v", m)
	}
	if n, err := h.ChangesMade(t.Context()); err != nil || n != 5 {
		t.Errorf("%d changes were made, %v", n, err)
	}
	if u, err := h.Upkeep(t.Context()); err != nil || !u.Backup.Equal(m.Made) || u.BackupAt != file {
		t.Errorf("the database remembers %+v, %v", u, err)
	}
	old, _ := h.fresh(t, 1)
	for name, to := range targets(t) {
		t.Run(name, func(t *testing.T) {
			later := &clock{h.clock.now.Add(time.Hour)}
			to.Now = later.Now
			got, err := store.Restore(t.Context(), file, to, leafOf)
			if err != nil || got.Rows != m.Rows || got.ID != m.ID {
				t.Fatalf("restored %+v, %v", got, err)
			}
			r := house{Store: opened(t, to), clock: later, path: to.Path, url: to.URL}
			after, err := r.ChangesAfter(t.Context(), "office-calendars", 0, 100)
			if err != nil || !slices.Equal(told(before), told(after)) || string(after[1].Body) != string(before[1].Body) {
				t.Errorf("its changes are %v, %v", told(after), err)
			}
			fresh, _ := r.fresh(t, 1)
			if len(fresh) != 1 || fresh[0].ID != old[0].ID {
				t.Errorf("its next delivery is %v, was %v", fresh, old)
			}
			if k, err := r.Token(t.Context(), "contoso", "calendar"); err != nil || string(k.Sealed) != "\x00\x01\xff" {
				t.Errorf("its token is %+v, %v", k, err)
			}
			if u, err := r.Upkeep(t.Context()); err != nil || !u.Restore.Equal(later.now) || !u.Backup.Equal(m.Made) || u.BackupAt != file {
				t.Errorf("it remembers %+v, %v", u, err)
			}
			if i, err := r.Inspect(t.Context(), leafOf); err != nil || len(i.Wrong) > 0 || i.Entries != 3 {
				t.Errorf("inspected: %+v, %v", i, err)
			}
			feed := r.lease(t, "w") // nobody holds it any more
			if changes := r.apply(t, &feed, "d3", event("z", "1")); changes[0].Seq < later.now.UnixMicro() {
				t.Errorf("a new change is %s: the lost database may have told of another under that number", told(changes))
			}
			if n, err := r.ChangesMade(t.Context()); err != nil || n != 1 {
				t.Errorf("%d changes were made since, %v", n, err)
			}
			mine, err := r.beside(t).Backup(t.Context(), filepath.Join(t.TempDir(), "second.db"))
			if err != nil || mine.Changes != int64(len(before)+1) {
				t.Errorf("a backup of it says %+v, %v", mine, err)
			}
			if fresh := r.ensure(t, calendar("c9")); fresh.ID == feed.ID {
				t.Error("a new feed has the number of an old one")
			}
		})
	}
}

func TestABackupOverwritesNothing(t *testing.T) {
	t.Parallel()
	h := lived(t)
	file := filepath.Join(t.TempDir(), "backup.db")
	if _, err := h.Backup(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Backup(t.Context(), file); refusal(t, err, graphwarden.Conflict) != "storage.exists" {
		t.Error(err)
	}
	if err := h.RehearseBackup(t.Context(), file); refusal(t, err, graphwarden.Conflict) != "storage.exists" {
		t.Error(err)
	}
	nowhere := filepath.Join(t.TempDir(), "missing", "x")
	if _, err := h.Backup(t.Context(), nowhere); refusal(t, err, graphwarden.Storage) != "storage.folder" {
		t.Error(err)
	}
	if err := h.RehearseBackup(t.Context(), nowhere); refusal(t, err, graphwarden.Storage) != "storage.folder" {
		t.Error(err)
	}
	fresh := filepath.Join(t.TempDir(), "fresh.db")
	if err := h.RehearseBackup(t.Context(), fresh); err != nil {
		t.Error(err)
	}
	for name, to := range targets(t) {
		if m, err := store.RehearseRestore(t.Context(), file, to, leafOf); err != nil || m.Entries != 3 {
			t.Errorf("into %s: %+v, %v", name, m, err)
		}
		if m, err := store.Restore(t.Context(), file, to, leafOf); err != nil || m.Entries != 3 { // nothing was left there
			t.Errorf("into %s: %+v, %v", name, m, err)
		}
	}
	if left, _ := filepath.Glob(fresh + "*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	for name, to := range targets(t) {
		s := opened(t, to)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := store.Restore(t.Context(), file, to, leafOf); refusal(t, err, graphwarden.Conflict) != "storage.exists" {
			t.Errorf("into %s: %v", name, err)
		}
		if _, err := store.RehearseRestore(t.Context(), file, to, leafOf); refusal(t, err, graphwarden.Conflict) != "storage.exists" {
			t.Errorf("into %s: %v", name, err)
		}
	}
}

// TestWhatIsDamagedIsNamed: the database that is backed up, or the backup that is
// restored, never the file that is being written.
func TestWhatIsDamagedIsNamed(t *testing.T) {
	t.Parallel()
	fileOnly(t)
	h := lived(t)
	good := filepath.Join(t.TempDir(), "good.db")
	if _, err := h.Backup(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(); err != nil {
		t.Fatal(err)
	}
	rot := func(path string) {
		var page int
		db := raw(t, path)
		err := db.QueryRowContext(t.Context(), `SELECT rootpage FROM sqlite_schema WHERE name = 'mailboxes'`).Scan(&page)
		if err := errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		overwrite(t, path, func(content []byte) { copy(content[(page-1)*16384:], strings.Repeat("rot", 5461)) })
	}
	rot(h.path)
	to := filepath.Join(t.TempDir(), "backup.db")
	if err := h.beside(t).RehearseBackup(t.Context(), to); refusal(t, err, graphwarden.Storage) != "storage.damaged" || !strings.Contains(err.Error(), h.path) {
		t.Errorf("rehearsed: %v", err)
	}
	_, err := h.beside(t).Backup(t.Context(), to)
	if refusal(t, err, graphwarden.Storage) != "storage.damaged" || !strings.Contains(err.Error(), "The database "+h.path+" is damaged") || strings.Contains(err.Error(), to) {
		t.Errorf("the backup of a damaged database says %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(to), "*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	for name, o := range targets(t) {
		from := filepath.Join(t.TempDir(), "backup.db")
		content, err := os.ReadFile(good)
		if err == nil {
			err = os.WriteFile(from, content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		rot(from)
		_, err = store.Restore(t.Context(), from, o, leafOf)
		if refusal(t, err, graphwarden.Storage) != "storage.damaged" || !strings.Contains(err.Error(), "The backup "+from+" is damaged") {
			t.Errorf("into %s, the restore of a damaged backup says %v", name, err)
		}
	}
}

func TestABackupThatCannotBeTrustedIsNotRestored(t *testing.T) {
	h := lived(t)
	good := filepath.Join(t.TempDir(), "good.db")
	if _, err := h.Backup(t.Context(), good); err != nil {
		t.Fatal(err)
	}
	sql := func(query string) func(*testing.T, string) {
		return func(t *testing.T, path string) {
			db := raw(t, path)
			mustExec(t, db, query)
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
	situations := map[string]struct {
		spoil func(t *testing.T, path string)
		leaf  func(graphwarden.Entry) [32]byte
		want  string
	}{
		"a row was changed":          {sql(`UPDATE mailboxes SET id = 'eve'`), leafOf, "storage.damaged"},
		"a row was taken away":       {sql(`DELETE FROM changes WHERE seq = 5`), leafOf, "storage.damaged"},
		"a row and its number were":  {sql(`DELETE FROM items; UPDATE backup_tables SET row_count = 0 WHERE name = 'items'`), leafOf, "storage.damaged"},
		"its list is gone":           {sql(`DROP TABLE backup_about`), leafOf, "storage.no_backup"},
		"a table is not in its list": {sql(`DELETE FROM backup_tables WHERE name = 'items'`), leafOf, "storage.damaged"},
		"a newer version made it":    {sql(`UPDATE backup_about SET version = 9999`), leafOf, "storage.newer"},
		"it was cut off": {func(t *testing.T, path string) {
			if err := os.Truncate(path, 5*16384); err != nil {
				t.Fatal(err)
			}
		}, leafOf, "storage.damaged"},
		"bytes have rotted": {func(t *testing.T, path string) {
			overwrite(t, path, func(content []byte) { copy(content[len(content)-16384:], strings.Repeat("rot", 5461)) })
		}, leafOf, "storage.damaged"},
		"it is something else": {func(t *testing.T, path string) {
			overwrite(t, path, func(content []byte) { copy(content, strings.Repeat("else", 100)) })
		}, leafOf, "storage.not_a_database"},
		"an entry was not hashed as the ledger does": {func(*testing.T, string) {},
			func(graphwarden.Entry) (other [32]byte) { return other }, "storage.inconsistent"},
	}
	content, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, s := range situations {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			from := filepath.Join(folder, "backup.db")
			if err := os.WriteFile(from, content, 0o600); err != nil {
				t.Fatal(err)
			}
			s.spoil(t, from)
			to := filepath.Join(folder, "restored.db")
			for what, do := range map[string]func(context.Context, string, store.Options, func(graphwarden.Entry) [32]byte) (store.Manifest, error){
				"restored": store.Restore, "rehearsed": store.RehearseRestore} {
				_, err := do(t.Context(), from, store.Options{Path: to}, s.leaf)
				if code := refusal(t, err, graphwarden.Storage); code != s.want {
					t.Errorf("%s, it is refused with %s (%v), want %s", what, code, err, s.want)
				}
			}
			if left, _ := filepath.Glob(filepath.Join(folder, "restored*")); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			if s.want != "storage.damaged" {
				return
			}
			looked, err := store.OpenBeside(t.Context(), store.Options{Path: from}, true)
			if err != nil {
				return // it says so, too
			}
			defer looked.Close()
			if i, err := looked.Inspect(t.Context(), s.leaf); err == nil && (len(i.Wrong) == 0 || !i.Backup) {
				t.Errorf("looked through it is sound: %+v", i)
			}
		})
	}
	if _, err := store.Restore(t.Context(), good+".missing", store.Options{Path: good + ".to"}, leafOf); refusal(t, err, graphwarden.Unknown) != "storage.absent" {
		t.Error(err)
	}
}
