package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Restore makes a database of a backup: a new file, or an empty database on a
// server, whichever engine the backup came from. Nothing is overwritten, and
// nothing is there unless it is whole: the backup holds what its list says, every
// entry of the ledger still has the leaf hash that leaf gives, what was written
// was read back and is the same, and nothing points to what is not there.
//
// Deliveries keep their ids. Changes that are found from now on are numbered from
// the present time in microseconds, so that none gets the number, and thereby the
// id, of one that was lost with the old database and that a receiver may know.
// Nobody holds a feed or a duty any more.
func Restore(ctx context.Context, from string, to Options, leaf func(graphwarden.Entry) [32]byte) (Manifest, error) {
	return restore(ctx, from, to, leaf, false)
}

// RehearseRestore refuses what Restore would, as far as that is known without writing:
// it reads and verifies the whole backup, and looks where the database is to be.
func RehearseRestore(ctx context.Context, from string, to Options, leaf func(graphwarden.Entry) [32]byte) (Manifest, error) {
	return restore(ctx, from, to, leaf, true)
}

func restore(ctx context.Context, from string, to Options, leaf func(graphwarden.Entry) [32]byte, dry bool) (Manifest, error) {
	backup := &Store{Options: Options{Path: from, Flag: "--from"}.withDefaults(), once: true}
	backup.onFile()
	defer func() {
		for _, f := range backup.closing {
			_ = f() // it was only read
		}
	}()
	snapshot, err := backup.openBackup(ctx)
	if err != nil {
		return Manifest{}, ofBackup(from, backup.refuse(err))
	}
	defer snapshot.Rollback() // it only reads
	m, listed, err := readManifest(ctx, snapshot)
	if err != nil {
		return m, backup.problem("no_backup", err)
	}
	list, err := readMigrations()
	if err != nil {
		return m, err
	}
	if m.Version > len(list) {
		return m, backup.problem("newer", fmt.Errorf("schema version %d, newest known %d", m.Version, len(list)))
	}
	whole, err := filepath.Abs(from)
	if err != nil {
		return m, err
	}
	r := restoring{backup: backup, from: whole, snapshot: snapshot, manifest: m, listed: listed, leaf: leaf, dry: dry}
	s := &Store{Options: to.withDefaults(), once: true}
	if s.URL != "" {
		return m, ofBackup(from, r.intoServer(ctx, s))
	}
	return m, ofBackup(from, r.intoFile(ctx, s))
}

// ofBackup has a refusal that calls the backup a database speak of what it is.
func ofBackup(file string, err error) error {
	var r *graphwarden.Refusal
	if !errors.As(err, &r) || !strings.Contains(r.Say, file) {
		return err
	}
	said := *r
	switch r.Code {
	case "storage.damaged":
		said.Say = fmt.Sprintf("The backup %s is damaged; nothing was restored.", file)
		said.Do = "Take an older one; nothing can be restored from this one."
	case "storage.not_a_database":
		said.Say, said.Do = fmt.Sprintf("%s is no backup; nothing was restored.", file), "Name a file that graphwarden backup wrote."
	case "storage.absent":
		said.Say, said.Do = fmt.Sprintf("There is no backup %s.", file), "Name a file that graphwarden backup wrote, with --from."
	default:
		return err
	}
	said.Cause = err
	return &said
}

// openBackup opens a backup to be read, and refuses one that is damaged.
func (s *Store) openBackup(ctx context.Context) (*sql.Tx, error) {
	switch header, err := readHeader(s.Path, os.O_RDONLY); {
	case header == nil && err == nil:
		if info, err := os.Stat(s.Path); err == nil && info.Size() == 0 {
			return nil, s.problem("not_a_database", errors.New("it is empty"))
		}
		return nil, s.absent()
	default:
		if err := s.placeAs(os.O_RDONLY); err != nil {
			return nil, err
		}
	}
	db, err := s.readable(ctx, 1, writerCache)
	if err != nil {
		return nil, err
	}
	if err := s.check(ctx, db); err != nil {
		return nil, err
	}
	return db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
}

// restoring is a backup on its way.
type restoring struct {
	backup   *Store
	from     string // the whole path of its file
	snapshot *sql.Tx
	manifest Manifest
	listed   map[string]tally
	leaf     func(graphwarden.Entry) [32]byte
	dry      bool // nothing is written
}

func (r restoring) intoFile(ctx context.Context, s *Store) (err error) {
	s.onFile()
	final, called := s.Path, s.engine.name()
	for _, name := range []string{final, final + "-wal"} {
		if err := free(name); err != nil {
			return err
		}
	}
	if err := r.unowned(ctx, s); err != nil {
		return err
	}
	s.Path = final + ".partial"
	s.engine = sqlite{path: s.Path, called: called, room: s.Room}
	if err := s.place(); err != nil {
		return err
	}
	if r.dry {
		return errors.Join(s.mayMake(), r.verify(ctx))
	}
	if err := remove(s.Path); err != nil {
		return err
	}
	err = r.fill(ctx, s)
	for _, f := range s.closing {
		err = errors.Join(err, f())
	}
	if err == nil {
		err = settle(s.Path, final)
	}
	if err != nil {
		return errors.Join(err, remove(s.Path))
	}
	return nil
}

// unowned refuses the place of a database that a Graphwarden still works on, though its
// file was moved away or deleted: it would go on with that one, and never see this.
func (r restoring) unowned(ctx context.Context, s *Store) error {
	if _, err := os.Stat(s.Path + "-owner"); err != nil {
		return nil
	}
	owner := &Store{Options: s.Options, engine: s.engine, once: true}
	err := owner.own(ctx)
	for _, f := range owner.closing {
		err = errors.Join(err, f())
	}
	return s.refuse(err)
}

