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
	c := &cobra.Command{Use: "ledger", Short: "Look at the record of every access"}
	var database string
	verify := &cobra.Command{
		Use:     "verify",
		Short:   "Re-read and re-hash every entry",
		Example: "  graphwarden ledger verify --database graphwarden.db",
		Args:    none,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			if _, err := os.Stat(database); err != nil {
				return &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "cli.database", Cause: err,
					Say: fmt.Sprintf("There is no database %s.", database), Do: "Name the one that the configuration names, with --database."}
			}
			s, err := store.OpenBeside(c.Context(), store.Options{Path: database}, false)
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
	verify.Flags().StringVar(&database, "database", "graphwarden.db", "the database `file`")
	c.AddCommand(verify)
	return c
}
