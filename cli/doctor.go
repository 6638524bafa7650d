package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/assemble"
)

// unhealthy is what the command ends with when a check fails.
const unhealthy = "cli.doctor"

// Examined is one check of the doctor.
type Examined struct {
	Code   string `json:"code"`
	Result string `json:"result"` // pass, warn, fail, unknown
	What   string `json:"what"`
	Fix    string `json:"fix,omitempty"`
	DocURL string `json:"doc_url"`
}

// doctor examines a Graphwarden without changing anything.
func (p Program) doctor() *command {
	var online bool
	return &command{
		use:   "doctor",
		short: "Examine everything, and say how to mend what is wrong",
		long: `Doctor reads the configuration, the files that it names and their modes, and the
database, and asks the running server what it knows. With --online it also calls
what the configuration names: Microsoft, the receivers, the public address; and it
signs in with each registration, which the server's ledger records. It changes
nothing. Each check passes, warns, fails or is unknown; when one fails, the exit
code is 3. What --json prints is described by docs/doctor.schema.json.`,
		examples: []string{"graphwarden doctor", "graphwarden doctor --config graphwarden.yaml --online", "graphwarden doctor --json"},
		config:   ofServer,
		prints:   []Examined{},
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&online, "online", false, "also call what the configuration names, and sign in")
		},
		run: func(c *call) error {
			list := p.examine(c.ctx, c.config, online)
			if err := p.printChecks(list, c.json); err != nil {
				return err
			}
			failed := 0
			for _, x := range list {
				if x.Result == "fail" {
					failed++
				}
			}
			if failed > 0 {
				return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: unhealthy,
					Say: counted(failed, "check fails", "checks fail") + ".", Do: "Mend them as they say, the first one first."}
			}
			return nil
		},
	}
}

func (p Program) printChecks(list []Examined, asJSON bool) error {
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
func check(code, fine string, err error) Examined {
	x := Examined{Code: code, Result: "pass", What: fine, DocURL: api.Documents + "operations.md#doctor"}
	if err == nil {
		return x
	}
	x.Result, x.What, x.Fix = "fail", err.Error(), "Report it with this message."
	var r *graphwarden.Refusal
	if errors.As(err, &r) {
		x.What, x.Fix, x.DocURL = r.Say, r.Do, api.DocURL(r.Code)
	}
	return x
}

// examination is one run of the doctor.
type examination struct {
	loaded  *assemble.Config
	server  *client
	absent  error // why the server does not answer; nil: it does
	hangs   error // why it answers nothing about what it knows: its database hangs
	running api.Status
	found   []Examined
}

// mute says why the server cannot be asked what it knows; nil: it can.
func (e *examination) mute() error { return cmp.Or(e.absent, e.hangs) }

// unasked is what is said of what only the server knows and cannot be asked.
func (e *examination) unasked() (why, fix string) {
	if e.absent == nil {
		return "The server cannot say.", check("", "", e.hangs).Fix
	}
	return "Only a running server knows.", "Start it with graphwarden serve."
}

// add notes checks.
func (e *examination) add(all ...Examined) { e.found = append(e.found, all...) }

// examine makes every check. What cannot be found out is unknown.
func (p Program) examine(ctx context.Context, config string, online bool) []Examined {
	loaded, err := p.load(config)
	e := &examination{loaded: loaded, found: []Examined{check("doctor.configuration", "The configuration is right.", err)}}
	if err != nil {
		return e.found
	}
	e.files()
	if e.server, e.absent = dialLoaded(loaded); e.absent == nil {
		e.hangs, e.absent = e.server.hangs(ctx)
	}
	if e.absent == nil && e.hangs == nil {
		e.absent = e.server.get(ctx, "/v1/status", nil, &e.running)
	}
	e.database(ctx)
	e.ports(ctx)
	e.process()
	if online {
		e.places(ctx)
		e.signIns(ctx)
	}
	if e.mute() == nil {
		e.add(leftBehind(ctx, e.server)...)
	}
	e.notices(ctx)
	return e.found
}

// warn makes a check that warns.
func warn(code, what, fix string) Examined {
	x := check(code, what, nil)
	x.Result, x.Fix = "warn", fix
	return x
}

// unknown makes a check of something that could not be found out.
func unknown(code, what, fix string) Examined {
	x := warn(code, what, fix)
	x.Result = "unknown"
	return x
}
