package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/store"
)

// Copied is what graphwarden backup and restore print with --json.
type Copied struct {
	File    string    `json:"file,omitempty"` // the backup
	Made    time.Time `json:"made"`           // it holds everything confirmed before
	Rows    int64     `json:"rows"`
	Changes int64     `json:"changes"`
	Entries int64     `json:"ledger_entries"`
	Bytes   int64     `json:"bytes"`
	Took    float64   `json:"took_seconds"`
}

func copied(file string, m store.Manifest, took time.Duration) Copied {
	return Copied{File: file, Made: m.Made.UTC(), Rows: m.Rows, Changes: m.Changes, Entries: m.Entries, Bytes: m.Bytes, Took: took.Seconds()}
}

// backup copies the database of a server, whether or not it runs.
func (p Program) backup() *command {
	var to string
	return &command{
		use:   "backup",
		short: "Copy the database while the server runs",
		long: `Backup writes the database as it is at one moment into a new file, reads that
back and compares. The server may run meanwhile, and the file is the same whether
the database is SQLite or PostgreSQL. The key that seals tokens is not in it: keep
a copy of the key file elsewhere.`,
		examples: []string{"graphwarden backup --to backup.db", "graphwarden backup --config graphwarden.yaml --to backup.db"},
		config:   ofFile,
		prints:   Copied{},
		flags:    func(f *pflag.FlagSet) { f.StringVar(&to, "to", "", "the `file` to write, which must not exist") },
		changes: func(c *call) (e effect, err error) {
			if to == "" {
				return e, usage(errors.New("--to is missing"))
			}
			if to, err = filepath.Abs(to); err != nil {
				return e, err
			}
			loaded, err := c.load(c.config)
			if err != nil {
				return e, err
			}
			e.says = "This copies the database " + loaded.DatabaseName() + " into the new file " + to + "."
			if !c.dry {
				return e, nil // the command looks itself
			}
			s, err := c.beside(true)
			if err != nil {
				return e, err
			}
			return e, errors.Join(s.RehearseBackup(c.ctx, to), s.Close())
		},
		run: func(c *call) (err error) {
			s, err := c.beside(true)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			began := time.Now()
			m, err := s.Backup(c.ctx, to)
			if err != nil {
				return err
			}
			took := time.Since(began)
			return c.print(copied(to, m, took), fmt.Sprintf("%s: %d rows, %d changes, %d ledger entries, %.1f MB in %s; read back and the same\n",
				to, m.Rows, m.Changes, m.Entries, float64(m.Bytes)/1e6, took.Round(time.Millisecond)))
		},
	}
}

// restore makes a database of a backup.
func (p Program) restore() *command {
	var from, to string
	return &command{
		use:   "restore",
		short: "Make a database of a backup",
		long: `Restore fills a new SQLite file, or an empty PostgreSQL database, from a backup of
either, and verifies what it restored: every row, every entry of the ledger, and
that nothing points to what is not there. Nothing is overwritten. Without --to it
is the database that the configuration names.

What happened in Microsoft 365 since the backup is found when the server runs:
cursors are older, so Microsoft tells it again. Deliveries keep their ids, so what
a receiver has had already it knows by its id. Tokens are useless without the key
file, which is not in the backup.`,
		examples: []string{"graphwarden restore --config graphwarden.yaml --from backup.db", "graphwarden restore --from backup.db --to graphwarden.db"},
		config:   "the configuration `file`, unless --to is given",
		prints:   Copied{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&from, "from", "", "the `backup`")
			f.StringVar(&to, "to", "", "the `file` or postgres:// URL to restore to")
		},
		changes: func(c *call) (effect, error) {
			if from == "" {
				return effect{}, usage(errors.New("--from is missing"))
			}
			where := to
			if where == "" {
				loaded, err := c.load(c.config)
				if err != nil {
					return effect{}, err
				}
				where = loaded.DatabaseName()
			} else if store.IsURL(to) {
				where = store.Shown(to)
			}
			e := effect{says: "This makes the database " + where + ", which must be new or empty, of the backup " + from + "."}
			return e, c.rehearseRestore(from, to)
		},
		run: func(c *call) error {
			o, err := c.place(to)
			if err != nil {
				return err
			}
			began := time.Now()
			m, err := store.Restore(c.ctx, from, o, ledger.Leaf)
			if err != nil {
				return err
			}
			took := time.Since(began)
			return c.print(copied(from, m, took), fmt.Sprintf("restored as of %s: %d rows, %d changes, %d ledger entries in %s; read back and the same\n",
				m.Made.Format(time.RFC3339), m.Rows, m.Changes, m.Entries, took.Round(time.Millisecond)))
		},
	}
}

