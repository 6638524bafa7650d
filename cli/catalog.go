package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/catalog"
)

// catalog is about Microsoft's table of permissions.
func (p Program) catalog() *command {
	return &command{
		use:      "catalog",
		short:    "Show and update Microsoft's table of permissions",
		examples: []string{"graphwarden catalog show Calendars.Read", "graphwarden catalog update permissions.json --dry-run"},
		under:    []*command{p.showCatalog(), p.updateCatalog(), p.undoCatalog()},
	}
}

// table is the permission table in force here: the one beside the configuration, or
// the program's own.
func (c *call) table() (*catalog.Catalog, error) {
	kept, err := assemble.KeptTable(c.config)
	if err != nil || kept != nil {
		return kept, err
	}
	return catalog.Load(), nil
}

// CatalogUpdate is what graphwarden catalog update --json prints.
type CatalogUpdate struct {
	Kept       string             `json:"kept"` // the file; empty where nothing was written
	DryRun     bool               `json:"dry_run"`
	Before     string             `json:"before"` // SHA-256 of the facts
	After      string             `json:"after"`
	Difference catalog.Difference `json:"difference"`
	// Flows are those of the configuration that need other permissions from then on.
	Flows []FlowChange `json:"flows"`
	// Compared says whether there is a configuration whose flows could be compared.
	Compared bool `json:"flows_compared"`
}

// FlowChange is what a flow needs before and after.
type FlowChange struct {
	Flow   string   `json:"flow"`
	Before []string `json:"before"`
	After  []string `json:"after"`
}

func (p Program) updateCatalog() *command {
	var ids string
	return &command{
		use:   "update FILE",
		short: "Take a newer table of Microsoft's permissions",
		long: `Update reads a newer permissions.json as Microsoft publishes it (in the repository
microsoft-graph-devx-content, packed by gzip or not), and with --ids a newer
provisioningInfo.json; without, ids stay as they are known. It shows which permissions
come, go and change, and which flows of the configuration need others from then on, and
keeps the table beside the configuration: plan, apply, serve and assess go by it from
their next start. A file that is damaged, or lacks what is known, is refused, and
nothing changes. graphwarden catalog undo takes it back.`,
		examples:  []string{"graphwarden catalog update permissions.json --dry-run", "graphwarden catalog update permissions.json --ids provisioningInfo.json"},
		args:      cobra.ExactArgs(1),
		config:    ofFile,
		prints:    CatalogUpdate{},
		rehearses: true,
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&ids, "ids", "", "a newer provisioningInfo.json, a `file`")
		},
		run: func(c *call) error {
			before, err := c.table()
			if err != nil {
				return err
			}
			after, err := c.newer(before, c.args[0], ids)
			if err != nil {
				return err
			}
			u := CatalogUpdate{DryRun: c.dry, Before: before.Sum(), After: after.Sum(), Difference: before.Compare(after)}
			if u.Flows, u.Compared, err = c.affected(before, after); err != nil {
				return err
			}
			if !c.dry && u.Before != u.After {
				if err := assemble.KeepTable(c.config, after); err != nil {
					return err
				}
				u.Kept = assemble.TableFile(c.config)
			}
			return c.print(u, u.text())
		},
	}
}

// newer reads the files of an update.
func (c *call) newer(before *catalog.Catalog, table, ids string) (*catalog.Catalog, error) {
	t, err := os.Open(table)
	if err != nil {
		return nil, unopened(table, err)
	}
	defer t.Close()
	var list io.Reader
	if ids != "" {
		f, err := os.Open(ids)
		if err != nil {
			return nil, unopened(ids, err)
		}
		defer f.Close()
		list = f
	}
	after, err := before.Update(t, list)
	if err != nil {
		return nil, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "catalog.refused", Cause: err,
			Say: fmt.Sprintf("%s is not taken: %v.", table, err), Do: "Download it anew; the table in force stays."}
	}
	return after, nil
}

func unopened(name string, err error) error {
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "catalog.unreadable", Cause: err, Say: fmt.Sprintf("%s cannot be read: %v.", name, errors.Unwrap(err)), Do: "Name a file that this user may read."}
}

