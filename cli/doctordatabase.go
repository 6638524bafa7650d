package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/store"
)

// readThrough is how long the doctor reads through a database at most.
const readThrough = 20 * time.Second

// database examines the database without changing it. It is read through for
// damage where no server works on it.
func (e *examination) database(ctx context.Context) {
	if e.hangs != nil {
		e.add(check("doctor.database", "", e.hangs))
		return
	}
	looking, stop := context.WithTimeout(ctx, readThrough)
	defer stop()
	var g store.Glance
	options, err := e.loaded.StoreOptions(assemble.Outside{})
	if err == nil {
		g, err = store.Look(looking, options, e.absent != nil)
	}
	var may error
	if options.Path != "" && e.absent != nil { // where a server works on it, it may
		may = store.MayWrite(options)
	}
	var r *graphwarden.Refusal
	switch {
	case errors.As(err, &r) && r.Code == "storage.absent" && e.absent == nil:
		e.add(unknown("doctor.database", "There is no database file here, though a server answers.",
			"Where the server runs on this machine, its file was moved or deleted: stop it, put the file back or restore the last backup, and start it. Else run the doctor where it runs."))
		return
	case r != nil && r.Code == "storage.absent" && may == nil:
		e.add(unknown("doctor.database", "There is no database yet.", "The first graphwarden serve makes it."))
		return
	case looking.Err() != nil && ctx.Err() == nil:
		e.add(unknown("doctor.database", fmt.Sprintf("The database is not read through within %s.", readThrough), "Run: graphwarden check"))
		return
	case err == nil && len(g.Wrong) > 0:
		err = &graphwarden.Refusal{Kind: graphwarden.Storage, Code: "storage.damaged", Say: "The database is damaged: " + g.Wrong[0] + ".",
			Do: "Stop the server, keep a copy of the database, and restore the last backup."}
	}
	if err == nil || r != nil && r.Code == "storage.absent" {
		err = may
	}
	e.add(check("doctor.database", "The database can be read.", err))
	if err != nil {
		return
	}
	schema := check("doctor.schema", fmt.Sprintf("The database has this program's schema, %d.", g.Newest), nil)
	if g.Version < g.Newest {
		schema = warn("doctor.schema", fmt.Sprintf("The database has the schema %d, this program's is %d.", g.Version, g.Newest), "Make a backup; the next graphwarden serve brings it up to date.")
	}
	e.add(schema, e.backup(g.Upkeep, time.Now()))
	if g.Version == g.Newest {
		e.add(check("doctor.sealed", "The key file opens what is sealed in the database.", e.loaded.OpensTokens(ctx, assemble.Outside{})))
	}
}

// backup examines when the last backup was made.
func (e *examination) backup(u store.Upkeep, now time.Time) Examined {
	const code, fix = "doctor.backup", "Run: graphwarden backup --to FILE"
	within := time.Duration(*e.loaded.BackupWithin)
	switch {
	case within == 0:
		return check(code, "Backups are made by other means.", nil)
	case u.Backup.IsZero():
		return warn(code, "There is no backup of the database.", fix)
	case now.Sub(u.Backup) > within:
		return warn(code, fmt.Sprintf("The last backup was made %s ago, in %s.", span(now.Sub(u.Backup)), u.BackupAt), fix)
	}
	return check(code, fmt.Sprintf("The last backup was made %s ago, in %s.", span(now.Sub(u.Backup)), u.BackupAt), nil)
}
