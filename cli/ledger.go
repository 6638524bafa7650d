package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
	"github.com/graphwarden/graphwarden/ledger/audit"
	"github.com/graphwarden/graphwarden/store"
)

// ledger looks at the record of every access.
func (p Program) ledger() *command {
	return &command{
		use:      "ledger",
		short:    "Search, follow, verify, export and prove the record of every access",
		examples: []string{"graphwarden ledger verify", "graphwarden ledger search --app portal"},
		under:    []*command{p.searchLedger(), p.tailLedger(), p.proveEntry(), p.verifyLedger(), p.exportLedger()},
	}
}

// Verified is what graphwarden ledger verify --json prints: of a ledger what it holds, of
// a proof the entry that it proves.
type Verified struct {
	Entries int64  `json:"entries"`
	Signed  int64  `json:"signed"` // how many the checkpoint covers; 0 without one
	Sound   bool   `json:"sound"`
	Bad     int64  `json:"bad,omitempty"` // the number of the first entry that is not as it was written
	Why     string `json:"why,omitempty"`
	// Cosigned are the witnesses of --witness, with when each had seen no newer checkpoint.
	Cosigned []audit.Cosignature `json:"cosigned,omitempty"`
	// Proven is the entry that --proof proves; Entries is then 1.
	Proven *audit.Entry `json:"proven,omitempty"`
}

// ledgerPlaces are the flags that say where a ledger and its checkpoint are.
type ledgerPlaces struct {
	database, tiles, checkpoint, key string
	witnesses                        []string // files with keys
}

func (l *ledgerPlaces) addDatabase(f *pflag.FlagSet) {
	f.StringVar(&l.database, "database", "graphwarden.db", "the database `file`, or its postgres:// URL")
}

func (p Program) verifyLedger() *command {
	var l ledgerPlaces
	var proof string
	return &command{
		use:   "verify",
		short: "Re-read and re-hash every entry",
		long: `Verify reads every entry again, in a database, a copy or a backup of one, or in tiles
that ledger export wrote; hashes it, and compares with the hash that was kept and with
a signed checkpoint. It names the first entry that is not as it was written, and shares
no code with what writes the ledger.

Whether the last entries are still there, only a checkpoint can tell that was kept
where nobody changes it with the database: name it with --checkpoint, and the key that
it is checked with. With --config the server's own checkpoint file is taken.

With --proof it verifies what ledger prove wrote, by that file and the key alone: that
the entry in it is in the ledger that was signed.

With --witness the checkpoint must be cosigned by that witness, too, and it says when:
the older that is, the more may have been cut off since.`,
		examples: []string{"graphwarden ledger verify --config graphwarden.yaml", "graphwarden ledger verify --database graphwarden.db",
			"graphwarden ledger verify --database graphwarden.db --checkpoint graphwarden.checkpoint --key graphwarden.checkpoint.vkey",
			"graphwarden ledger verify --proof entry.tlog-proof --key graphwarden.checkpoint.vkey"},
		config:   "the configuration `file` that names the database, instead of --database",
		optional: true,
		prints:   Verified{},
		flags: func(f *pflag.FlagSet) {
			l.addDatabase(f)
			f.StringVar(&l.tiles, "tiles", "", "a `folder` that ledger export wrote, instead of a database")
			f.StringVar(&l.checkpoint, "checkpoint", "", "a checkpoint `file` that was kept elsewhere")
			f.StringVar(&l.key, "key", "", "the `file` with the key of the checkpoint; the checkpoint's name and .vkey if left out")
			f.StringArrayVar(&l.witnesses, "witness", nil, "a `file` with the key of a witness that must have cosigned the checkpoint; may be said again")
			f.StringVar(&proof, "proof", "", "a `file` that ledger prove wrote, instead of a database")
		},
		run: func(c *call) error {
			if proof != "" {
				return c.verifyProof(proof, l)
			}
			return c.verifyLedger(l)
		},
	}
}

