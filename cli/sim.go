package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/sim"
)

// sim runs the simulated tenant.
func (p Program) sim() *command {
	var o sim.Service
	var held bool
	return &command{
		use:   "sim",
		until: true,
		short: "Run a simulated Microsoft 365 tenant",
		long: `Sim serves a Microsoft 365 tenant on one address with TLS: Entra's endpoints and
Microsoft Graph, for unmodified Microsoft SDKs. When it listens it writes the
ready file, which names its addresses, its certificate authority, its apps with
their secrets, its users with their passwords, and tokens. docs/simulator.md
says what it knows and how it is steered.`,
		examples: []string{"graphwarden sim --ready ready.json", "graphwarden sim --addr 127.0.0.1:8443 --seed 1 --users 500 --ready ready.json --truth truth.ndjson"},
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&o.Addr, "addr", "127.0.0.1:8443", "the `address` to listen at; port 0 is any free one")
			f.Uint64Var(&o.Seed, "seed", 1, "what the company and the weather are generated from")
			f.IntVar(&o.Users, "users", 25, "people in the company")
			f.StringVar(&o.Domain, "domain", "contoso.example", "the `domain` of the company's addresses")
			f.StringVar(&o.Name, "organization", "Contoso", "the company's `name`")
			f.StringVar(&o.Ready, "ready", "", "a `file` that tells how to reach the tenant, written when it listens")
			f.StringVar(&o.Truth, "truth", "", "a `file` for every effect that was really applied, a line each")
			f.StringVar(&o.Journal, "journal", "", "a `file` that keeps the tenant's state; without it a restart begins anew")
			f.StringVar(&o.Record, "record", "", "a `file` for every answer of Graph, a line each")
			f.StringVar(&o.Weather, "weather", "gentle", "what goes wrong: off, gentle or hard")
			f.StringVar(&o.Trust, "trust", "", "a `file` with the CA of notification receivers, PEM")
			f.BoolVar(&o.HTTPNotifications, "http-notifications", false, "allow notification receivers without TLS on this machine")
			f.BoolVar(&held, "until-stdin-ends", false, "end when the standard input ends")
		},
		run: func(c *call) error {
			ctx, stop := p.held(c.ctx, held)
			defer stop()
			if o.Users < 1 || o.Users > most {
				return usage(fmt.Errorf("--users is %d, not between 1 and %d", o.Users, most))
			}
			return refused(sim.Serve(ctx, o, slog.New(slog.NewTextHandler(p.Stderr, nil))))
		},
	}
}

// held gives a context that ends with the standard input, if asked to: a process
// that holds the other end takes this one along when it ends, however it ends.
func (p Program) held(ctx context.Context, wanted bool) (context.Context, context.CancelFunc) {
	ctx, stop := context.WithCancel(ctx)
	if wanted {
		go func() { _, _ = io.Copy(io.Discard, p.Stdin); stop() }()
	}
	return ctx, stop
}

// most is the largest company that the simulator makes in a time that somebody
// waits for.
const most = 20000

// refused says why the simulator did not start: a place that is taken, or
// something that it was told.
func refused(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "cli.sim_port", Cause: err,
			Say: "Another program listens at the simulator's address already.", Do: "End it, or name another address with --addr."}
	case sim.Taken(err):
		return &graphwarden.Refusal{Kind: graphwarden.Conflict, Code: "cli.sim_journal", Cause: err,
			Say: "Another simulator runs on this journal.", Do: "End it, or name another file with --journal."}
	}
	return &graphwarden.Refusal{Kind: graphwarden.Invalid, Code: "cli.sim", Cause: err,
		Say: fmt.Sprintf("The simulator does not run: %v.", err), Do: "See graphwarden sim --help."}
}
