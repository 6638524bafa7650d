package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden/ledger"
)

// ledgerAgain is how often the ledger is looked at for whoever follows it.
const ledgerAgain = 500 * time.Millisecond

func (p Program) tailLedger() *command {
	var l ledgerPlaces
	var q ledgerQuery
	var after int64
	var last int
	var ended bool
	return &command{
		use: "tail", until: true,
		short: "Show what is recorded, as it is recorded",
		long: `Tail reads the ledger in the database itself and goes on as entries come, of all
processes that write it: a refusal and an act of an operator at once, a call when it has
ended, with how. A call that has no end after a minute is shown as unknown, and once more
should it end after all. The flags narrow it as those of ledger search do. Nothing is
changed, and no server is asked; what the log of one says besides, logs tail shows.

It begins with the last ones, or with --since or --after where those say; --after takes
the number of an entry, such as the last that was shown.`,
		examples: []string{"graphwarden ledger tail --config graphwarden.yaml", "graphwarden ledger tail --outcome refused --json",
			"graphwarden ledger tail --config graphwarden.yaml --app portal --after 0 --end"},
		args:     cobra.NoArgs,
		config:   "the configuration `file` that names the database, instead of --database",
		optional: true,
		prints:   ledger.Record{},
		lines:    true,
		flags: func(f *pflag.FlagSet) {
			l.addDatabase(f)
			q.add(f)
			f.StringVar(&q.since, "since", "", "begin at a `time` such as 2026-03-02T08:00:00Z")
			f.Int64Var(&after, "after", -1, "begin after the entry of this `number`; 0 is from the beginning")
			f.IntVar(&last, "last", 20, "begin with so `many` of the last ones")
			f.BoolVar(&ended, "end", false, "end after what there is")
		},
		run: func(c *call) (err error) {
			if err := q.read(); err != nil {
				return err
			}
			if last < 0 || last > mostFound {
				return usage(fmt.Errorf("--last is %d, not between 0 and %d", last, mostFound))
			}
			if after >= 0 && q.since != "" {
				return usage(errors.New("--after and --since both say where to begin: leave one out"))
			}
			s, err := c.entries(l.database)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, s.Close()) }()
			names, err := s.MailboxNames(c.ctx)
			if err != nil {
				return err
			}
			t, err := c.beginTail(s, names, q.Query, after, last)
			if err != nil {
				return err
			}
			return c.follow(t, ended)
		},
	}
}

// beginTail begins where the flags say, and shows the last ones where they say nothing.
func (c *call) beginTail(rows ledger.Searched, names map[string]string, q ledger.Query, after int64, last int) (*ledger.Tail, error) {
	if !q.Since.IsZero() {
		var err error
		if after, err = ledger.Since(c.ctx, rows, q.Since); err != nil {
			return nil, err
		}
	}
	if after >= 0 {
		return ledger.Follow(c.ctx, rows, names, q, after)
	}
	before, t, err := ledger.FollowLast(c.ctx, rows, names, q, last)
	if err != nil {
		return nil, err
	}
	return t, c.tell(before)
}

// follow shows what comes, until it is told to end.
func (c *call) follow(t *ledger.Tail, ended bool) error {
	for {
		news, err := t.Next(c.ctx, time.Now())
		if ended {
			news = append(news, t.Rest()...)
		}
		if wrong := c.tell(news); wrong != nil {
			return wrong
		}
		switch {
		case c.ctx.Err() != nil:
			return c.ctx.Err()
		case err != nil:
			fmt.Fprintf(c.Stderr, "Entries up to %d were read; go on with --after %d\n", t.After(), t.After())
			return err
		case ended:
			return nil
		}
		if err := pause(c.ctx, ledgerAgain); err != nil {
			return err
		}
	}
}

// tell prints records, a line each.
func (c *call) tell(records []ledger.Record) error {
	for _, r := range records {
		text := strings.Join([]string{fmt.Sprintf("%6d", r.Seq), at(&r.At), dash(r.App), done(r), ofWhom(r), outcome(r), dash(r.Rule)}, "  ")
		if c.json {
			raw, err := json.Marshal(r)
			if err != nil {
				return fmt.Errorf("writing JSON: %w", err)
			}
			text = string(raw)
		} else {
			text = harmless(text)
		}
		if _, err := fmt.Fprintln(c.Stdout, text); err != nil {
			return fmt.Errorf("%w: %w", errNobodyReads, err)
		}
	}
	return nil
}
