package cli

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/seal"
)

// serve runs the gateway.
func (p Program) serve() *command {
	var check, held bool
	return &command{
		use:   "serve",
		short: "Run the gateway that a configuration file describes",
		long: `Serve signs in to the tenants of the configuration, pins the mailboxes of its
flows, and keeps the apps in step until it is told to stop. What is wrong with
the configuration, a credential or the database shows at once, with an exit code
(docs/exit-codes.md).`,
		examples: []string{"graphwarden serve --config graphwarden.yaml", "graphwarden serve --config graphwarden.yaml --check"},
		config:   ofFile,
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&check, "check", false, "sign in anew, find the mailboxes, say what works, and end")
			f.BoolVar(&held, "until-stdin-ends", false, "end when the standard input ends")
		},
		run: func(c *call) (err error) {
			ctx, stop := p.held(c.ctx, held)
			defer stop()
			loaded, err := assemble.Load(c.config)
			if err != nil {
				return err
			}
			log := slog.New(slog.NewTextHandler(p.Stderr, nil))
			if err := seal.Harden(); err != nil {
				log.Warn("core dumps cannot be turned off here", "reason", err)
			}
			g, err := assemble.Build(ctx, loaded, assemble.Outside{Log: log, Version: version()})
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, g.Close()) }()
			if check {
				return g.Prove(ctx, func(works string) { fmt.Fprintln(p.Stdout, works) })
			}
			if err := g.Check(ctx); err != nil && !passing(err) {
				return err
			} else if err != nil {
				log.Warn("beginning all the same, it will be tried again", "reason", err)
			}
			log.Info("running", "listen", g.Address(), "operate", g.OperateAddress(), "apps", g.AppsAddress())
			return g.Run(ctx)
		},
	}
}

// passing says whether what is wrong may pass by itself: Microsoft asks to wait,
// or does not answer.
func passing(err error) bool {
	var later *graphwarden.Later
	var refusal *graphwarden.Refusal
	return errors.As(err, &later) || errors.As(err, &refusal) && refusal.Kind == graphwarden.Unreachable
}