// verifyLedger verifies the ledger that the flags name, and says what it found.
func (c *call) verifyLedger(l ledgerPlaces) error {
	report, cosigned, err := c.verify(l)
	if err != nil {
		return err
	}
	text := ""
	if report.Sound() {
		text = fmt.Sprintf("%d entries, all as they were written; a checkpoint covers %d\n", report.Entries, report.Signed)
	}
	if report.Sound() && report.Signed == 0 {
		text = fmt.Sprintf("%d entries, all as they were written; without a checkpoint nobody can tell whether the last are still there\n", report.Entries)
	}
	text += cosignedText(cosigned)
	err = c.print(Verified{Entries: report.Entries, Signed: report.Signed, Sound: report.Sound(), Bad: report.Bad, Why: report.Why, Cosigned: cosigned}, text)
	if err == nil && !report.Sound() {
		changed := &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "ledger.changed",
			Say: "The ledger is not as it was written. " + report.Why,
			Do:  "Keep this database as evidence and restore the last backup."}
		if report.Unfit {
			changed.Do = "If an older backup was restored, what came after it is missing for good: docs/ledger.md, \"When it is not\", says how signing begins anew. Otherwise somebody changed the ledger: keep the database and the checkpoint as evidence."
		}
		err = changed
	}
	return err
}

// verify verifies the ledger that the flags name.
func (c *call) verify(l ledgerPlaces) (report audit.Report, cosigned []audit.Cosignature, err error) {
	against, note, err := c.checkpoint(l)
	if err != nil {
		return report, nil, err
	}
	if cosigned, err = cosignedBy(note, l.witnesses); err != nil {
		return report, nil, err
	}
	if l.tiles != "" {
		report, err = audit.Tiles(os.DirFS(l.tiles), *against)
		return report, cosigned, err
	}
	s, err := c.entries(l.database)
	if err != nil {
		return report, nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	report, err = audit.Database(c.ctx, s, against)
	return report, cosigned, err
}

// checkpoint reads the checkpoint to verify against, and gives it as it was signed, too;
// nil: there is none.
func (c *call) checkpoint(l ledgerPlaces) (*audit.Checkpoint, string, error) {
	file, named := l.checkpoint, l.checkpoint != ""
	switch {
	case named && l.key == "":
		l.key = file + ".vkey"
	case named:
	case l.tiles != "":
		file, named = filepath.Join(l.tiles, "checkpoint"), true
	case c.config != "":
		loaded, err := c.load(c.config)
		if err != nil {
			return nil, "", err
		}
		file = loaded.CheckpointFile()
	default:
		return nil, "", nil
	}
	if l.key == "" {
		l.key = file + ".vkey"
	}
	note, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) && !named {
		return nil, "", nil
	}
	key, wrong := os.ReadFile(l.key)
	if err := errors.Join(err, wrong); err != nil {
		return nil, "", &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "ledger.no_checkpoint", Cause: err,
			Say: fmt.Sprintf("The checkpoint %s and its key %s cannot both be read.", file, l.key), Do: "Name them with --checkpoint and --key."}
	}
	against, err := audit.ReadCheckpoint(string(note), string(key))
	if err != nil {
		return nil, "", &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "ledger.other_key", Cause: err,
			Say: fmt.Sprintf("The checkpoint %s is not signed with the key %s, or it is damaged: %v.", file, l.key, err), Do: "Name the checkpoint and the key that belong together; if they should, keep both as evidence."}
	}
	return &against, string(note), nil
}

// entries opens the database whose ledger is meant, on which a server may run.
func (c *call) entries(database string) (*store.Store, error) {
	if c.config != "" {
		return c.beside(false)
	}
	return c.named(database, false)
}

// covered opens the database and gives the newest checkpoint in it.
func (c *call) covered(database string) (*store.Store, graphwarden.Checkpoint, error) {
	s, err := c.entries(database)
	if err != nil {
		return nil, graphwarden.Checkpoint{}, err
	}
	newest, err := s.Checkpoint(c.ctx)
	if err == nil && newest.Size == 0 {
		err = &graphwarden.Refusal{Kind: graphwarden.Unknown, Code: "ledger.unsigned", Say: "No checkpoint of the ledger has been signed yet.", Do: "Start the server: it signs within a minute."}
	}
	if err != nil {
		return nil, newest, errors.Join(err, s.Close())
	}
	return s, newest, nil
}

// Exported is what graphwarden ledger export --json prints.
type Exported struct {
	Folder  string `json:"folder"`
	Entries int64  `json:"entries"`
}

