package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/graphwarden/graphwarden"
)

// Feeds reads the feeds as they stand.
type Feeds interface {
	// FeedStates gives at most limit feeds with an id above after, by id.
	FeedStates(ctx context.Context, chosen graphwarden.FeedChoice, after int64, limit int) ([]graphwarden.FeedState, error)
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
	State     string     `json:"state"` // first read, current, news waiting, waiting for Microsoft, dropped
	ReadAt    *time.Time `json:"read_at"`
	Age       *int64     `json:"age_seconds"` // since it was read; null before the first time
	NextAt    *time.Time `json:"next_at"`
	Items     int64      `json:"items"`
}

func (a *API) feedRoutes() []route {
	return []route{{pattern: "GET /v1/feeds", about: "the feeds; filters: flow, tenant, mailbox", answer: a.feeds}}
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
	return page(t, a.seen(states), func(f Feed) string { return strconv.FormatInt(f.ID, 10) }), err
}

// seen gives feeds as operators see them.
func (a *API) seen(states []graphwarden.FeedState) []Feed {
	now := a.config.Now()
	list := make([]Feed, len(states))
	for i, s := range states {
		list[i] = Feed{ID: s.Feed.ID, Flow: s.Feed.Flow, Tenant: s.Feed.Tenant, Mailbox: s.Feed.Mailbox.UPN, MailboxID: s.Feed.Mailbox.ID,
			Calendar: s.Feed.Title, Resource: s.Feed.Resource, State: s.Word(now), Items: s.Items, ReadAt: moment(s.Feed.ReadAt), NextAt: moment(s.NextAt(now))}
		if !s.Feed.ReadAt.IsZero() {
			age := int64(now.Sub(s.Feed.ReadAt).Seconds())
			list[i].Age = &age
		}
	}
	return list
}

// moment is a time as JSON has it: null for no time.
func moment(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}
