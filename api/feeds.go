package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Feeds reads the feeds as they stand.
type Feeds interface {
	// FeedStates gives at most limit feeds with an id above after, by id.
	FeedStates(ctx context.Context, chosen graphwarden.FeedChoice, after int64, limit int) ([]graphwarden.FeedState, error)
	// Troubles gives the feeds that cannot be read at present and why.
	Troubles(ctx context.Context) ([]graphwarden.Trouble, error)
	// Skipped gives the mailboxes of a flow, "" for all, that are not read and why.
	Skipped(ctx context.Context, flow string) ([]graphwarden.Skipped, error)
}

// Feed is a feed as operators see it.
type Feed struct {
	ID        int64      `json:"id"`
	Flow      string     `json:"flow"`
	Tenant    string     `json:"tenant"`
	Mailbox   string     `json:"mailbox"`
	MailboxID string     `json:"mailbox_id"`
	Calendar  string     `json:"calendar"`
	Resource  string     `json:"resource"`
	State     string     `json:"state"` // in step, news waits, not read yet, reading, asked to wait, not readable, not stored, flow removed
	ReadAt    *time.Time `json:"read_at"`
	Age       *int64     `json:"age_seconds"` // since it was read; null before the first time
	NextAt    *time.Time `json:"next_at"`
	Items     int64      `json:"items"`
	Trouble   *Trouble   `json:"trouble"` // why it cannot be read; null while it can
}

// Trouble says why a feed cannot be read at present.
type Trouble struct {
	Code     string    `json:"code"` // "" for what nobody foresaw
	Say      string    `json:"say"`
	Since    time.Time `json:"since"`
	LastAt   time.Time `json:"last_at"`
	Attempts int       `json:"attempts"` // in a row that failed
}

// Skipped is a mailbox of a flow that is not read, or a group whose members cannot
// be, and why.
type Skipped struct {
	Flow      string    `json:"flow"`
	Tenant    string    `json:"tenant"`
	Mailbox   string    `json:"mailbox"`
	MailboxID string    `json:"mailbox_id,omitempty"`
	Group     string    `json:"group,omitempty"` // the object id of a group
	Code      string    `json:"code"`
	Say       string    `json:"say"`
	Since     time.Time `json:"since"`
	LastAt    time.Time `json:"last_at"` // when it was last tried
}

func (a *API) feedRoutes() []route {
	chosen := paged(param{name: "flow", about: "only those of a flow", of: aFlow}, param{name: "tenant", about: "only those of a tenant", of: aTenant},
		param{name: "mailbox", about: "only those of a mailbox, by name or id", of: aMailbox})
	return []route{{pattern: "GET /v1/feeds", name: "listFeeds", about: "the feeds", query: chosen, out: Page[Feed]{}, answer: a.feeds},
		{pattern: "GET /v1/skipped", name: "listSkipped", about: "mailboxes and groups that are not read, and why", query: chosen, out: Page[Skipped]{}, answer: a.skipped}}
}

func (a *API) skipped(r *http.Request) (any, error) {
	t, err := turnOf(r)
	if err != nil {
		return nil, err
	}
	list, err := a.config.Feeds.Skipped(r.Context(), r.FormValue("flow"))
	if err != nil {
		return nil, err
	}
	unsigned, err := a.unsigned(r.Context(), r.FormValue("flow"), list)
	if err != nil {
		return nil, err
	}
	list = append(list, unsigned...)
	tenant, mailbox := r.FormValue("tenant"), r.FormValue("mailbox")
	list = slices.DeleteFunc(list, func(k graphwarden.Skipped) bool {
		return tenant != "" && k.Tenant != tenant || mailbox != "" && k.Mailbox.ID != mailbox && !strings.EqualFold(k.Mailbox.UPN, mailbox)
	})
	from, err := t.number()
	if err != nil {
		return nil, err
	}
	list = list[min(int(from), len(list)):]
	seen := make([]Skipped, min(len(list), t.limit+1))
	for i := range seen {
		k := list[i]
		seen[i] = Skipped{k.Flow, k.Tenant, k.Mailbox.UPN, k.Mailbox.ID, k.Group, k.Code, k.Say, k.Since.UTC(), k.LastAt.UTC()}
	}
	return page(t, seen, func(Skipped) string { return strconv.FormatInt(from+int64(t.limit), 10) }), nil
}