// rehearseRestore has a rehearsal refuse what the restore would, which looks itself.
func (c *call) rehearseRestore(from, to string) error {
	if !c.dry {
		return nil
	}
	o, err := c.place(to)
	if err == nil {
		_, err = store.RehearseRestore(c.ctx, from, o, ledger.Leaf)
	}
	return err
}

// place is where to restore to.
func (c *call) place(to string) (store.Options, error) {
	switch {
	case store.IsURL(to):
		return store.Options{URL: to, Flag: "--to"}, nil
	case to != "":
		return store.Options{Path: to, Flag: "--to"}, nil
	}
	loaded, err := c.load(c.config)
	if err != nil {
		return store.Options{}, err
	}
	return loaded.StoreOptions(assemble.Outside{})
}

// Inspected is what graphwarden check --json prints.
type Inspected struct {
	Tables   int        `json:"tables"`
	Rows     int64      `json:"rows"`
	Entries  int64      `json:"ledger_entries"`
	Wrong    []string   `json:"wrong"`
	Backup   *time.Time `json:"backup"` // when the last verified one was made
	BackupAt string     `json:"backup_file,omitempty"`
}

// check looks through the whole database.
func (p Program) check() *command {
	var database string
	return &command{
		use:   "check",
		short: "Look through the whole database for damage",
		long: `Check reads every row of the database, as it is at one moment, whether or not the
server runs: damage that the engine sees, rows that point to what is not there,
entries of the ledger that are not as they were written. It ends with 0 when
nothing is wrong and with 6 otherwise. With --database it reads a copy or a backup,
also one that this user may not write, without any configuration. Of a backup every
table is held against the sum that was written with it.`,
		examples: []string{"graphwarden check", "graphwarden check --config graphwarden.yaml", "graphwarden check --database backup.db"},
		config:   "the configuration `file`, unless --database is given",
		prints:   Inspected{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&database, "database", "", "a database `file`, a backup or a postgres:// URL, instead of the configuration's")
		},
		run: func(c *call) (err error) {
			s, err := c.inspects(database)
			if err != nil {
				return ofCopy(database, err)
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			began := time.Now()
			i, err := s.Inspect(c.ctx, ledger.Leaf)
			if err != nil {
				return ofCopy(database, err)
			}
			found := Inspected{Tables: i.Tables, Rows: i.Rows, Entries: i.Entries, Wrong: append([]string{}, i.Wrong...)}
			text := fmt.Sprintf("%d rows in %d tables and %d ledger entries in %s: nothing is wrong\n", i.Rows, i.Tables, i.Entries, time.Since(began).Round(time.Millisecond))
			if u, asked := s.Upkeep(c.ctx); asked == nil && !u.Backup.IsZero() {
				made := u.Backup.UTC()
				found.Backup, found.BackupAt = &made, u.BackupAt
				text += fmt.Sprintf("last verified backup: %s, %s\n", u.Backup.Format(time.RFC3339), u.BackupAt)
			}
			if len(i.Wrong) == 0 {
				return c.print(found, text)
			}
			if err := c.print(found, "wrong: "+strings.Join(i.Wrong, "\nwrong: ")+"\n"); err != nil {
				return err
			}
			wrong := &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "storage.inconsistent",
				Say: "The database holds what cannot be.", Do: "Stop the server, keep a copy of the database, and restore the last backup."}
			if i.Backup {
				wrong.Say, wrong.Do = "The backup is damaged.", "Take an older backup; nothing can be restored from this one."
				return wrong
			}
			return ofCopy(database, wrong)
		},
	}
}

// ofCopy has a refusal of a damaged file that may be a backup advise none that may
// be the same file.
func ofCopy(file string, err error) error {
	var r *graphwarden.Refusal
	if file == "" || !errors.As(err, &r) || r.Code != "storage.damaged" && r.Code != "storage.inconsistent" {
		return err
	}
	said := *r
	said.Do = "If it is a backup, take an older one. If a server works on it, stop that, keep a copy, and restore the last backup."
	said.Cause = err
	return &said
}

// inspects opens the database that is to be looked through.
func (c *call) inspects(file string) (*store.Store, error) {
	if file == "" {
		return c.beside(false)
	}
	return c.named(file, true)
}

// named opens the database that --database names.
func (c *call) named(database string, older bool) (*store.Store, error) {
	o := store.Options{Path: database, Flag: "--database"}
	if store.IsURL(database) {
		o.URL, o.Path = database, ""
	}
	return store.OpenBeside(c.ctx, o, older)
}

// beside opens the database of a configuration, on which a server may run.
func (c *call) beside(older bool) (*store.Store, error) {
	loaded, err := c.load(c.config)
	if err != nil {
		return nil, err
	}
	o, err := loaded.StoreOptions(assemble.Outside{})
	if err != nil {
		return nil, err
	}
	return store.OpenBeside(c.ctx, o, older)
}
