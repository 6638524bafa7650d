package cli

import (
	"fmt"
	"os"
	"runtime"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/watch"
)

// files examines what the configuration names on this machine.
func (e *examination) files() {
	e.add(check("doctor.key_file", "Only its owner reads the key file.", private(e.loaded.KeyFile(), "or put it back from its backup. Before anything is sealed, the first graphwarden serve makes it; where it is lost, graphwarden key create makes a new one")))
	for name, file := range e.loaded.SecretFiles() {
		e.add(check("doctor.secret_file", "Only its owner reads "+name+".", private(file, "or put "+name+" there")))
	}
	e.add(check("doctor.declared", "What the configuration names is there: secrets, certificates, addresses.", e.loaded.Declares()))
	if folder, is := e.loaded.DatabaseFolder(); is {
		e.add(disk(folder, watch.RoomOf))
	}
	_, err := seal.ReadTokenFile(e.loaded.Operate().Token)
	e.add(check("doctor.operator_token", "Only its owner reads the operator's token.", err))
}

// private refuses a file that others can read or write. Otherwise is what can be done,
// besides naming another, where there is none.
func private(file, otherwise string) error {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.file_missing", Cause: err,
			Say: fmt.Sprintf("The file %s cannot be found.", file), Do: "Correct its name in the configuration, " + otherwise + "."}
	case info.IsDir() || info.Mode()&os.ModeDevice != 0:
		return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.file_missing",
			Say: fmt.Sprintf("%s is no file that could hold a secret.", file), Do: "Name a file of its own in the configuration."}
	case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
		return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.file_exposed",
			Say: fmt.Sprintf("Others can read or write %s (mode %04o).", file, info.Mode().Perm()), Do: "Run: chmod 600 " + file}
	}
	return nil
}

func disk(folder string, roomOf func(string) (watch.Room, error)) Examined {
	x := check("doctor.disk", "The disk of the database has room.", nil)
	room, err := roomOf(folder)
	switch severity := room.Judge(); {
	case err != nil || room.Total == 0:
		x.Result, x.What = "unknown", "How much room the disk of the database has is not known."
	case severity == graphwarden.Critical:
		x.Result = "fail"
	case severity != "":
		x.Result = "warn"
	}
	if x.Result == "warn" || x.Result == "fail" {
		x.What, x.Fix = fmt.Sprintf("The disk of the database has %d MB left.", room.Free>>20), "Make room, or move the database to a larger disk; what fills it shows: du -xh --max-depth=2 "+folder
	}
	return x
}
