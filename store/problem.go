package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/graphwarden/graphwarden"
)

// CodeSilent is the code of the refusal of a database that does not answer in time.
const CodeSilent = "storage.silent"

// problems says, for each thing that can be wrong with a database, what a person
// reads. The key is the refusal's code; %s is the file, or the server's URL. What to
// do speaks of the configuration, which names the database, and of work that goes on:
// advice has it speak of what was really done.
func problems() map[string]struct{ say, do string } {
	return map[string]struct{ say, do string }{
		"storage.folder":         {"The folder of the database %s does not exist.", "Make the folder, or correct the path in the configuration."},
		"storage.not_a_database": {"%s is not a Graphwarden database.", "Name another one in the configuration; this one is left as it is."},
		"storage.damaged":        {"The database %s is damaged.", "Stop, keep a copy of it, and restore the last backup."},
		"storage.read_only":      {"The database %s cannot be written: the file, its folder or the disk is read-only.", "Let this user write to the file and its folder."},
		"storage.unopenable":     {"The database %s cannot be opened.", "Let this user read and write the file and its folder."},
		"storage.full":           {"The disk that holds the database %s is full.", "Make room on it; nothing that was confirmed is lost, and work goes on by itself."},
		"storage.owned":          {"Another Graphwarden is running on the database %s.", "Stop it first, or give this one a database of its own."},
		"storage.linked":         {"The file of the database %s has a second name (a hard link), by which another Graphwarden could work on it unseen.", "Remove the other name (find / -xdev -samefile tells it, on Windows fsutil hardlink list); copy a database with graphwarden backup."},
		"storage.moved":          {"The file of the database %s was moved, deleted or replaced while Graphwarden works on it: it goes on with a file that has no such name any more.", "Stop it, put the file that it works on back with the one that ends in -wal, or restore the last backup, and start it again. A file that was deleted is lost when it stops."},
		"storage.busy":           {"Another program keeps the database %s locked.", "Close the program that has it open, such as a database shell or a backup."},
		"storage.silent":         {"The database %s does not answer in time.", "See whether its server, its disk or the network hangs; work goes on by itself."},
		"storage.newer":          {"The database %s was made by a newer Graphwarden.", "Run the newer version, or restore a backup from before it."},
		"storage.older":          {"The database %s was made by an older Graphwarden.", "Start the server once, which brings it up to date."},
		"storage.inconsistent":   {"The database %s holds what cannot be.", "Stop, keep a copy of it, and restore the last backup."},
		"storage.no_backup":      {"%s is not a backup.", "Name a file that graphwarden backup wrote."},
		"storage.differs":        {"What was written into %s is not what was read back.", "Check the disk, and take another; this one cannot be trusted."},
		"storage.disk":           {"The disk that holds the database %s does not work.", "Look at the system's log for errors of the disk; nothing that was confirmed is lost."},

		"storage.url":                {"%s is not the URL of a PostgreSQL database.", "Write it as postgres://user@host:5432/database."},
		"storage.server_down":        {"The database server of %s does not answer.", "Start it, or correct the host and port in the configuration; work goes on by itself."},
		"storage.server_lost":        {"The connection to the database %s broke in the middle of a write.", "Nothing needs to be done: what was not confirmed is done again."},
		"storage.server_login":       {"The database server of %s refuses the user or the password.", "Correct the user in the URL, or the password in its file."},
		"storage.server_tls":         {"The database server of %s cannot be trusted: its certificate or its TLS does not fit.", "Name its CA with sslrootcert in the URL, or correct the host."},
		"storage.server_missing":     {"The database of %s does not exist.", "Create it with createdb, or correct the name in the configuration."},
		"storage.server_encoding":    {"The database %s does not keep text as UTF-8.", "Create it anew with the encoding UTF8."},
		"storage.server_rights":      {"The user of the database %s may not do what is needed.", "Make it the owner of the database, or grant it all on the schema."},
		"storage.server_read_only":   {"The database server of %s takes no writes: it is a standby, or was set read-only.", "Name the primary in the URL; several hosts and target_session_attrs=read-write find it by themselves."},
		"storage.server_full":        {"The disk of the database server of %s is full.", "Make room on it; nothing that was confirmed is lost, and work goes on by itself."},
		"storage.server_connections": {"The database server of %s has no connection left.", "Raise max_connections, or end what holds them; each Graphwarden needs about ten."},
		"storage.server_trouble":     {"The database server of %s does not work.", "Read its log; nothing that was confirmed is lost."},
	}
}

// problem makes the refusal with this code, given without "storage.".
func (s *Store) problem(code string, cause error) *graphwarden.Refusal {
	r := problem(code, s.engine.name(), cause)
	r.Do = s.advice(r.Do)
	if s.noun != "" {
		r.Say = strings.Replace(r.Say, "database "+s.engine.name(), s.noun+" "+s.engine.name(), 1)
	}
	return r
}

// advice says what to do in a place that a flag named, not the configuration, and to
// somebody whose command has ended and goes on with nothing.
func (s *Store) advice(do string) string {
	if s.Flag != "" {
		do = strings.Replace(do, "Name another one in the configuration", "Name another one with "+s.Flag, 1)
		do = strings.Replace(do, "in the configuration", "given with "+s.Flag, 1)
	}
	switch {
	case s.noun != "":
		do = strings.Replace(do, "; nothing that was confirmed is lost, and work goes on by itself", ", or name a place elsewhere; nothing is left there", 1)
	case s.once:
		do = strings.Replace(do, ", and work goes on by itself", "", 1)
	}
	if s.once {
		do = strings.Replace(do, "; work goes on by itself", "", 1)
	}
	return do
}

func problem(code, name string, cause error) *graphwarden.Refusal {
	code = "storage." + code
	p, kind := problems()[code], graphwarden.Storage
	if code == "storage.owned" {
		kind = graphwarden.Conflict // a place that is taken
	}
	return &graphwarden.Refusal{
		Kind: kind, Code: code,
		Say: fmt.Sprintf(p.say, name), Do: p.do, Cause: cause,
	}
}

// refuse turns what the database says into a refusal, once, where it leaves the
// store. What is already a refusal, or is none of the database's, stays as it is.
func (s *Store) refuse(err error) error {
	var refusal *graphwarden.Refusal
	if err == nil || errors.As(err, &refusal) || errors.Is(err, context.Canceled) {
		return err
	}
	if code := s.engine.problem(err); code != "" {
		return s.problem(code, err)
	}
	return err
}
