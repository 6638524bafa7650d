package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/ledger"
)

// ledgerQuery are the flags that say which entries of the ledger are meant.
type ledgerQuery struct {
	ledger.Query
	since, until, outcome string
}

func (q *ledgerQuery) add(f *pflag.FlagSet) {
	var outcomes []string
	for _, o := range ledger.Outcomes() {
		outcomes = append(outcomes, string(o))
	}
	f.StringVar(&q.App, "app", "", "only those of an `app`")
	f.StringVar(&q.Flow, "flow", "", "only those of a `flow`")
	f.StringVar(&q.Tenant, "tenant", "", "only those of a `tenant`")
	f.StringVar(&q.Mailbox, "mailbox", "", "only those of a `mailbox` or a person, by name or object id")
	f.StringVar(&q.Operation, "operation", "", "only those of an `operation`, such as \"GET /users/{id}/messages\"")
	f.StringVar(&q.outcome, "outcome", "", "only those that ended so: `"+strings.Join(outcomes, "|")+"`")
	f.StringVar(&q.Rule, "rule", "", "only what a `rule` decided, such as flow:office")
	f.StringVar(&q.Call, "call", "", "only the call of an `id`, which Microsoft was sent as client-request-id")
	f.StringVar(&q.Request, "request", "", "only the call that Microsoft answered with this `request-id`, as its support names it")
	f.StringVar(&q.Text, "text", "", "only those with a `text` in their note, rule or path, such as an operator's name")
}

// read reads the flags that are more than words.
func (q *ledgerQuery) read() error {
	for name, m := range map[string]struct {
		text string
		to   *time.Time
	}{"since": {q.since, &q.Since}, "until": {q.until, &q.Until}} {
		at, err := moment(name, m.text)
		if err != nil {
			return err
		}
		if at != nil {
			*m.to = *at
		}
	}
	if q.Outcome = ledger.Outcome(q.outcome); q.outcome != "" && !slices.Contains(ledger.Outcomes(), q.Outcome) {
		return usage(fmt.Errorf("--outcome %q is none of %v", q.outcome, ledger.Outcomes()))
	}
	return nil
}

// mostFound is how many entries a search may be asked for at once.
const mostFound = 10_000

func (p Program) searchLedger() *command {
	var l ledgerPlaces
	var q ledgerQuery
	var limit int
	return &command{
		use:   "search",
		short: "Find who did what, to whose mailbox, and what became of it",
		long: `Search reads the ledger and shows the last entries that the flags ask for, the newest
last: each call with what was decided, by which rule and how it ended, and each act of an
operator. All flags together narrow it. A server may run on the database; nothing is
changed. It prints at most --limit entries; with --before and the number that it names
then come those before them.`,
		examples: []string{"graphwarden ledger search --config graphwarden.yaml --outcome refused", "graphwarden ledger search --app portal --since 2026-03-02T08:00:00Z --limit 20",
			"graphwarden ledger search --mailbox anna@contoso.com --operation /users/{id}/calendars/{id}/calendarView/delta --json"},
		args:     cobra.NoArgs,
		config:   "the configuration `file` that names the database, instead of --database",
		optional: true,
		prints:   []ledger.Record{},
		flags: func(f *pflag.FlagSet) {
			l.addDatabase(f)
			q.add(f)
			f.StringVar(&q.since, "since", "", "only from a `time` on, such as 2026-03-02T08:00:00Z")
			f.StringVar(&q.until, "until", "", "only before a `time`")
			f.Int64Var(&q.Before, "before", 0, "only entries before this `number`")
			f.Int64Var(&q.After, "after", 0, "only entries after this `number`")
			f.IntVar(&limit, "limit", 100, "show so `many` at most")
		},
		run: func(c *call) (err error) {
			if err := q.read(); err != nil {
				return err
			}
			if limit < 1 || limit > mostFound {
				return usage(fmt.Errorf("--limit is %d, not between 1 and %d", limit, mostFound))
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
			found, more, err := ledger.Search(c.ctx, s, names, q.Query, limit)
			if err != nil {
				return err
			}
			return c.showFound(found, more)
		},
	}
}

// showFound shows what a search found.
func (c *call) showFound(found []ledger.Record, more bool) error {
	if !c.json && len(found) == 0 {
		_, err := fmt.Fprintln(c.Stdout, "Nothing in the ledger is so.")
		return err
	}
	t := &table{head: []string{"ENTRY", "AT", "APP", "OPERATION", "MAILBOX", "OUTCOME", "RULE"}}
	for _, r := range found {
		t.add(strconv.FormatInt(r.Seq, 10), at(&r.At), r.App, done(r), ofWhom(r), outcome(r), r.Rule)
	}
	if err := c.show(append([]ledger.Record{}, found...), t); err != nil {
		return err
	}
	if more {
		fmt.Fprintf(c.Stderr, "Older ones match, too: --before %d\n", found[0].Seq)
	}
	return nil
}

// done says what was done: the operation of a call, or an operator's act and its note.
func done(r ledger.Record) string {
	text := strings.TrimSpace(r.Method + " " + r.Path)
	if r.Kind == graphwarden.Acted && r.Note != "" {
		text = strings.TrimSpace(text + ": " + r.Note)
	}
	return dash(text)
}

// ofWhom names the mailbox of a record.
func ofWhom(r ledger.Record) string {
	if r.Name != "" {
		return r.Name
	}
	return dash(r.Mailbox)
}

// outcome says what became of a call, with the status of its answer; of one that failed
// also with what Microsoft asks for when a support case is opened.
func outcome(r ledger.Record) string {
	if r.Closed == nil {
		return string(r.Outcome)
	}
	if r.Closed.Status == 0 {
		return string(r.Outcome) + ", no answer"
	}
	text := fmt.Sprintf("%s, %d", r.Outcome, r.Closed.Status)
	if r.Outcome == ledger.Failed && r.Closed.Request != "" {
		text += ", request-id " + r.Closed.Request
	}
	return text
}

func dash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}
