package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/odata/page"
)

// Calendar is one calendar of a mailbox.
type Calendar struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	// Default says that it is the one that the mailbox's free and busy times come from.
	Default bool `json:"isDefaultCalendar"`
}

// calendarsPerPage is what is asked for; Graph may give fewer.
const calendarsPerPage = "100"

// Calendars lists all calendars of a mailbox, the default one among them.
func (g *Graph) Calendars(ctx context.Context, f flow.Flow, m graphwarden.Mailbox) ([]Calendar, error) {
	var all []Calendar
	call := gate.Call{Operation: flow.ListCalendars(), Query: "$top=" + calendarsPerPage + "&$select=id,name,isDefaultCalendar"}
	for {
		body, err := g.ask(ctx, f, m, http.StatusOK, call)
		if err != nil {
			return nil, fmt.Errorf("listing the calendars of %s: %w", m.UPN, err)
		}
		var cut page.Page
		if err := cut.Cut(body); err != nil {
			return nil, fmt.Errorf("reading the calendars of %s: %w", m.UPN, err)
		}
		for _, raw := range cut.Items {
			var c Calendar
			if err := json.Unmarshal(raw, &c); err != nil {
				return nil, fmt.Errorf("reading a calendar of %s: %w", m.UPN, err)
			}
			all = append(all, c)
		}
		if cut.NextLink == "" {
			return all, nil
		}
		call.Query, call.Link = "", cut.NextLink
	}
}
