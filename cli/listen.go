package cli

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/deliver"
	"github.com/graphwarden/graphwarden/seal"
)

// listener shows the changes of a flow as they come.
type listener struct {
	Program
	server  *client
	query   url.Values
	asJSON  bool
	forward *forwarder // nil: nobody
}

// listen streams a flow's changes from the running server.
func (p Program) listen() *command {
	var since, secret, flow, sink, to string
	var ended bool
	l := &listener{Program: p, query: url.Values{}}
	return &command{
		use: "listen", until: true,
		short: "Show a flow's changes as they come, or forward them to a local program",
		long: `Listen reads the changes of a flow from the running server, a line each, and goes
on after its last one when the connection breaks. Of private items it shows the
time only, unless --sink names a sink that is shown more.

With --forward-to every change is posted to an address of yours as a webhook
would be, signed with a secret that is printed at the start. While nothing answers
there, or 429 or a status from 500 on, the change is held and posted again, after
half a second and then ever longer up to ten: a program that is started again
misses nothing. What it answers otherwise is not asked again. At the end stands
what was not taken, and how to go on; with --end a program may be away for 30
seconds, and it is an error when it refused something.`,
		examples: []string{"graphwarden listen --flow office-calendars", "graphwarden listen --flow office-calendars --since 1 --json --end",
			"graphwarden listen --flow office-calendars --forward-to http://127.0.0.1:3000/changes"},
		config: ofServer,
		prints: graphwarden.Envelope{},
		lines:  true,
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&flow, "flow", "", "the `flow` whose changes to show")
			f.StringVar(&sink, "sink", "", "show them as this `sink` is told")
			f.StringVar(&since, "since", "", "begin after a sequence, or at a time such as 2026-03-02T08:00:00Z; without it, now")
			f.StringVar(&to, "forward-to", "", "post each change to this `address`")
			f.StringVar(&secret, "secret-file", "", "sign what is forwarded with the whsec_ secret in this `file` instead of a new one; - is the standard input")
			f.BoolVar(&ended, "end", false, "end after what there is")
		},
		run: func(c *call) (err error) {
			if flow == "" {
				return usage(errors.New("--flow is missing"))
			}
			l.asJSON = c.json
			l.query.Set("flow", flow)
			l.query.Set("sink", sink)
			l.query.Set("follow", strconv.FormatBool(!ended))
			if err := l.begin(since); err != nil {
				return err
			}
			handed, err := p.content(secret)
			if err != nil {
				return err
			}
			if l.forward, err = l.forwards(to, handed); err != nil {
				return err
			}
			if l.forward != nil {
				l.forward.flow, l.forward.ended = flow, ended
				defer l.forward.close()
			}
			if l.server, err = c.server(); err != nil {
				return err
			}
			return l.run(c.ctx, ended)
		},
	}
}

func (l *listener) begin(since string) error {
	if since == "" { // said in words that hold when the connection breaks before the first change
		l.query.Set("since", time.Now().UTC().Format(time.RFC3339Nano))
		return nil
	}
	if n, err := strconv.ParseInt(since, 10, 64); err == nil && n >= 0 {
		l.query.Set("after", since)
		return nil
	}
	if _, err := moment("since", since); err != nil {
		return usage(fmt.Errorf("--since %q is neither a sequence nor a time such as 2026-03-02T08:00:00Z", since))
	}
	l.query.Set("since", since)
	return nil
}

// forwards gets ready to forward: a secret that the receiver verifies with. It is
// nil where nothing is forwarded.
func (l *listener) forwards(to, secret string) (*forwarder, error) {
	if to == "" {
		return nil, nil
	}
	if u, err := url.Parse(to); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil, usage(fmt.Errorf("--forward-to %q is not an address such as http://127.0.0.1:3000/changes", to))
	}
	fresh := secret == ""
	if fresh {
		var random [32]byte
		_, _ = rand.Read(random[:]) // it never fails
		secret = "whsec_" + base64.StdEncoding.EncodeToString(random[:])
	}
	key, err := deliver.ParseSecret(secret)
	if err != nil {
		return nil, err
	}
	with := "the secret of --secret-file"
	if fresh {
		with = secret
	}
	fmt.Fprintf(l.Stderr, "Forwarding to %s, signed with %s\n", to, with)
	return &forwarder{to: to, said: l.Stderr, keys: []seal.Secret{key}, http: &http.Client{Timeout: 15 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// run reads until ctx ends, and connects again when the connection breaks.
func (l *listener) run(ctx context.Context, ended bool) error {
	wait, told := time.Second/2, false
	for {
		heard := false
		err := l.server.lines(ctx, "/v1/changes", l.query, func(line []byte) error {
			heard, told = true, true
			return l.take(ctx, line)
		})
		var r *graphwarden.Refusal
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil && ended:
			return l.forward.refusal()
		case errors.As(err, &r) && (r.Code == notForwarded || r.Kind != graphwarden.Unreachable || !told && wait == time.Second/2):
			return err
		}
		if heard {
			wait = time.Second / 2
		}
		fmt.Fprintf(l.Stderr, "The server does not answer; trying again in %s.\n", wait)
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
		wait = min(2*wait, 15*time.Second)
	}
}

// take shows and forwards one change, and remembers that it has.
func (l *listener) take(ctx context.Context, line []byte) error {
	var e graphwarden.Envelope
	if err := json.Unmarshal(line, &e); err != nil {
		return fmt.Errorf("reading a change: %w", err)
	}
	outcome := ""
	if l.forward != nil {
		answer, err := l.forward.post(ctx, e, line)
		if err != nil {
			return err
		}
		outcome = " -> " + answer
	}
	if l.asJSON {
		if _, err := fmt.Fprintf(l.Stdout, "%s\n", line); err != nil {
			return err
		}
		if outcome != "" {
			fmt.Fprintf(l.Stderr, "%s%s\n", e.ID, outcome)
		}
	} else {
		var item struct {
			Subject string
			Start   struct{ DateTime string }
		}
		_ = json.Unmarshal(e.Data.Item, &item) // without one there is none to show
		kind := e.Type[strings.LastIndexByte(e.Type, '.')+1:]
		if _, err := fmt.Fprintf(l.Stdout, "%8d %s %-8s %s %.19s %q%s\n", e.Sequence, e.Time.Format("15:04:05Z"), kind, e.Data.Mailbox, item.Start.DateTime, item.Subject, outcome); err != nil {
			return err
		}
	}
	l.query.Del("since")
	l.query.Set("after", strconv.FormatInt(e.Sequence, 10))
	return nil
}