func (p Program) exportLedger() *command {
	var l ledgerPlaces
	var to string
	return &command{
		use:   "export",
		short: "Write the ledger as tiles that other tools read",
		long: `Export writes the entries that the newest checkpoint covers, the tree over them and the
checkpoint into a new folder, as c2sp.org/tlog-tiles describes; beside it as
checkpoint.vkey the key that it is checked with, where there is one. A server may run.`,
		examples: []string{"graphwarden ledger export --config graphwarden.yaml --to ledger-2026", "graphwarden ledger export --database graphwarden.db --to ledger-copy"},
		config:   "the configuration `file` that names the database, instead of --database",
		optional: true,
		prints:   Exported{},
		flags: func(f *pflag.FlagSet) {
			l.addDatabase(f)
			f.StringVar(&l.key, "key", "", "the `file` with the key of the checkpoint; the server's, with --config")
			f.StringVar(&to, "to", "", "the `folder` to write, which must not exist")
		},
		changes: func(c *call) (e effect, err error) {
			if to == "" {
				return e, usage(errors.New("--to is missing"))
			}
			if to, err = filepath.Abs(to); err != nil {
				return e, err
			}
			if _, err := os.Lstat(to); err == nil {
				return e, &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "ledger.export_there", Say: to + " is there already.", Do: "Name a folder that does not exist yet."}
			}
			e.says = "This writes the ledger into the new folder " + to + "."
			if !c.dry {
				return e, nil // the command looks itself
			}
			if _, err := c.publicKey(l.key); err != nil {
				return e, err
			}
			s, _, err := c.covered(l.database)
			if err != nil {
				return e, err
			}
			return e, s.Close()
		},
		run: func(c *call) (err error) {
			key, err := c.publicKey(l.key)
			if err != nil {
				return err
			}
			s, newest, err := c.covered(l.database)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			if err := ledger.Export(c.ctx, s, newest, key, to); err != nil {
				return err
			}
			return c.print(Exported{to, newest.Size}, fmt.Sprintf("%s: %d entries\n", to, newest.Size))
		},
	}
}

// publicKey reads the key that checkpoints are checked with; "" where there is none.
func (c *call) publicKey(file string) (string, error) {
	named := file != ""
	if !named && c.config != "" {
		loaded, err := c.load(c.config)
		if err != nil {
			return "", err
		}
		file = loaded.CheckpointFile() + ".vkey"
	}
	raw, err := os.ReadFile(file)
	if err != nil && named {
		return "", &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "ledger.no_checkpoint", Cause: err, Say: fmt.Sprintf("The key %s cannot be read.", file), Do: "Name it with --key, or leave that out."}
	}
	return string(raw), nil
}

// Proved is what graphwarden ledger prove --json prints.
type Proved struct {
	Entry int64  `json:"entry"`
	Size  int64  `json:"size"`  // of the ledger that the checkpoint in it was signed over
	Proof string `json:"proof"` // c2sp.org/tlog-proof
}

func (p Program) proveEntry() *command {
	var l ledgerPlaces
	return &command{
		use:   "prove ENTRY",
		short: "Prove that an entry is in the ledger",
		long: `Prove prints a proof that the entry of that number is in the ledger that the newest
checkpoint was signed over, as c2sp.org/tlog-proof describes: with the ledger's key,
ledger verify --proof and other tools check it without the ledger. Its extra line is
the entry as it was hashed.`,
		examples: []string{"graphwarden ledger prove 1 --config graphwarden.yaml", "graphwarden ledger prove 1 --database graphwarden.db > entry.tlog-proof"},
		args:     cobra.ExactArgs(1),
		config:   "the configuration `file` that names the database, instead of --database",
		optional: true,
		prints:   Proved{},
		flags:    l.addDatabase,
		run: func(c *call) (err error) {
			seq, err := strconv.ParseInt(strings.TrimSpace(c.args[0]), 10, 64)
			if err != nil {
				return usage(fmt.Errorf("%q is not the number of an entry", c.args[0]))
			}
			s, newest, err := c.covered(l.database)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			proof, err := ledger.Prove(c.ctx, s, newest, seq)
			if err != nil {
				return err
			}
			return c.print(Proved{seq, newest.Size, proof}, proof)
		},
	}
}