func (r restoring) fill(ctx context.Context, s *Store) error {
	db, err := s.connect(1, fmt.Sprintf("page_size(%d)", pageSize), fmt.Sprintf("application_id(%d)", applicationID),
		"journal_mode(off)", "synchronous(off)", fmt.Sprintf("cache_size(-%d)", writerCache))
	if err != nil {
		return s.refuse(err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return s.refuse(err)
	}
	defer tx.Rollback() // after Commit it does nothing
	if err := r.copy(ctx, s, sqliteTarget{tx}, tx); err != nil {
		return err
	}
	return s.refuse(tx.Commit())
}

func (r restoring) intoServer(ctx context.Context, s *Store) (err error) {
	e := postgres{shown: Shown(s.URL)}
	s.engine = e
	config, err := s.server()
	if err != nil {
		return err
	}
	e.tls = config.TLSConfig != nil
	s.engine = e
	db := s.pool(config, 1, ``)
	defer func() { err = errors.Join(err, db.Close()) }()
	conn, err := db.Conn(ctx)
	if err != nil {
		return s.refuse(err)
	}
	defer conn.Close()
	tx, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return s.refuse(err)
	}
	defer tx.Rollback() // after Commit it does nothing
	var tables int
	err = s.engine.lock(ctx, tx)
	if err == nil {
		err = tx.QueryRowContext(ctx, `SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace(current_schema()) AND relkind IN ('r', 'p')`).Scan(&tables)
	}
	if err == nil && tables > 0 {
		return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "storage.exists",
			Say: fmt.Sprintf("The database %s holds tables, and is not overwritten.", s.engine.name()), Do: "Name an empty database."}
	}
	if err == nil {
		err = s.ours(ctx, tx)
	}
	if err != nil {
		return s.refuse(err)
	}
	if r.dry {
		return r.verify(ctx)
	}
	if err := r.copy(ctx, s, serverTarget{conn, tx}, tx); err != nil {
		return err
	}
	return s.refuse(tx.Commit())
}

// copy fills an empty database in a transaction, looks at everything again, and
// makes it ready to be worked on.
func (r restoring) copy(ctx context.Context, s *Store, into target, tx *sql.Tx) error {
	held, err := r.backup.copyTo(ctx, r.snapshot, s, into, tx, r.manifest.Version)
	if err != nil {
		return err
	}
	if err := r.asListed(held); err != nil {
		return err
	}
	if err := s.compare(ctx, tx, held); err != nil {
		return err
	}
	if err := s.sound(ctx, tx, r.leaf); err != nil {
		return err
	}
	return s.refuse(s.begin(ctx, tx, r.from, r.manifest, r.listed))
}

// asListed refuses a backup that does not hold what its list says.
func (r restoring) asListed(held content) error {
	for name, want := range r.listed {
		if held.sums[name] != want {
			return r.backup.problem("damaged", fmt.Errorf("the table %s is not the one that was backed up", name))
		}
	}
	if len(held.sums) != len(r.listed) || held.rows() != r.manifest.Rows {
		return r.backup.problem("damaged", errors.New("a table is missing in its list"))
	}
	return nil
}

// verify is copy without writing: what it reads is held against the list, and looked
// through for what cannot be.
func (r restoring) verify(ctx context.Context) error {
	tables, err := knownTables(ctx, r.manifest.Version)
	if err != nil {
		return err
	}
	held := content{tables, map[string]tally{}}
	for _, t := range tables {
		if held.sums[t.name], err = t.read(ctx, r.snapshot, drain); err != nil {
			return r.backup.refuse(fmt.Errorf("reading the table %s: %w", t.name, err))
		}
	}
	if err := r.asListed(held); err != nil {
		return err
	}
	return r.backup.sound(ctx, r.snapshot, r.leaf)
}

// begin makes a restored database ready: what is done from now on follows all
// that was ever done before the loss. Its last backup is the one that it was made of,
// as old as that is.
func (s *Store) begin(ctx context.Context, tx *sql.Tx, from string, m Manifest, listed map[string]tally) error {
	now := micros(s.Now())
	queries := []struct {
		text string
		args []any
	}{
		{`UPDATE counters SET value = ? WHERE value < ?`, []any{now, now}},
		{`INSERT INTO counters (name, value) SELECT 'changes_from', value FROM counters WHERE name = 'changes'
ON CONFLICT (name) DO UPDATE SET value = excluded.value`, nil},
		{`DELETE FROM holds`, nil},
	}
	free := `UPDATE feeds SET holder = ''` // due when the lease would have ended
	if _, has := listed["leases"]; has {
		free = `DELETE FROM leases`
	}
	queries = append(queries, struct {
		text string
		args []any
	}{free, nil})
	if m.Version >= upkeepVersion {
		for _, args := range [][]any{
			{"restore", now, "of " + m.Made.Format(time.RFC3339)},
			{"backup", micros(m.Made), from}, // all that it holds is in that
		} {
			queries = append(queries, struct {
				text string
				args []any
			}{putUpkeep, args})
		}
	}
	for _, q := range queries {
		if _, err := tx.ExecContext(ctx, s.engine.translate(q.text), q.args...); err != nil {
			return fmt.Errorf("making the restored database ready: %w", err)
		}
	}
	return nil
}
