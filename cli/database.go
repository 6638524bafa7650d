package cli

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/store"
)

// backup copies the database of a server, whether or not it runs.
func (p Program) backup() *cobra.Command {
	var config, to string
	c := &cobra.Command{
		Use:   "backup",
		Short: "Copy the database while the server runs",
		Long: `Backup writes the database as it is at one moment into a new file, reads that
back and compares. The server may run meanwhile, and the file is the same whether
the database is SQLite or PostgreSQL. The key that seals tokens is not in it: keep
a copy of the key file elsewhere.`,
		Example: "  graphwarden backup --to backup.db\n  graphwarden backup --config graphwarden.yaml --to backup.db",
		Args:    none,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if to == "" {
				return usage(errors.New("--to is missing"))
			}
			if to, err = filepath.Abs(to); err != nil {
				return err
			}
			s, err := beside(c, config, true)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			began := time.Now()
			m, err := s.Backup(c.Context(), to)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Stdout, "%s: %d rows, %d changes, %d ledger entries, %.1f MB in %s; read back and the same\n",
				to, m.Rows, m.Changes, m.Entries, float64(m.Bytes)/1e6, time.Since(began).Round(time.Millisecond))
			return err
		},
	}
	c.Flags().StringVar(&config, "config", "graphwarden.yaml", "the configuration `file`")
	c.Flags().StringVar(&to, "to", "", "the `file` to write, which must not exist")
	return c
}

// restore makes a database of a backup.
func (p Program) restore() *cobra.Command {
	var config, from, to string
	c := &cobra.Command{
		Use:   "restore",
		Short: "Make a database of a backup",
		Long: `Restore fills a new SQLite file, or an empty PostgreSQL database, from a backup of
either, and verifies what it restored: every row, every entry of the ledger, and
that nothing points to what is not there. Nothing is overwritten. Without --to it
is the database that the configuration names.

What happened in Microsoft 365 since the backup is found when the server runs:
cursors are older, so Microsoft tells it again. Deliveries keep their ids, so what
a receiver has had already it knows by its id. Tokens are useless without the key
file, which is not in the backup.`,
		Example: `  graphwarden restore --config graphwarden.yaml --from backup.db
  graphwarden restore --from backup.db --to graphwarden.db`,
		Args: none,
		RunE: func(c *cobra.Command, _ []string) error {
			if from == "" {
				return usage(errors.New("--from is missing"))
			}
			o, err := place(config, to)
			if err != nil {
				return err
			}
			began := time.Now()
			m, err := store.Restore(c.Context(), from, o, ledger.Leaf)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(p.Stdout, "restored as of %s: %d rows, %d changes, %d ledger entries in %s; read back and the same\n",
				m.Made.Format(time.RFC3339), m.Rows, m.Changes, m.Entries, time.Since(began).Round(time.Millisecond))
			return err
		},
	}
	c.Flags().StringVar(&config, "config", "graphwarden.yaml", "the configuration `file`, unless --to is given")
	c.Flags().StringVar(&from, "from", "", "the `backup`")
	c.Flags().StringVar(&to, "to", "", "the `file` or postgres:// URL to restore to")
	return c
}

// place is where to restore to.
func place(config, to string) (store.Options, error) {
	switch {
	case store.IsURL(to):
		return store.Options{URL: to}, nil
	case to != "":
		return store.Options{Path: to}, nil
	}
	loaded, err := assemble.Load(config)
	if err != nil {
		return store.Options{}, err
	}
	return loaded.StoreOptions(assemble.Outside{})
}

// check looks through the whole database.
func (p Program) check() *cobra.Command {
	var config string
	c := &cobra.Command{
		Use:   "check",
		Short: "Look through the whole database for damage",
		Long: `Check reads every row of the database, as it is at one moment, whether or not the
server runs: damage that the engine sees, rows that point to what is not there,
entries of the ledger that are not as they were written. It ends with 0 when
nothing is wrong and with 6 otherwise.`,
		Example: "  graphwarden check\n  graphwarden check --config graphwarden.yaml",
		Args:    none,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			s, err := beside(c, config, false)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			began := time.Now()
			i, err := s.Inspect(c.Context(), ledger.Leaf)
			if err != nil {
				return err
			}
			for _, wrong := range i.Wrong {
				fmt.Fprintf(p.Stdout, "wrong: %s\n", wrong)
			}
			if len(i.Wrong) > 0 {
				return &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "storage.inconsistent",
					Say: "The database holds what cannot be.", Do: "Stop the server, keep a copy of the database, and restore the last backup."}
			}
			_, err = fmt.Fprintf(p.Stdout, "%d rows in %d tables and %d ledger entries in %s: nothing is wrong\n",
				i.Rows, i.Tables, i.Entries, time.Since(began).Round(time.Millisecond))
			if u, asked := s.Upkeep(c.Context()); err == nil && asked == nil && !u.Backup.IsZero() {
				_, err = fmt.Fprintf(p.Stdout, "last verified backup: %s, %s\n", u.Backup.Format(time.RFC3339), u.BackupAt)
			}
			return err
		},
	}
	c.Flags().StringVar(&config, "config", "graphwarden.yaml", "the configuration `file`")
	return c
}

// beside opens the database of a configuration, on which a server may run.
func beside(c *cobra.Command, config string, older bool) (*store.Store, error) {
	loaded, err := assemble.Load(config)
	if err != nil {
		return nil, err
	}
	o, err := loaded.StoreOptions(assemble.Outside{})
	if err != nil {
		return nil, err
	}
	return store.OpenBeside(c.Context(), o, older)
}
