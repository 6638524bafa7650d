package calendar

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/graphwarden/graphwarden/sim/graph/wire"
	"github.com/graphwarden/graphwarden/sim/world/calendar"
	"github.com/graphwarden/graphwarden/sim/world/mailbox"
	"github.com/graphwarden/graphwarden/sim/world/outlook"
	"github.com/graphwarden/graphwarden/sim/world/upload"
)

// family serves the calendars of a tenant.
type family struct {
	boxes *mailbox.Mailboxes
	cal   *calendar.Calendars
	files *upload.Sessions
}

// Routes gives the family's routes.
func Routes(boxes *mailbox.Mailboxes, cal *calendar.Calendars, files *upload.Sessions) []wire.Route {
	f := &family{boxes, cal, files}
	var all []wire.Route
	for _, prefix := range []string{
		"/users/{user}",
		"/users/{user}/calendar",
		"/users/{user}/calendars/{calendar}",
		"/users/{user}/calendarGroups/{calendarGroup}/calendars/{calendar}",
		"/groups/{group}",
		"/groups/{group}/calendar",
	} {
		all = append(all, under(prefix, slices.Concat(f.eventRoutes(), f.viewRoutes()))...)
		if strings.HasPrefix(prefix, "/users/") {
			all = append(all, under(prefix, slices.Concat(f.answerRoutes(), f.reminderRoutes(), f.attachmentRoutes(), f.extensionRoutes()))...)
		}
		if strings.Contains(prefix, "/calendar") {
			all = append(all, under(prefix, f.folderRoutes(strings.HasPrefix(prefix, "/users/")))...)
		}
	}
	all = append(all, under("/users/{user}", slices.Concat(f.uploadRoutes(), f.calendarRoutes(), f.groupRoutes(), f.mailboxRoutes()))...)
	return all
}

// under puts routes under a path. Where that leads to a user's mailbox, the
// kernel resolves it and checks the access to it.
func under(prefix string, routes []wire.Route) []wire.Route {
	out := make([]wire.Route, len(routes))
	for i, r := range routes {
		r.Path = prefix + r.Path
		if strings.HasPrefix(prefix, "/users/{user}") {
			r.Mailbox = "user"
		}
		r.Handle = worded(r.Handle)
		out[i] = r
	}
	return out
}

// worded gives the refusals of the tenant's calendars to the kernel.
func worded(handle func(*wire.Call) (wire.Answer, error)) func(*wire.Call) (wire.Answer, error) {
	return func(c *wire.Call) (wire.Answer, error) {
		a, err := handle(c)
		var p *outlook.Problem
		if !errors.As(err, &p) {
			return a, err
		}
		said := wire.Refuse(p.Status, p.Code, "%s", p.Message)
		if p.EventID != "" {
			said.Extra = wire.Doc{"@event.existingEventId": p.EventID}
		}
		return a, said
	}
}

// pages is what Outlook's collections offer (graph-facts §2.3).
func pages() wire.Offers {
	return wire.Offers{Filter: true, OrderBy: true, Count: true, Top: true, Skip: true, Expand: true, Page: 10, MaxPage: 1000}
}

// eventProperties are what Graph answers of an event that is asked for without
// $select (documentation of Create event, responses); cancelledOccurrences is
// given on demand only (graph-facts §7).
func eventProperties() map[string][]string {
	return map[string][]string{"event": {
		"createdDateTime", "lastModifiedDateTime", "changeKey", "categories", "transactionId", "originalStartTimeZone",
		"originalEndTimeZone", "iCalUId", "reminderMinutesBeforeStart", "isReminderOn", "hasAttachments", "subject",
		"bodyPreview", "importance", "sensitivity", "originalStart", "isAllDay", "isCancelled", "isDraft", "isOrganizer",
		"responseRequested", "seriesMasterId", "showAs", "type", "webLink", "onlineMeetingUrl", "isOnlineMeeting",
		"onlineMeetingProvider", "allowNewTimeProposals", "hideAttendees", "recurrence", "responseStatus", "body",
		"start", "end", "location", "locations", "attendees", "organizer", "onlineMeeting",
	}}
}

func (f *family) eventRoutes() []wire.Route {
	list, one := pages(), wire.Offers{Expand: true}
	event := func(method, path string, handle func(*wire.Call) (wire.Answer, error)) wire.Route {
		return wire.Route{Method: method, Path: path, Type: "event", Query: one, Default: eventProperties(), Expand: f.eventExpanders(), Handle: handle}
	}
	routes := []wire.Route{
		event("GET", "/events", f.list),
		event("POST", "/events", f.create),
		event("GET", "/events/{event}", f.get),
		event("PATCH", "/events/{event}", f.update),
		event("DELETE", "/events/{event}", f.remove),
		event("GET", "/events/{event}/instances", f.instances),
		{Method: "POST", Path: "/events/{event}/cancel", Body: wire.Action, Handle: f.cancel},
		{Method: "POST", Path: "/events/{event}/forward", Body: wire.Action, Handle: f.forward},
		{Method: "GET", Path: "/events/delta", Type: "event", Query: wire.Offers{Params: window()}, Handle: refuseEventDelta},
	}
	routes[0].Query = list
	routes[1].Body, routes[3].Body = "event", "event"
	routes[5].Query = list
	routes[5].Query.Params = window()
	return routes
}

// window are the parameters of a calendar view.
func window() []string { return []string{"startDateTime", "endDateTime"} }

func (f *family) viewRoutes() []wire.Route {
	view := wire.Route{Method: "GET", Path: "/calendarView", Type: "event", Query: pages(), Default: eventProperties(),
		Expand: f.eventExpanders(), Handle: f.view}
	view.Query.Params = window()
	delta := wire.Route{Method: "GET", Path: "/calendarView/delta", Type: "event", Context: "Collection(event)",
		Query: wire.Offers{NoSelect: true, Page: 10, MaxPage: 1000, Params: window()}, Handle: f.delta}
	return []wire.Route{view, delta}
}

// refuseEventDelta is Graph v1.0's answer to a delta of events outside a view
// (graph-facts §3.2).
func refuseEventDelta(*wire.Call) (wire.Answer, error) {
	return wire.Answer{}, wire.BadRequest("Change tracking is not supported against 'microsoft.graph.event'.")
}

func (f *family) answerRoutes() []wire.Route {
	var out []wire.Route
	for _, verb := range []string{"accept", "tentativelyAccept", "decline"} {
		out = append(out, wire.Route{Method: "POST", Path: "/events/{event}/" + verb, Body: wire.Action, Handle: f.respond(verb)})
	}
	return append(out, wire.Route{Method: "POST", Path: "/events/{event}/permanentDelete", Body: wire.Action, Handle: f.remove})
}

func (f *family) reminderRoutes() []wire.Route {
	return []wire.Route{
		{Method: "POST", Path: "/events/{event}/snoozeReminder", Body: wire.Action, Handle: f.snooze},
		{Method: "POST", Path: "/events/{event}/dismissReminder", Body: wire.Action, Handle: f.dismiss},
	}
}

// created answers with a new resource and where it is.
func created(c *wire.Call, d wire.Doc) wire.Answer {
	a := wire.Created(d)
	if id, ok := d["id"].(string); ok {
		a.Header = http.Header{"Location": {c.Link(nil) + "('" + id + "')"}}
	}
	return a
}
