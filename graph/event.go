package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden"
	"github.com/graphwarden/graphwarden/flow"
	"github.com/graphwarden/graphwarden/gate"
	"github.com/graphwarden/graphwarden/odata/page"
)

// DuplicateError says that an event was made with this transactionId before: the
// write was not repeated (graph-facts §7; 409, or 400 in older reports).
type DuplicateError struct {
	Existing string // the event's id, if Graph says it
	Cause    error
}

// Error says so.
func (d *DuplicateError) Error() string {
	return fmt.Sprintf("the event was made before, as %q: %v", d.Existing, d.Cause)
}

// Unwrap gives what Graph answered.
func (d *DuplicateError) Unwrap() error { return d.Cause }

// CreateEvent makes an event in a calendar, "" for the default one, and gives it as
// Graph made it.
func (g *Graph) CreateEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, calendar string, event []byte) (json.RawMessage, error) {
	call := gate.Call{Operation: flow.CreateEvent(), Body: event, Followed: true}
	if calendar != "" {
		call.Operation, call.Args = flow.CreateEventIn(), flow.Args{"calendar": calendar}
	}
	body, err := g.ask(ctx, f, m, http.StatusCreated, call)
	if err != nil {
		return nil, fmt.Errorf("making an event of %s: %w", m.UPN, err)
	}
	return body, nil
}

// UpdateEvent changes an event, provided that it still has a version ("" is any),
// and gives it as it then is.
func (g *Graph) UpdateEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string, change []byte) (json.RawMessage, error) {
	body, err := g.ask(ctx, f, m, http.StatusOK, gate.Call{
		Operation: flow.UpdateEvent(), Args: flow.Args{"event": id}, IfMatch: version, Body: change, Followed: true,
	})
	if err != nil {
		return nil, fmt.Errorf("changing an event of %s: %w", m.UPN, err)
	}
	return body, nil
}

// DeleteEvent deletes an event, provided that it still has a version ("" is any).
func (g *Graph) DeleteEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string) error {
	_, err := g.ask(ctx, f, m, http.StatusNoContent, gate.Call{
		Operation: flow.DeleteEvent(), Args: flow.Args{"event": id}, IfMatch: version, Followed: true,
	})
	if err != nil {
		return fmt.Errorf("deleting an event of %s: %w", m.UPN, err)
	}
	return nil
}

// CancelEvent cancels a meeting of the mailbox's owner; parameters is the action's
// body.
func (g *Graph) CancelEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, version string, parameters []byte) error {
	return g.actOn(ctx, f, m, flow.CancelEvent(), id, version, parameters)
}

// RespondEvent answers an invitation: "accept", "tentativelyAccept" or "decline".
func (g *Graph) RespondEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id, answer string, parameters []byte) error {
	answers := map[string]flow.Operation{
		"accept": flow.AcceptEvent(), "tentativelyAccept": flow.TentativelyAcceptEvent(), "decline": flow.DeclineEvent(),
	}
	op, known := answers[answer]
	if !known {
		return fmt.Errorf("answering an invitation of %s: %q is no answer", m.UPN, answer)
	}
	return g.actOn(ctx, f, m, op, id, "", parameters)
}

func (g *Graph) actOn(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, op flow.Operation, id, version string, parameters []byte) error {
	_, err := g.ask(ctx, f, m, http.StatusAccepted, gate.Call{Operation: op, Args: flow.Args{"event": id}, IfMatch: version, Body: parameters, Followed: true})
	if err != nil {
		return fmt.Errorf("%s of an event of %s: %w", op.Name(), m.UPN, err)
	}
	return nil
}

// WholeEvent reads an event by its id with some of its extended properties; nil when
// there is none.
func (g *Graph) WholeEvent(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, id string, properties ...string) (json.RawMessage, error) {
	body, err := g.ask(ctx, f, m, http.StatusOK, gate.Call{
		Operation: flow.GetEvent(), Args: flow.Args{"event": id}, Query: url.Values{"$expand": {extended(properties)}}.Encode(),
	})
	if Is(err, CodeItemUnknown) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading an event of %s: %w", m.UPN, err)
	}
	return body, nil
}

// FindEvents finds the events of a calendar, "" for the default one, that have an
// extended property with a value.
func (g *Graph) FindEvents(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, calendar, property, value string) ([]json.RawMessage, error) {
	call := gate.Call{Operation: flow.FindEvents(), Query: url.Values{
		"$filter": {"singleValueExtendedProperties/any(ep: ep/id eq " + quoted(property) + " and ep/value eq " + quoted(value) + ")"},
		"$expand": {extended([]string{property})}, "$top": {"10"},
	}.Encode()}
	if calendar != "" {
		call.Operation, call.Args = flow.FindEventsIn(), flow.Args{"calendar": calendar}
	}
	return g.pages(ctx, f, m, call, "looking for an event")
}

// Instances lists the occurrences and exceptions of a series in a window of time.
func (g *Graph) Instances(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, series string, w graphwarden.Window) ([]json.RawMessage, error) {
	return g.pages(ctx, f, m, gate.Call{Operation: flow.ListInstances(), Args: flow.Args{"event": series}, Query: url.Values{
		"startDateTime": {w.Start.UTC().Format(time.RFC3339)}, "endDateTime": {w.End.UTC().Format(time.RFC3339)}, "$top": {"200"},
	}.Encode()}, "listing a series")
}

// pages reads all pages of a list of Outlook's items.
func (g *Graph) pages(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, call gate.Call, doing string) ([]json.RawMessage, error) {
	var all []json.RawMessage
	for {
		body, err := g.ask(ctx, f, m, http.StatusOK, call)
		if err != nil {
			return nil, fmt.Errorf("%s of %s: %w", doing, m.UPN, err)
		}
		var cut page.Page
		if err := cut.Cut(body); err != nil {
			return nil, fmt.Errorf("%s of %s: %w", doing, m.UPN, err)
		}
		for _, raw := range cut.Items {
			all = append(all, json.RawMessage(raw))
		}
		if cut.NextLink == "" {
			return all, nil
		}
		call.Query, call.Link = "", cut.NextLink
	}
}

// Schedule tells when people are free or busy, asked through m; people are those
// that the question names, in its order.
func (g *Graph) Schedule(ctx context.Context, f flow.Flow, m graphwarden.Mailbox, people []graphwarden.Mailbox, question []byte) (json.RawMessage, error) {
	body, err := g.ask(ctx, f, m, http.StatusOK, gate.Call{Operation: flow.GetSchedule(), Others: people, Body: question})
	if err != nil {
		return nil, fmt.Errorf("asking for the schedules of %d people: %w", len(people), err)
	}
	return body, nil
}

// extended is the $expand of extended properties.
func extended(properties []string) string {
	terms := make([]string, len(properties))
	for i, p := range properties {
		terms[i] = "id eq " + quoted(p)
	}
	return "singleValueExtendedProperties($filter=" + strings.Join(terms, " or ") + ")"
}

// quoted writes a string of OData.
func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
