package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/odata/page"
)

// eventsPerPage is what is asked for; Graph may give fewer. It bounds what one
// transaction of the store holds.
const eventsPerPage = "odata.maxpagesize=200"

// Page reads the delta page that a calendar feed's cursor leads to, or the first
// page of a round over the feed's window when it has none. The window is part of
// Graph's token from then on (graph-facts §3.2).
func (g *Graph) Page(ctx context.Context, f flow.Flow, feed graphwarden.Feed) (graphwarden.Page, error) {
	call := gate.Call{
		Operation: flow.CalendarDelta(),
		Args:      flow.Args{"calendar": feed.Resource},
		Prefer:    []string{eventsPerPage},
		Link:      string(feed.Cursor),
	}
	if feed.Cursor == "" {
		call.Query = url.Values{
			"startDateTime": {feed.Window.Start.UTC().Format(time.RFC3339)},
			"endDateTime":   {feed.Window.End.UTC().Format(time.RFC3339)},
		}.Encode()
	}
	body, err := g.ask(ctx, f, feed.Mailbox, http.StatusOK, call)
	if err != nil {
		return graphwarden.Page{}, fmt.Errorf("reading the calendar %q of %s: %w", feed.Title, feed.Mailbox.UPN, err)
	}
	read, err := cut(body)
	if err != nil {
		return graphwarden.Page{}, fmt.Errorf("reading a page of the calendar %q of %s: %w", feed.Title, feed.Mailbox.UPN, err)
	}
	return read, nil
}

// cut takes a delta page apart without decoding its items.
func cut(body []byte) (graphwarden.Page, error) {
	var p page.Page
	if err := p.Cut(body); err != nil {
		return graphwarden.Page{}, err
	}
	if (p.NextLink == "") == (p.DeltaLink == "") {
		return graphwarden.Page{}, fmt.Errorf("a delta page has one link to go on, next or delta")
	}
	out := graphwarden.Page{
		Items: make([]graphwarden.Item, 0, len(p.Items)),
		Next:  graphwarden.Cursor(p.NextLink + p.DeltaLink),
		Last:  p.DeltaLink != "",
	}
	for _, raw := range p.Items {
		head, err := page.ReadHead(raw)
		if err != nil {
			return graphwarden.Page{}, err
		}
		if head.ID == "" {
			return graphwarden.Page{}, fmt.Errorf("an item has no id")
		}
		item := graphwarden.Item{ID: head.ID, ETag: head.ETag, Removed: head.Removed != ""}
		if !item.Removed {
			item.Body = json.RawMessage(raw)
		}
		out.Items = append(out.Items, item)
	}
	return out, nil
}
