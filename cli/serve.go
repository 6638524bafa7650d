package cli

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/assemble"
	"github.com/graphwarden/graphwarden/logbook"
	"github.com/graphwarden/graphwarden/seal"
)

// linesKept is how many of the last lines of its log a server keeps in memory.
const linesKept = 2000

// serve runs the gateway.
func (p Program) serve() *command {
	var check, held bool
	return &command{
		use:   "serve",
		until: true,
		short: "Run the gateway that a configuration file describes",
		long: `Serve signs in to the tenants of the configuration, pins the mailboxes of its
flows, and keeps the apps in step until it is told to stop. A configuration with
which nothing can work, and a database that does not, show at once, with an exit
code (docs/exit-codes.md). A registration or a mailbox that does not work holds up
no other: it is logged, told as a notice and tried again. With --check all that
does not work is listed.

While it runs it takes a changed configuration at graphwarden apply, and at a
hangup (SIGHUP) one that takes nothing away.`,
		examples: []string{"graphwarden serve --config graphwarden.yaml", "graphwarden serve --config graphwarden.yaml --check"},
		config:   ofFile,
		flags: func(f *pflag.FlagSet) {
			f.BoolVar(&check, "check", false, "sign in anew, find the mailboxes, say what works, and end")
			f.BoolVar(&held, "until-stdin-ends", false, "end when the standard input ends")
		},
		run: func(c *call) (err error) {
			ctx, stop := p.held(c.ctx, held)
			defer stop()
			loaded, err := c.load(c.config)
			if err != nil {
				return err
			}
			book := logbook.New(rand.Text(), linesKept)
			log := slog.New(book.Handler(slog.NewTextHandler(p.Stderr, nil)))
			if err := seal.Harden(); err != nil {
				log.Warn("core dumps cannot be turned off here", "reason", err)
			}
			outside := assemble.Outside{Log: log, Version: version(), Logbook: book}
			g, err := assemble.Build(ctx, loaded, outside)
			if err != nil {
				return early(ctx, log, check, err)
			}
			defer func() { err = errors.Join(err, g.Close()) }()
			if check {
				return cutShort(ctx, g.Prove(ctx, func(works string) { fmt.Fprintln(p.Stdout, works) }))
			}
			if err := g.Check(ctx); err != nil {
				return early(ctx, log, check, err)
			}
			log.Info("running", "listen", g.Address(), "operate", g.OperateAddress(), "apps", g.AppsAddress())
			serving := assemble.NewServing(g, outside)
			p.tellSystem("READY=1")
			defer p.tellSystem("STOPPING=1")
			defer p.reloading(ctx, serving, log)()
			return serving.Run(ctx)
		},
	}
}

// early is what a server that was told to end before it ran ends with: nothing went
// wrong. A check that did not come to its end has found nothing out.
func early(ctx context.Context, log *slog.Logger, check bool, err error) error {
	if ctx.Err() == nil || check {
		return cutShort(ctx, err)
	}
	log.Info("told to end before it ran", "reason", err)
	return nil
}

// reloading has a hangup read the configuration again, where it does not mean the
// end of the terminal that the server runs at. What takes something away wants a
// person: graphwarden apply.
func (p Program) reloading(ctx context.Context, s *assemble.Serving, log *slog.Logger) (end func()) {
	if p.terminal(p.Stdin) {
		return func() {}
	}
	again := func() {
		_, err := s.Reload(ctx, "a hangup (SIGHUP)", func(p assemble.Plan) error {
			if goes := p.Takes(); len(goes) > 0 {
				return &graphwarden.Refusal{Kind: graphwarden.Denied, Code: "config.takes", Say: "The changed configuration takes away " + strings.Join(goes, ", ") + ".",
					Do: "Run graphwarden apply, which asks for the name of what goes."}
			}
			return nil
		})
		if err != nil {
			log.Error("the configuration stays as it was", "reason", err)
		}
	}
	p.hangups.instead.Store(&again)
	return func() { p.hangups.instead.Store(nil) }
}