func (a *API) feeds(r *http.Request) (any, error) {
	t, err := turnOf(r)
	if err != nil {
		return nil, err
	}
	after, err := t.number()
	if err != nil {
		return nil, err
	}
	chosen := graphwarden.FeedChoice{Flow: r.FormValue("flow"), Tenant: r.FormValue("tenant"), Mailbox: r.FormValue("mailbox")}
	states, err := a.config.Feeds.FeedStates(r.Context(), chosen, after, t.limit+1)
	if err != nil {
		return nil, err
	}
	troubles, err := a.config.Feeds.Troubles(r.Context())
	list := a.seen(states, troubles)
	a.unconnected(r.Context(), list)
	a.unstored(r.Context(), list)
	return page(t, list, func(f Feed) string { return strconv.FormatInt(f.ID, 10) }), err
}

// seen gives feeds as operators see them.
func (a *API) seen(states []graphwarden.FeedState, troubles []graphwarden.Trouble) []Feed {
	now := a.config.Now()
	why := map[int64]graphwarden.Trouble{}
	for _, t := range troubles {
		why[t.Feed] = t
	}
	list := make([]Feed, len(states))
	for i, s := range states {
		list[i] = Feed{ID: s.Feed.ID, Flow: s.Feed.Flow, Tenant: s.Feed.Tenant, Mailbox: s.Feed.Mailbox.UPN, MailboxID: s.Feed.Mailbox.ID,
			Calendar: s.Feed.Title, Resource: s.Feed.Resource, State: s.Word(now), Items: s.Items, ReadAt: moment(s.Feed.ReadAt), NextAt: moment(s.NextAt(now))}
		if !s.Feed.ReadAt.IsZero() {
			age := int64(now.Sub(s.Feed.ReadAt).Seconds())
			list[i].Age = &age
		}
		if t, troubled := why[s.Feed.ID]; troubled {
			list[i].State = "not readable"
			list[i].Trouble = &Trouble{t.Code, t.Say, t.Since.UTC(), t.LastAt.UTC(), t.Count}
		}
		if !slices.ContainsFunc(a.config.Declared.Flows, func(f Flow) bool { return f.Name == s.Feed.Flow }) {
			list[i].State, list[i].NextAt = "flow removed", nil
		}
	}
	return list
}

// unconnected has feeds whose connection was revoked say so before their next attempt
// finds it out.
func (a *API) unconnected(ctx context.Context, list []Feed) {
	if a.config.Connections == nil || len(list) == 0 {
		return
	}
	views, err := a.config.Connections.List(ctx)
	if err != nil {
		return // the next attempt says it
	}
	now := a.config.Now().UTC()
	for _, v := range views {
		if v.State != "revoked" {
			continue
		}
		for i, f := range list {
			if f.Trouble != nil || !slices.ContainsFunc(a.config.Declared.Flows, func(d Flow) bool {
				return d.Name == f.Flow && d.Tenant == v.Tenant && d.Registration == v.Registration
			}) {
				continue
			}
			list[i].State = "not readable"
			list[i].Trouble = &Trouble{Code: "connect.revoked", Say: fmt.Sprintf("The connection %s/%s was revoked.", v.Tenant, v.Registration), Since: now, LastAt: now}
		}
	}
}

// unstored has feeds say so while the database takes nothing: whatever is read of them
// cannot be kept, and none of them is in step for long.
func (a *API) unstored(ctx context.Context, list []Feed) {
	ctx, stop := context.WithTimeout(ctx, 5*time.Second)
	defer stop()
	now := a.config.Now().UTC()
	for _, c := range Ready(ctx, a.config.Conditions).Checks {
		if c.Met {
			continue
		}
		for i, f := range list {
			if f.State == "flow removed" {
				continue
			}
			since := now
			if f.ReadAt != nil {
				since = *f.ReadAt
			}
			list[i].State, list[i].Trouble = "not stored", &Trouble{Code: c.Code, Say: c.Reason, Since: since, LastAt: now}
		}
		return
	}
}

// moment is a time as JSON has it: null for no time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
