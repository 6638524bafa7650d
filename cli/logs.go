package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/api"
	"github.com/graphwarden/graphwarden/meant"
)

// logs looks at what the gateway does.
func (p Program) logs() *command {
	return &command{
		use:      "logs",
		short:    "Look at what the gateway does",
		examples: []string{"graphwarden logs tail", "graphwarden logs tail --filter status=5xx --json --end"},
		under:    []*command{p.tailLogs()},
	}
}

// tailing is a run of graphwarden logs tail.
type tailing struct {
	*call
	server *client
	query  url.Values
}

// tailLogs streams what the running server does.
func (p Program) tailLogs() *command {
	var filters []string
	var since string
	var last int
	var ended bool
	return &command{
		use:   "tail",
		until: true,
		short: "Show what the gateway does, as it does it",
		long: `Tail shows every call to Microsoft (what was decided, how it ended and how long it
took) and every act of an operator, as the ledger records them, of all processes; and
the lines of the log of the process that answers. When the connection breaks it
connects again and goes on after the last line. It shows no secret, and nothing of any
item: the ledger holds none.

--filter NAME=VALUE narrows it, and can be said again: ` + strings.Join(api.ActivityFilters(), ", ") + `.
status takes a class, too (5xx); level shows lines of the log, of that level and
above; text is looked for everywhere.`,
		examples: []string{"graphwarden logs tail", "graphwarden logs tail --filter flow=office --filter status=5xx",
			"graphwarden logs tail --filter allowed=false --since 2026-03-02T08:00:00Z --end --json"},
		config: ofServer,
		prints: api.Activity{},
		lines:  true,
		flags: func(f *pflag.FlagSet) {
			f.StringArrayVar(&filters, "filter", nil, "only those of `NAME=VALUE`")
			f.StringVar(&since, "since", "", "begin at a `time` such as 2026-03-02T08:00:00Z")
			f.IntVar(&last, "last", 20, "begin with so `many` of the last ones")
			f.BoolVar(&ended, "end", false, "end after what there is")
		},
		run: func(c *call) (err error) {
			t := &tailing{call: c, query: url.Values{"follow": {strconv.FormatBool(!ended)}}}
			if err := t.narrow(filters); err != nil {
				return err
			}
			if _, err := moment("since", since); err != nil {
				return err
			}
			if since != "" {
				t.query.Set("since", since)
			} else {
				t.query.Set("last", strconv.Itoa(last))
			}
			if t.server, err = c.server(); err != nil {
				return err
			}
			return t.follow(ended)
		},
	}
}

// narrow reads the filters.
func (t *tailing) narrow(filters []string) error {
	known, status := api.ActivityFilters(), regexp.MustCompile(`^[1-5](\d\d|xx)$`)
	for _, f := range filters {
		name, value, is := strings.Cut(f, "=")
		switch {
		case !is || value == "":
			return usage(fmt.Errorf("--filter %q is not NAME=VALUE", f))
		case !slices.Contains(known, name):
			if close := meant.Word(name, known); close != "" {
				return usage(fmt.Errorf("--filter knows no %q, did you mean %q", name, close))
			}
			return usage(fmt.Errorf("--filter knows no %q, only %s", name, strings.Join(known, ", ")))
		case name == "status" && !status.MatchString(value):
			return usage(fmt.Errorf("--filter status=%s is no status, such as 429, and no class of them, such as 5xx", value))
		case t.query.Has(name) && name != "kind":
			return usage(fmt.Errorf("--filter %s stands there more than once", name))
		}
		t.query.Add(name, value)
	}
	return nil
}

// The waits between attempts to connect again.
const (
	againFirst = 500 * time.Millisecond
	againMost  = 15 * time.Second
)

// follow reads until ctx ends, and connects again when the connection breaks.
func (t *tailing) follow(ended bool) error {
	ctx, wait, told := t.ctx, againFirst, false
	for {
		err := t.server.lines(ctx, "/v1/activity", t.query, func(line []byte) error {
			told, wait = true, againFirst
			return t.take(line)
		})
		var r *graphwarden.Refusal
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil && ended:
			return nil
		case errors.As(err, &r) && (r.Kind != graphwarden.Unreachable || !told && wait == againFirst), errors.Is(err, errNobodyReads):
			return err
		}
		fmt.Fprintf(t.Stderr, "The connection ended; trying again in %s.\n", wait)
		if err := pause(ctx, wait); err != nil {
			return err
		}
		wait, told = min(2*wait, againMost), true
	}
}

// pause waits, or until ctx ends.
func pause(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// errNobodyReads says that the standard output takes nothing more.
var errNobodyReads = errors.New("the standard output takes nothing more")

// take shows one line, and remembers that it has.
func (t *tailing) take(line []byte) error {
	var x api.Activity
	if err := json.Unmarshal(line, &x); err != nil {
		return fmt.Errorf("reading a line: %w", err)
	}
	text := string(line)
	if !t.json {
		text = t.text(x)
	}
	if _, err := fmt.Fprintln(t.Stdout, text); err != nil {
		return fmt.Errorf("%w: %w", errNobodyReads, err)
	}
	t.query.Del("since")
	t.query.Del("last")
	t.query.Set("cursor", x.Cursor)
	return nil
}

// text is a line for people.
func (t *tailing) text(x api.Activity) string {
	parts := []string{x.At.Format("15:04:05.000Z")}
	add := func(format string, args ...any) { parts = append(parts, fmt.Sprintf(format, args...)) }
	switch x.Kind {
	case "log":
		parts = append(parts, t.coloured(fmt.Sprintf("%-8s", x.Level), x.Level == "error"), harmless(x.Message))
		for _, name := range slices.Sorted(maps.Keys(x.About)) {
			add("%s=%q", name, x.About[name])
		}
		return strings.Join(parts, " ")
	case "decision":
		word := "allowed"
		if x.Allowed == nil || !*x.Allowed {
			word = "refused"
		}
		parts = append(parts, t.coloured(fmt.Sprintf("%-8s", word), word == "refused"))
	case "close":
		status := strconv.Itoa(x.Status)
		if x.Status == 0 {
			status = "no answer"
		}
		parts = append(parts, t.coloured(fmt.Sprintf("%-8s", status), x.Status == 0 || x.Status >= 400))
	default:
		add("%-8s", x.Kind)
	}
	if x.App != "" || x.Flow != "" {
		add("%s", strings.Trim(x.App+"/"+x.Flow, "/"))
	}
	for _, part := range []string{x.Method, x.Path, x.Mailbox} {
		if part != "" {
			parts = append(parts, harmless(part))
		}
	}
	if x.Kind == "close" {
		add("%.0f ms, %d bytes", x.Took*1000, x.Bytes)
		if x.Status >= 400 && x.Request != "" {
			add("request-id %s", harmless(x.Request))
		}
	}
	if x.Rule != "" && x.Kind != "close" {
		add("(%s)", harmless(x.Rule))
	}
	if x.Note != "" {
		parts = append(parts, harmless(x.Note))
	}
	return strings.Join(parts, " ")
}

// coloured makes what is bad red, where the terminal wants colour.
func (t *tailing) coloured(text string, bad bool) string {
	if !bad || !t.colourful(t.Stdout) {
		return text
	}
	return "\x1b[31m" + text + "\x1b[0m"
}
