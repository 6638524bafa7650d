package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/connect"
	"github.com/graphwarden/graphwarden/seal"
	"github.com/graphwarden/graphwarden/watch"
)

// examined is one check of the doctor.
type examined struct {
	Code   string `json:"code"`
	Result string `json:"result"` // pass, warn, fail, unknown
	What   string `json:"what"`
	Fix    string `json:"fix,omitempty"`
	DocURL string `json:"doc_url"`
}

// doctor examines a Graphwarden without changing anything.
func (p Program) doctor() *cobra.Command {
	var config string
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Examine everything, and say how to mend what is wrong",
		Long: `Doctor reads the configuration, the files that it names and their modes, and asks
the running server what it knows. It changes nothing. Each check passes, warns,
fails or is unknown; when one fails, so does the command.`,
		Example: "  graphwarden doctor\n  graphwarden doctor --config graphwarden.yaml --json",
		Args:    none,
		RunE: func(c *cobra.Command, _ []string) error {
			list := examine(c.Context(), config)
			if err := p.printChecks(list, asJSON); err != nil {
				return err
			}
			failed := 0
			for _, x := range list {
				if x.Result == "fail" {
					failed++
				}
			}
			if failed > 0 {
				return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "cli.doctor",
					Say: fmt.Sprintf("%d checks fail.", failed), Do: "Mend them as they say, the first one first."}
			}
			return nil
		},
	}
	p.ask(c, &config, &asJSON)
	return c
}

func (p Program) printChecks(list []examined, asJSON bool) error {
	if asJSON {
		return printJSON(p.Stdout, list)
	}
	for _, x := range list {
		if _, err := fmt.Fprintf(p.Stdout, "%-8s %s\n", x.Result, x.What); err != nil {
			return err
		}
		if x.Fix != "" && x.Result != "pass" {
			fmt.Fprintf(p.Stdout, "         %s (%s, %s)\n", x.Fix, x.Code, x.DocURL)
		}
	}
	return nil
}

// check makes a check's result of an error: nil passes.
func check(code, fine string, err error) examined {
	x := examined{Code: code, Result: "pass", What: fine, DocURL: api.Documents + "operations.md#doctor"}
	if err == nil {
		return x
	}
	x.Result, x.What = "fail", err.Error()
	var r *graphwarden.Refusal
	if errors.As(err, &r) {
		x.What, x.Fix, x.DocURL = r.Say, r.Do, api.DocURL(r.Code)
	}
	return x
}

// examine makes every check. What cannot be found out is unknown.
func examine(ctx context.Context, config string) []examined {
	loaded, err := assemble.Load(config)
	list := []examined{check("doctor.configuration", "The configuration is right.", err)}
	if err != nil {
		return list
	}
	list = append(list, check("doctor.key_file", "Only its owner reads the key file.", private(loaded.KeyFile())))
	for name, file := range loaded.SecretFiles() {
		list = append(list, check("doctor.secret_file", "Only its owner reads "+name+".", private(file)))
	}
	list = append(list, check("doctor.declared", "What the configuration names is there: secrets, certificates, addresses.", loaded.Declares()))
	if folder, is := loaded.DatabaseFolder(); is {
		list = append(list, disk(folder))
	}
	_, err = seal.ReadTokenFile(loaded.Operate().Token)
	list = append(list, check("doctor.operator_token", "Only its owner reads the operator's token.", err))
	return append(list, askServer(ctx, loaded)...)
}

// leftBehind finds secrets in Entra that a rotation made and no file holds, where
// the tenant's reader may see them.
func leftBehind(ctx context.Context, server *client) (list []examined) {
	_ = everything(ctx, server, "/v1/connections", nil, func(v connect.View) error {
		var found connect.Unuseds
		if v.Credential != "secret" || server.call(ctx, "POST", "/v1/connections/"+v.Tenant+"/"+v.Registration+"/unused", nil, api.Proof{}, &found) != nil || !found.Known {
			return nil
		}
		x := check("doctor.unused_secrets", "The app of "+v.Tenant+"/"+v.Registration+" has no secrets that a rotation left behind.", nil)
		if len(found.Unused) > 0 {
			x.Result, x.What = "warn", fmt.Sprintf("The app of %s/%s has %d secrets that a rotation left behind.", v.Tenant, v.Registration, len(found.Unused))
			x.Fix = "Run: graphwarden connect tidy " + v.Tenant + " " + v.Registration
		}
		list = append(list, x)
		return nil
	}) // what cannot be asked shows as another check
	return list
}

// private refuses a file that others can read or write.
func private(file string) error {
	info, err := os.Stat(file)
	switch {
	case err != nil:
		return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.file_missing", Cause: err,
			Say: fmt.Sprintf("The file %s cannot be found.", file), Do: "Correct its name in the configuration; the key file is made at the first start."}
	case info.Mode().Perm()&0o077 != 0 && runtime.GOOS != "windows":
		return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.file_exposed",
			Say: fmt.Sprintf("Others can read or write %s (mode %04o).", file, info.Mode().Perm()), Do: "Run: chmod 600 " + file}
	}
	return nil
}

func disk(folder string) examined {
	x := check("doctor.disk", "The disk of the database has room.", nil)
	room, err := watch.RoomOf(folder)
	switch severity := room.Judge(); {
	case err != nil || room.Total == 0:
		x.Result, x.What = "unknown", "How much room the disk of the database has is not known."
	case severity == graphwarden.Critical:
		x.Result = "fail"
	case severity != "":
		x.Result = "warn"
	}
	if x.Result == "warn" || x.Result == "fail" {
		x.What, x.Fix = fmt.Sprintf("The disk of the database has %d MB left.", room.Free>>20), "Make room: df -h "+folder
	}
	return x
}

// askServer makes the checks that only a running server can: its conditions, and
// one for each kind of notice.
func askServer(ctx context.Context, loaded *assemble.Config) []examined {
	server, err := dialLoaded(loaded)
	var status api.Status
	if err == nil {
		err = server.get(ctx, "/v1/status", nil, &status)
	}
	list := []examined{check("doctor.server", "The server answers.", err)}
	open := map[string][]graphwarden.Notice{}
	if err == nil {
		err = everything(ctx, server, "/v1/notices", nil, func(n graphwarden.Notice) error {
			open[n.Code] = append(open[n.Code], n)
			return nil
		})
	}
	if err == nil {
		list = append(list, leftBehind(ctx, server)...)
	}
	for _, k := range watch.Kinds() {
		switch {
		case err != nil:
			list = append(list, examined{Code: k.Code, Result: "unknown", What: k.Fine + " (Only a running server knows.)", Fix: "Start it with graphwarden serve.",
				DocURL: api.Documents + "operations.md#" + watch.Anchor(k.Code)})
		case len(open[k.Code]) == 0:
			list = append(list, examined{Code: k.Code, Result: "pass", What: k.Fine, DocURL: api.Documents + "operations.md#" + watch.Anchor(k.Code)})
		}
		for _, n := range open[k.Code] {
			result := "warn"
			if n.Severity == graphwarden.Critical {
				result = "fail"
			}
			list = append(list, examined{Code: n.Code, Result: result, What: n.Say, Fix: n.Do, DocURL: api.Documents + "operations.md#" + watch.Anchor(n.Code)})
		}
	}
	return list
}
