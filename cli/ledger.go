package cli

import (
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/store"
)

// ledger looks at the record of every access.
func (p Program) ledger() *cobra.Command {
	c := &cobra.Command{
		Use:     "ledger",
		Short:   "Look at the record of every access",
		Example: "  graphwarden ledger verify\n  graphwarden ledger verify --config graphwarden.yaml",
	}
	var config, database string
	verify := &cobra.Command{
		Use:     "verify",
		Short:   "Re-read and re-hash every entry",
		Example: "  graphwarden ledger verify --config graphwarden.yaml\n  graphwarden ledger verify --database graphwarden.db",
		Args:    none,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			s, err := entriesOf(c, config, database)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			report, err := ledger.New(s).Verify(c.Context())
			if err != nil {
				return err
			}
			if !report.Sound() {
				return &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "ledger.changed",
					Say: fmt.Sprintf("Entry %d of the ledger is not as it was written: %s", report.Bad, report.Why),
					Do:  "Keep this database as evidence and restore the last backup."}
			}
			_, err = fmt.Fprintf(p.Stdout, "%d entries, all as they were written\n", report.Entries)
			return err
		},
	}
	verify.Flags().StringVar(&config, "config", "", "the configuration `file` that names the database, instead of --database")
	verify.Flags().StringVar(&database, "database", "graphwarden.db", "the database `file`")
	c.AddCommand(verify)
	return c
}

// entriesOf opens the database whose ledger is meant, on which a server may run.
func entriesOf(c *cobra.Command, config, database string) (*store.Store, error) {
	if config != "" {
		return beside(c, config, false)
	}
	if _, err := os.Stat(database); err != nil {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "cli.database", Cause: err,
			Say: fmt.Sprintf("There is no database %s.", database), Do: "Name the one that the configuration names, with --database."}
	}
	return store.OpenBeside(c.Context(), store.Options{Path: database}, false)
}