// affected are the flows of the configuration that need other permissions by another
// table. False means that there is no configuration here.
func (c *call) affected(before, after *catalog.Catalog) ([]FlowChange, bool, error) {
	changed := []FlowChange{}
	if _, err := os.Stat(c.config); errors.Is(err, fs.ErrNotExist) {
		return changed, false, nil
	}
	loaded, err := c.load(c.config)
	if err != nil {
		return nil, false, err
	}
	old, err := loaded.By(before).Needs()
	if err != nil {
		return nil, false, err
	}
	now, err := loaded.By(after).Needs()
	if err != nil {
		return nil, false, &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "catalog.unfit", Cause: err,
			Say: fmt.Sprintf("By the new table a flow could not work any more: %v.", err), Do: "Keep the table in force, and report it: a correction is missing."}
	}
	for i, n := range old {
		if !slices.Equal(n.Permissions, now[i].Permissions) {
			changed = append(changed, FlowChange{n.Flow, n.Permissions, now[i].Permissions})
		}
	}
	return changed, true, nil
}

// text is an update for people.
func (u CatalogUpdate) text() string {
	var b strings.Builder
	d := u.Difference
	few(&b, "new", d.Added)
	few(&b, "gone", d.Removed)
	var changed []string
	for _, x := range d.Changed {
		changed = append(changed, fmt.Sprintf("%s: %s %q, now %q", x.Permission, x.What, x.From, x.To))
	}
	few(&b, "changed", changed)
	fmt.Fprintf(&b, "operations: %d new, %d gone, %d opened by other permissions\n", d.Operations, d.Gone, d.Reopened)
	for _, f := range u.Flows {
		fmt.Fprintf(&b, "flow %s needs %s, before %s\n", f.Flow, strings.Join(f.After, ", "), strings.Join(f.Before, ", "))
	}
	switch {
	case !u.Compared:
		b.WriteString("There is no configuration here whose flows could be compared.\n")
	case len(u.Flows) == 0:
		b.WriteString("No flow of the configuration needs other permissions.\n")
	}
	switch {
	case u.Before == u.After:
		b.WriteString("It is the table in force: nothing to do.\n")
	case u.DryRun:
		b.WriteString("Nothing was changed.\n")
	default:
		fmt.Fprintf(&b, "Kept as %s. graphwarden plan shows what follows; graphwarden catalog undo takes it back.\n", u.Kept)
	}
	return b.String()
}

// few lists the first twenty of many.
func few(b *strings.Builder, what string, all []string) {
	fmt.Fprintf(b, "permissions %s: %d\n", what, len(all))
	for i, s := range all {
		if i == 20 {
			fmt.Fprintf(b, "  … and %d more (--json shows all)\n", len(all)-i)
			return
		}
		fmt.Fprintf(b, "  %s\n", s)
	}
}

func (p Program) undoCatalog() *command {
	return &command{
		use:      "undo",
		short:    "Go back to the table before",
		long:     "Undo takes the last graphwarden catalog update back: the table before it, in the end the one that the program came with, is in force again.",
		examples: []string{"graphwarden catalog undo --dry-run", "graphwarden catalog undo"},
		config:   ofFile,
		prints:   Done{},
		changes: func(c *call) (effect, error) {
			if _, err := os.Stat(assemble.TableFile(c.config)); errors.Is(err, fs.ErrNotExist) {
				return effect{says: nothingToUndo}, nil
			}
			return effect{says: "This takes the last update of the permission table beside " + c.config + " back."}, nil
		},
		run: func(c *call) error {
			undone, err := assemble.ForgetTable(c.config)
			if err != nil {
				return err
			}
			text := nothingToUndo
			if undone {
				table, err := c.table()
				if err != nil {
					return err
				}
				text = "The table before is in force again, " + origin(table) + "."
			}
			return c.print(Done{text}, text+"\n")
		},
	}
}

const nothingToUndo = "There is no update to take back: the table in force is the program's own."

func origin(t *catalog.Catalog) string {
	if t.Embedded() {
		return "the program's own"
	}
	return "kept beside the configuration"
}
