package cli

import (
	"errors"
	"fmt"
	"log/slog"

	"github.com/spf13/cobra"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/seal"
)

// serve runs the gateway.
func (p Program) serve() *cobra.Command {
	var config string
	var check, held bool
	c := &cobra.Command{
		Use:   "serve",
		Short: "Run the gateway that a configuration file describes",
		Long: `Serve signs in to the tenants of the configuration, pins the mailboxes of its
flows, and keeps the apps in step until it is told to stop. What is wrong with
the configuration, a credential or the database shows at once, with an exit code
(docs/exit-codes.md).`,
		Example: "  graphwarden serve --config graphwarden.yaml\n  graphwarden serve --config graphwarden.yaml --check",
		Args:    none,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			ctx, stop := p.held(c.Context(), held)
			defer stop()
			loaded, err := assemble.Load(config)
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
			log.Info("running", "listen", g.Address(), "operate", g.OperateAddress())
			return g.Run(ctx)
		},
	}
	c.Flags().StringVar(&config, "config", "graphwarden.yaml", "the configuration `file`")
	c.Flags().BoolVar(&check, "check", false, "sign in anew, find the mailboxes, say what works, and end")
	c.Flags().BoolVar(&held, "until-stdin-ends", false, "end when the standard input ends")
	return c
}

// passing says whether what is wrong may pass by itself: Microsoft asks to wait,
// or does not answer.
func passing(err error) bool {
	var later *graphwarden.Later
	var refusal *graphwarden.Refusal
	return errors.As(err, &later) || errors.As(err, &refusal) && refusal.Kind == graphwarden.Unreachable
}
