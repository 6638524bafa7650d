package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Entries are the ledger's, read by their numbers.
type Entries interface {
	EntriesAfter(ctx context.Context, seq int64, limit int, each func(e graphwarden.Entry, leaf [32]byte) error) error
	LastEntry(ctx context.Context) (int64, error)
}

// Activity is one thing that the gateway did: an entry of the ledger, which every
// process of a cluster writes, or a line of the log of the process that answers. It
// holds no secret and nothing of an item.
type Activity struct {
	Cursor string    `json:"cursor" doc:"where to go on after it"`
	At     time.Time `json:"at"`
	Kind   string    `json:"kind" doc:"decision, close (how a call ended), act (what somebody did here) or log"`

	Seq       int64   `json:"seq,omitempty" doc:"of the ledger's entry"`
	Call      string  `json:"call,omitempty" doc:"ties a close to its decision; sent to Microsoft as client-request-id"`
	App       string  `json:"app,omitempty"`
	Flow      string  `json:"flow,omitempty"`
	Tenant    string  `json:"tenant,omitempty"`
	Method    string  `json:"method,omitempty"`
	Path      string  `json:"path,omitempty" doc:"the operation, without values"`
	Mailbox   string  `json:"mailbox,omitempty" doc:"its name, or its id where no flow names it any more"`
	MailboxID string  `json:"mailbox_id,omitempty"`
	Allowed   *bool   `json:"allowed,omitempty" doc:"of a decision: false is refused"`
	Rule      string  `json:"rule,omitempty" doc:"what decided, such as flow:office"`
	Status    int     `json:"status,omitempty" doc:"of the answer"`
	Bytes     int64   `json:"bytes,omitempty" doc:"of the answer"`
	Took      float64 `json:"took_seconds,omitempty" doc:"from the decision to the end"`
	Request   string  `json:"request_id,omitempty" doc:"of a close: the id by which Microsoft knows the request, which a support case asks for"`
	Note      string  `json:"note,omitempty"`

	Level   string            `json:"level,omitempty" doc:"of a line of the log: debug, info, warn, error"`
	Message string            `json:"message,omitempty" doc:"of the line of the log"`
	About   map[string]string `json:"about,omitempty" doc:"what the line says besides"`
}

const (
	activityAtOnce = 500
	// activityAgain is how often the ledger is looked at for whoever follows it.
	activityAgain = 250 * time.Millisecond
	// mostLast is how many of the last things can be asked for, mostBack how many
	// entries are looked through for them.
	mostLast = 10000
	mostBack = 200000
)

func (a *API) activityRoutes() []route {
	if a.config.Entries == nil {
		return nil
	}
	query := append(activityFilters(), param{name: "cursor", about: "go on after it: cursor of an earlier line", most: 200}, param{name: "since", about: "begin at a time", kind: instant},
		param{name: "last", about: "begin with so many of the last ones", kind: number, most: mostLast}, param{name: "follow", about: "go on with those that come", kind: flag})
	return []route{{pattern: "GET /v1/activity", name: "followActivity", about: "what the gateway does, a line of JSON each", query: query, out: Activity{}, stream: a.activity}}
}

func (a *API) activity(r *http.Request, lines *Lines) error {
	t := &tail{api: a, request: r, wants: wanted(r.URL.Query()), calls: map[string]graphwarden.Entry{}}
	if err := t.begin(); err != nil {
		return err
	}
	follow := r.URL.Query().Get("follow") == "true"
	if n, err := strconv.Atoi(r.URL.Query().Get("last")); err == nil && r.URL.Query().Get("cursor") == "" {
		last, err := t.last(n)
		if err != nil {
			return err
		}
		for _, x := range last {
			if err := lines.Write(x); err != nil {
				return err
			}
		}
	}
	if err := lines.Beat(); err != nil { // the listener learns that it is let in
		return err
	}
	said := time.Now()
	for {
		news := t.news()
		more, err := t.next(func(x Activity) error {
			said = time.Now()
			return lines.Write(x)
		})
		switch {
		case err != nil:
			return err
		case more:
			continue
		case !follow:
			return nil
		case time.Since(said) > beat:
			if err := lines.Beat(); err != nil {
				return err
			}
			said = time.Now()
		}
		timer := time.NewTimer(activityAgain)
		select {
		case <-news:
		case <-timer.C:
		case <-r.Context().Done():
			timer.Stop()
			return nil
		}
		timer.Stop()
	}
}
