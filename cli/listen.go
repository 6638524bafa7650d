package cli

import (
	"bytes"
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
	forward string
	keys    []seal.Secret
	http    *http.Client
}

// listen streams a flow's changes from the running server.
func (p Program) listen() *command {
	var since, secret, flow, sink string
	var ended bool
	l := &listener{Program: p, query: url.Values{}}
	return &command{
		use:   "listen",
		short: "Show a flow's changes as they come, or forward them to a local program",
		long: `Listen reads the changes of a flow from the running server, a line each, and goes
on after its last one when the connection breaks. Of private items it shows the
time only, unless --sink names a sink that is shown more.

With --forward-to every change is posted to an address of yours as a webhook
would be, signed with a secret that is printed at the start.`,
		examples: []string{"graphwarden listen --flow office-calendars", "graphwarden listen --flow office-calendars --since 1 --json --end",
			"graphwarden listen --flow office-calendars --forward-to http://127.0.0.1:3000/changes"},
		config: ofServer,
		prints: graphwarden.Envelope{},
		lines:  true,
		flags: func(f *pflag.FlagSet) {
			f.StringVar(&flow, "flow", "", "the `flow` whose changes to show")
			f.StringVar(&sink, "sink", "", "show them as this `sink` is told")
			f.StringVar(&since, "since", "", "begin after a sequence, or at a time such as 2026-03-02T08:00:00Z; without it, now")
			f.StringVar(&l.forward, "forward-to", "", "post each change to this `address`")
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
			if err := l.sign(handed); err != nil {
				return err
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

// sign gets ready to forward: a secret that the receiver verifies with.
func (l *listener) sign(secret string) error {
	if l.forward == "" {
		return nil
	}
	if u, err := url.Parse(l.forward); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return usage(fmt.Errorf("--forward-to %q is not an address such as http://127.0.0.1:3000/changes", l.forward))
	}
	fresh := secret == ""
	if fresh {
		var random [32]byte
		_, _ = rand.Read(random[:]) // it never fails
		secret = "whsec_" + base64.StdEncoding.EncodeToString(random[:])
	}
	key, err := deliver.ParseSecret(secret)
	if err != nil {
		return err
	}
	l.keys, l.http = []seal.Secret{key}, &http.Client{Timeout: 15 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	with := "the secret of --secret-file"
	if fresh {
		with = secret
	}
	fmt.Fprintf(l.Stderr, "Forwarding to %s, signed with %s\n", l.forward, with)
	return nil
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
			return nil
		case errors.As(err, &r) && (r.Kind != graphwarden.Unreachable || !told && wait == time.Second/2):
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
	if l.forward != "" {
		outcome = " -> " + l.post(ctx, e, line)
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

// post sends a change as a webhook would be sent, once, and says what came of it.
func (l *listener) post(ctx context.Context, e graphwarden.Envelope, line []byte) string {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, l.forward, bytes.NewReader(line))
	if err != nil {
		return err.Error()
	}
	deliver.Sign(r.Header, l.keys, e.ID, time.Now(), line)
	answer, err := l.http.Do(r)
	if err != nil {
		return "no answer"
	}
	defer answer.Body.Close()
	return answer.Status
}
