package cli

import (
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/store"
)

// ledger looks at the record of every access.
func (p Program) ledger() *command {
	return &command{
		use:      "ledger",
		short:    "Look at the record of every access",
		examples: []string{"graphwarden ledger verify", "graphwarden ledger verify --config graphwarden.yaml"},
		under:    []*command{p.verifyLedger()},
	}
}

// Verified is what graphwarden ledger verify --json prints.
type Verified struct {
	Entries int64  `json:"entries"`
	Sound   bool   `json:"sound"`
	Bad     int64  `json:"bad,omitempty"` // the number of the first entry that is not as it was written
	Why     string `json:"why,omitempty"`
}

func (p Program) verifyLedger() *command {
	var database string
	return &command{
		use:      "verify",
		short:    "Re-read and re-hash every entry",
		examples: []string{"graphwarden ledger verify --config graphwarden.yaml", "graphwarden ledger verify --database graphwarden.db"},
		config:   "the configuration `file` that names the database, instead of --database",
		optional: true,
		prints:   Verified{},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&database, "database", "graphwarden.db", "the database `file`, or its postgres:// URL")
		},
		run: func(c *call) (err error) {
			s, err := c.entries(database)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			report, err := ledger.New(s).Verify(c.ctx)
			if err != nil {
				return err
			}
			text := ""
			if report.Sound() {
				text = fmt.Sprintf("%d entries, all as they were written\n", report.Entries)
			}
			err = c.print(Verified{Entries: report.Entries, Sound: report.Sound(), Bad: report.Bad, Why: report.Why}, text)
			if err == nil && !report.Sound() {
				err = &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "ledger.changed",
					Say: "The ledger is not as it was written. " + report.Why,
					Do:  "Keep this database as evidence and restore the last backup."}
			}
			return err
		},
	}
}

// entries opens the database whose ledger is meant, on which a server may run.
func (c *call) entries(database string) (*store.Store, error) {
	if c.config != "" {
		return c.beside(false)
	}
	return c.named(database, false)
}
